-- ARGV: id, queue of the small tier without lane, max age ms -> {'ok', now, queue} | {state or 'gone'}
local id = ARGV[1]
local t = redis.call('HMGET', key(id), 'state', 'lane', 'reason')
if t[1] ~= 'parked' then return {t[1] or 'gone'} end
local lane = t[2]
local queue = lane == 'normal' and ARGV[2] or (ARGV[2] .. '.' .. lane)
redis.call('ZREM', 'tf:dlq', id)
redis.call('ZADD', 'tf:open:' .. lane, redis.call('HGET', key(id), 'accepted_at'), id)
redis.call('HSET', key(id), 'attempts', 0, 'crashes', 0, 'deadline', now + ARGV[3])
redis.call('HDEL', key(id), 'reason', 'parked_at', 'context')
redis.call('HINCRBY', key(id), 'replays', 1)
redis.call('HINCRBY', 'tf:n', 'dead:' .. t[3], -1)
move(lane, 'parked', 'waiting')
offer(id, queue)
tell(id, 'replayed', '"queue":"' .. queue .. '"')
return {'ok', now, queue}
