-- ARGV: id, why (JSON string), retention ms -> {'ok', now} | {state or 'gone'}
local id = ARGV[1]
local t = redis.call('HMGET', key(id), 'state', 'lane', 'reason')
if t[1] ~= 'parked' then return {t[1] or 'gone'} end
redis.call('ZREM', 'tf:dlq', id)
redis.call('HSET', key(id), 'state', 'discarded', 'finished_at', now)
redis.call('HINCRBY', 'tf:n', 'discarded', 1)
redis.call('HINCRBY', 'tf:n', 'dead:' .. t[3], -1)
move(t[2], 'parked', 'discarded')
tell(id, 'discarded', '"why":' .. ARGV[2])
redis.call('PEXPIRE', key(id), ARGV[3])
redis.call('PEXPIRE', 'tf:h:' .. id, ARGV[3])
return {'ok', now}
