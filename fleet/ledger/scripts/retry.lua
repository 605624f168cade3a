-- ARGV: id, fence, delay ms, attempts given back, reason, error (JSON string), calls, cost, schema that this release cannot
-- read -> {'ok', now} | {'stale'}
-- Without a delay the ticket is offered at once and the caller sends the hint; with one the reaper does, when it is due.
local id = ARGV[1]
local lane = held(id, ARGV[2])
if not lane then return {'stale'} end
local delay = tonumber(ARGV[3])
spend(id, ARGV[8], ARGV[7])
-- Not -ARGV[4] of nothing: Lua makes -0 of it, which Redis 7.0 refuses as no integer.
if ARGV[4] ~= '0' then redis.call('HINCRBY', key(id), 'attempts', '-' .. ARGV[4]) end
redis.call('HSET', key(id), 'state', 'retry', 'next_at', now + delay, 'error', ARGV[6], 'waits_for', ARGV[5])
redis.call('HDEL', key(id), 'worker')
-- What its schema did not tell, its payload did: only a release after this one can read it.
if ARGV[5] == 'newer' then
  redis.call('HSETNX', key(id), 'newer_at', now)
  redis.call('ZADD', 'tf:newer', ARGV[9], id)
end
move(lane, 'running', 'waiting')
if delay > 0 then
  redis.call('ZADD', 'tf:due', now + delay, id)
else
  redis.call('ZREM', 'tf:due', id)
  offer(id, redis.call('HGET', key(id), 'queue'))
end
redis.call('HINCRBY', 'tf:n', 'retries', 1)
tell(id, 'retry', '"reason":"' .. ARGV[5] .. '","delay_ms":' .. delay .. ',"error":' .. ARGV[6]
  .. (ARGV[7] ~= '' and ',"calls":' .. ARGV[7] or ''))
return {'ok', now}
