-- The ledger holds what was read of the burst. What changed since then is still to be told to it.
-- ARGV: burst, rev that was read, remember ms (0: forget it) -> {'settled' | 'changed' | 'gone' (another one ended it)}
local id = ARGV[1]
if ARGV[3] == '0' then
  redis.call('ZREM', DUE, id)
  forget(id)
  return {'settled'}
end
local rev = redis.call('HGET', burst_key(id), 'rev') or '0'
if redis.call('EXISTS', burst_key(id)) == 0 then
  redis.call('ZREM', DUE, id)
  return {'gone'}
end
if rev ~= ARGV[2] then
  redis.call('ZADD', DUE, now, id)
  return {'changed'}
end
redis.call('ZREM', DUE, id)
redis.call('HSET', burst_key(id), 'state', 'accepted')
for _, name in ipairs({burst_key(id), posts_key(id), texts_key(id)}) do redis.call('PEXPIRE', name, ARGV[3]) end
return {'settled'}
