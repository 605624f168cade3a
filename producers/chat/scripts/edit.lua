-- ARGV: message, text, when it was edited (ms, 0: now), remember ms
-- -> {'open' | 'closing' | 'accepted' | 'early' | 'late' | 'old' (a later edit is known)}
local at = ARGV[3] == '0' and now or tonumber(ARGV[3])
local edit = at .. '=' .. ARGV[2]
local function is_old(known) return known and at < tonumber(string.match(known, '^(%d+)=') or 0) end

local burst = redis.call('GET', 'tf:burst:m:' .. ARGV[1])
if not burst then
  local early = redis.call('GET', 'tf:burst:e:' .. ARGV[1])
  if early == '-' or is_old(early) then return {'old'} end
  redis.call('SET', 'tf:burst:e:' .. ARGV[1], edit, 'PX', ARGV[4])
  return {'early'}
end
if burst == '' or redis.call('HEXISTS', posts_key(burst), ARGV[1]) == 0 then return {'late'} end
if is_old(redis.call('HGET', texts_key(burst), ARGV[1])) then return {'old'} end
redis.call('HSET', texts_key(burst), ARGV[1], edit)
return {changed(burst)}
