-- Its author changed a message before anybody triaged it.
-- ARGV: id, payload, fingerprint, lowest schema that can read it -> {'amended' | 'late' | 'gone'}
local id = ARGV[1]
local t = redis.call('HMGET', key(id), 'state', 'key', 'context')
if not t[1] then return {'gone'} end
-- With a context, a model has answered already: the next one must see what that one saw.
if (t[1] ~= 'accepted' and t[1] ~= 'retry') or (t[3] or '') ~= '' then return {'late'} end
redis.call('HSET', key(id), 'payload', ARGV[2], 'v', ARGV[4])
redis.call('ZADD', 'tf:newer', 'XX', ARGV[4], id)
-- Accepting the new text again is a duplicate, not a conflict.
local idem = 'tf:idem:' .. t[2]
if redis.call('EXISTS', idem) == 1 then redis.call('HSET', idem, 'sha', ARGV[3]) end
tell(id, 'amended')
return {'amended'}
