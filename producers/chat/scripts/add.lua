-- ARGV: line, message, post (JSON), bytes, new burst's id, quiet ms, longest ms, most messages, most bytes, remember ms,
--       bound of the backlog -> {'added' | 'ended' (the burst is due now) | 'known' | 'deleted' | 'full'}
local line, message = 'tf:burst:open:' .. ARGV[1], 'tf:burst:m:' .. ARGV[2]
local size, most, most_bytes = tonumber(ARGV[4]), tonumber(ARGV[8]), tonumber(ARGV[9])
if redis.call('EXISTS', message) == 1 then return {'known'} end
local early = redis.call('GET', 'tf:burst:e:' .. ARGV[2])
if early == '-' then
  redis.call('SET', message, '', 'PX', ARGV[10])
  return {'deleted'}
end
local open = redis.call('ZCARD', DUE)
for _, name in ipairs({'urgent', 'normal', 'bulk'}) do open = open + redis.call('ZCARD', 'tf:open:' .. name) end
if open >= tonumber(ARGV[11]) then return {'full'} end

local answer, burst = 'added', redis.call('GET', line)
local b = burst and redis.call('HMGET', burst_key(burst), 'state', 'bytes', 'first')
if not b or b[1] ~= 'open' then
  burst = nil
elseif (b[2] or 0) + size > most_bytes then
  redis.call('ZADD', DUE, now, burst)
  answer, burst = 'ended', nil
end
local first = burst and tonumber(b[3] or now) or now
if not burst then
  burst = ARGV[5]
  redis.call('SET', line, burst)
  redis.call('HSET', burst_key(burst), 'line', ARGV[1], 'state', 'open', 'n', 0, 'bytes', 0, 'first', now, 'rev', 0)
end
redis.call('HSET', posts_key(burst), ARGV[2], ARGV[3])
if early then redis.call('HSET', texts_key(burst), ARGV[2], early) end
redis.call('SET', message, burst, 'PX', ARGV[10])
local n = redis.call('HINCRBY', burst_key(burst), 'n', 1)
local due = math.min(now + ARGV[6], first + ARGV[7])
if redis.call('HINCRBY', burst_key(burst), 'bytes', size) >= most_bytes or n >= most then
  redis.call('DEL', line)  -- it is as large as a burst may be: the next message opens another
  answer, due = 'ended', now
end
redis.call('ZADD', DUE, due, burst)
return {answer}
