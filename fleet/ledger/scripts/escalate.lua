-- ARGV: id, fence, queue, reason, calls, cost, context -> {'ok', now} | {'stale'}
local id = ARGV[1]
local lane = held(id, ARGV[2])
if not lane then return {'stale'} end
spend(id, ARGV[6], ARGV[5])
-- A tier starts with all its attempts: what the other one used up was not spent on this model.
redis.call('HSET', key(id), 'context', ARGV[7], 'attempts', 0)
redis.call('HDEL', key(id), 'worker')
redis.call('ZREM', 'tf:due', id)
move(lane, 'running', 'waiting')
offer(id, ARGV[3])
redis.call('HINCRBY', 'tf:n', 'escalated', 1)
tell(id, 'escalated', '"reason":"' .. ARGV[4] .. '","queue":"' .. ARGV[3] .. '"'
  .. (ARGV[5] ~= '' and ',"calls":' .. ARGV[5] or ''))
return {'ok', now}
