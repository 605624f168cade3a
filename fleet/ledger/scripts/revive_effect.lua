-- ARGV: effect id, 'replay' | 'discard' -> 1 | 0: what a person decides about a parked delivery
local id = ARGV[1]
local effect = 'tf:e:' .. id
if redis.call('ZREM', 'tf:outdlq', id) == 0 then return 0 end
if ARGV[2] == 'discard' then
  redis.call('DEL', effect)
else
  redis.call('HSET', effect, 'not_before', 0, 'made_at', now, 'attempts', 0)
  redis.call('ZADD', 'tf:out', now, id)
end
return 1
