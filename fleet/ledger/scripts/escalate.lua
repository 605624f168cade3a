-- ARGV: id, fence, queue, reason, calls, cost, context -> {'ok', now} | {'stale'}
local id = ARGV[1]
local lane = held(id, ARGV[2])
if not lane then return {'stale'} end
spend(id, ARGV[6], ARGV[5])
redis.call('HSET', key(id), 'context', ARGV[7])
redis.call('HDEL', key(id), 'worker')
redis.call('ZREM', 'tf:due', id)
move(lane, 'running', 'waiting')
offer(id, ARGV[3])
redis.call('HINCRBY', 'tf:n', 'escalated', 1)
tell(id, 'escalated', '"reason":"' .. ARGV[4] .. '","queue":"' .. ARGV[3] .. '"'
  .. (ARGV[5] ~= '' and ',"calls":' .. ARGV[5] or ''))
return {'ok', now}
