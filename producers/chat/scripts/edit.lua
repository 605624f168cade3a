-- ARGV: message, message id, text, remember ms -> {'open' | 'closing' | 'accepted' | 'early' | 'late'}
local burst = redis.call('GET', 'tf:burst:m:' .. ARGV[1])
if not burst then
  redis.call('SET', 'tf:burst:e:' .. ARGV[1], '=' .. ARGV[3], 'PX', ARGV[4])
  return {'early'}
end
if burst == '' or redis.call('HEXISTS', posts_key(burst), ARGV[2]) == 0 then return {'late'} end
redis.call('HSET', texts_key(burst), ARGV[2], ARGV[3])
return {changed(burst)}
