-- ARGV: id, fence, reason, error (JSON string), calls, cost -> {'ok', now} | {'stale'}
local id = ARGV[1]
local lane = held(id, ARGV[2])
if not lane then return {'stale'} end
spend(id, ARGV[6], ARGV[5])
redis.call('HSET', key(id), 'error', ARGV[4])
park(id, lane, 'running', ARGV[3], '"reason":"' .. ARGV[3] .. '","error":' .. ARGV[4]
  .. (ARGV[5] ~= '' and ',"calls":' .. ARGV[5] or ''))
return {'ok', now}
