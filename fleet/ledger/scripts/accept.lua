-- ARGV: id, key, fingerprint, payload, lane, queue, source, max age ms, bound, idempotency ttl ms, schema
-- -> {'accepted' | 'duplicate' | 'conflict' | 'full', id, time}
local id, lane, queue = ARGV[1], ARGV[5], ARGV[6]
local idem = 'tf:idem:' .. ARGV[2]
local known = redis.call('HMGET', idem, 'id', 'sha')
if known[1] then
  return {known[2] == ARGV[3] and 'duplicate' or 'conflict', known[1], now}
end
-- A producer may choose ids. One in use is never written over: its ticket may be at work, with a fence.
if redis.call('EXISTS', key(id)) == 1 then return {'conflict', id, now} end
local open = 0
for _, name in ipairs({'urgent', 'normal', 'bulk'}) do open = open + redis.call('ZCARD', 'tf:open:' .. name) end
if open >= tonumber(ARGV[9]) then
  redis.call('HINCRBY', 'tf:n', 'refused_full', 1)
  return {'full', '', now}
end
redis.call('HSET', key(id), 'v', ARGV[11], 'key', ARGV[2], 'payload', ARGV[4], 'lane', lane, 'source', ARGV[7],
  'accepted_at', now, 'deadline', now + ARGV[8], 'attempts', 0, 'crashes', 0, 'fence', 0, 'cost_nusd', 0)
redis.call('HSET', idem, 'id', id, 'sha', ARGV[3])
redis.call('PEXPIRE', idem, ARGV[10])
redis.call('ZADD', 'tf:open:' .. lane, now, id)
redis.call('HINCRBY', 'tf:n', 'accepted', 1)
redis.call('HINCRBY', 'tf:n', 'accepted:' .. ARGV[7], 1)
count('waiting', lane, 1)
offer(id, queue)
tell(id, 'accepted', '"queue":"' .. queue .. '","source":"' .. ARGV[7] .. '"')
return {'accepted', id, now}
