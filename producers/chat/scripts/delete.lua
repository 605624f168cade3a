-- ARGV: message, remember ms -> {'open' | 'closing' | 'accepted' | 'early' | 'known' | 'late'}
local burst = redis.call('GET', 'tf:burst:m:' .. ARGV[1])
if not burst then
  redis.call('SET', 'tf:burst:e:' .. ARGV[1], '-', 'PX', ARGV[2])
  return {'early'}
end
if burst == '' then return {'known'} end
if redis.call('HDEL', posts_key(burst), ARGV[1]) == 0 then return {'late'} end
redis.call('HDEL', texts_key(burst), ARGV[1])
redis.call('SET', 'tf:burst:m:' .. ARGV[1], '', 'PX', ARGV[2])
redis.call('HINCRBY', burst_key(burst), 'n', -1)
return {changed(burst)}
