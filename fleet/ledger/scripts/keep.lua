-- A message that is no ticket: kept as it came, and parked at once where a person sees it.
-- ARGV: id, key, fingerprint, payload, lane, source, reason, error (JSON string), raw, idempotency ttl ms, schema
-- -> {'accepted' | 'duplicate' | 'conflict', id, time}
local id, lane = ARGV[1], ARGV[5]
local idem = 'tf:idem:' .. ARGV[2]
local known = redis.call('HMGET', idem, 'id', 'sha')
if known[1] then
  return {known[2] == ARGV[3] and 'duplicate' or 'conflict', known[1], now}
end
redis.call('HSET', key(id), 'v', ARGV[11], 'key', ARGV[2], 'payload', ARGV[4], 'lane', lane, 'source', ARGV[6],
  'accepted_at', now, 'deadline', now, 'attempts', 0, 'crashes', 0, 'fence', 0, 'cost_nusd', 0, 'error', ARGV[8],
  'raw', ARGV[9])
redis.call('HSET', idem, 'id', id, 'sha', ARGV[3])
redis.call('PEXPIRE', idem, ARGV[10])
redis.call('HINCRBY', 'tf:n', 'accepted', 1)
redis.call('HINCRBY', 'tf:n', 'accepted:' .. ARGV[6], 1)
count('waiting', lane, 1)
tell(id, 'accepted', '"source":"' .. ARGV[6] .. '"')
park(id, lane, 'waiting', ARGV[7], '"reason":"' .. ARGV[7] .. '","error":' .. ARGV[8])
return {'accepted', id, now}
