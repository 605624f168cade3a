-- The ledger holds what was read of the burst. What changed since then is still to be told to it.
-- ARGV: burst, rev that was read, remember ms (0: forget it) -> {'settled' | 'changed'}
local id = ARGV[1]
if (redis.call('HGET', burst_key(id), 'rev') or ARGV[2]) ~= ARGV[2] and ARGV[3] ~= '0' then
  redis.call('ZADD', DUE, now, id)
  return {'changed'}
end
redis.call('ZREM', DUE, id)
if ARGV[3] == '0' then
  forget(id)
else
  redis.call('HSET', burst_key(id), 'state', 'accepted')
  redis.call('PEXPIRE', burst_key(id), ARGV[3])
  redis.call('PEXPIRE', posts_key(id), ARGV[3])
  redis.call('PEXPIRE', texts_key(id), ARGV[3])
end
return {'settled'}
