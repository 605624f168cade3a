-- Take bursts that are due, for so long as the lease: later messages open new ones.
-- ARGV: most of them, lease ms -> {ms until the next one is due or -1, burst, rev, {message, post, …}, {message, edit, …}, …}
local found = {-1}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', DUE, '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local b = redis.call('HMGET', burst_key(id), 'state', 'line', 'rev')
  if b[2] and redis.call('GET', 'tf:burst:open:' .. b[2]) == id then redis.call('DEL', 'tf:burst:open:' .. b[2]) end
  local posts = redis.call('HGETALL', posts_key(id))
  if #posts == 0 and (not b[1] or b[1] == 'open') then  -- everything in it was taken back before it was a ticket
    forget(id)
    redis.call('ZREM', DUE, id)
  else
    redis.call('HSET', burst_key(id), 'state', 'closing')
    redis.call('ZADD', DUE, now + ARGV[2], id)
    local n = #found
    found[n + 1], found[n + 2], found[n + 3] = id, b[3], posts
    found[n + 4] = redis.call('HGETALL', texts_key(id))
  end
end
local next_one = redis.call('ZRANGE', DUE, 0, 0, 'WITHSCORES')
if next_one[2] then found[1] = math.max(0, next_one[2] - now) end
return found
