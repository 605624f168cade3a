-- Its author took a message back before anybody triaged it: it ends without a verdict.
-- ARGV: id, why (JSON string), retention ms -> {'withdrawn' | 'late' | 'gone'}
local id = ARGV[1]
local t = redis.call('HMGET', key(id), 'state', 'lane', 'queue', 'context')
if not t[1] then return {'gone'} end
if t[1] == 'discarded' then return {'withdrawn'} end
if (t[1] ~= 'accepted' and t[1] ~= 'retry') or (t[4] or '') ~= '' then return {'late'} end
close(id, t[2])
redis.call('ZREM', 'tf:wait:' .. t[3], id)
redis.call('ZREM', 'tf:newer', id)
redis.call('HSET', key(id), 'state', 'discarded', 'finished_at', now)
redis.call('HINCRBY', 'tf:n', 'discarded', 1)
move(t[2], 'waiting', 'discarded')
tell(id, 'withdrawn', '"why":' .. ARGV[2])
redis.call('PEXPIRE', key(id), ARGV[3])
redis.call('PEXPIRE', 'tf:h:' .. id, ARGV[3])
return {'withdrawn'}
