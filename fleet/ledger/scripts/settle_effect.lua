-- ARGV: effect id, 'sent' | 'later' | 'parked', delay ms, error (JSON string) -> 1 | 0
local id, how = ARGV[1], ARGV[2]
local effect = 'tf:e:' .. id
local t = redis.call('HMGET', effect, 'ticket', 'sink')
if not t[1] then return 0 end
-- A parked effect is a person's; a sender that comes late with anything but success has no say in it.
if how ~= 'sent' and not redis.call('ZSCORE', 'tf:out', id) then return 0 end
local history = redis.call('EXISTS', key(t[1])) == 1
if how == 'sent' then
  redis.call('ZREM', 'tf:out', id)
  redis.call('ZREM', 'tf:outdlq', id)
  redis.call('DEL', effect)
  if history then tell(t[1], 'delivered', '"sink":"' .. t[2] .. '"') end
elseif how == 'later' then
  redis.call('HSET', effect, 'not_before', now + ARGV[3], 'error', ARGV[4])
  redis.call('ZADD', 'tf:out', now + ARGV[3], id)
else
  redis.call('ZREM', 'tf:out', id)
  redis.call('HSET', effect, 'error', ARGV[4], 'parked_at', now)
  redis.call('ZADD', 'tf:outdlq', now, id)
  if history then tell(t[1], 'delivery_parked', '"sink":"' .. t[2] .. '","error":' .. ARGV[4]) end
end
return 1
