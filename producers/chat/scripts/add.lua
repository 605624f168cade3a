-- ARGV: line, message, message id, post (JSON), bytes, new burst's id, quiet ms, longest ms, most messages, most bytes,
--       remember ms, bound of the backlog -> {'added' | 'known' | 'deleted' | 'full'}
local line, message, id = 'tf:burst:open:' .. ARGV[1], 'tf:burst:m:' .. ARGV[2], ARGV[3]
if redis.call('EXISTS', message) == 1 then return {'known'} end
local early = redis.call('GET', 'tf:burst:e:' .. ARGV[2])
if early == '-' then
  redis.call('SET', message, '', 'PX', ARGV[11])
  return {'deleted'}
end
local open = redis.call('ZCARD', DUE)
for _, name in ipairs({'urgent', 'normal', 'bulk'}) do open = open + redis.call('ZCARD', 'tf:open:' .. name) end
if open >= tonumber(ARGV[12]) then return {'full'} end
local size, burst = tonumber(ARGV[5]), redis.call('GET', line)
local b = burst and redis.call('HMGET', burst_key(burst), 'state', 'n', 'bytes', 'first')
if not b or b[1] ~= 'open' then
  burst = nil
elseif b[2] + 1 > tonumber(ARGV[9]) or b[3] + size > tonumber(ARGV[10]) then
  redis.call('ZADD', DUE, now, burst)  -- it is as large as a ticket may be
  burst = nil
end
local first = now
if burst then
  first = tonumber(b[4])
else
  burst = ARGV[6]
  redis.call('SET', line, burst)
  redis.call('HSET', burst_key(burst), 'line', ARGV[1], 'state', 'open', 'n', 0, 'bytes', 0, 'first', now, 'rev', 0)
end
redis.call('HSET', posts_key(burst), id, ARGV[4])
if early then redis.call('HSET', texts_key(burst), id, string.sub(early, 2)) end
redis.call('HINCRBY', burst_key(burst), 'n', 1)
redis.call('HINCRBY', burst_key(burst), 'bytes', ARGV[5])
redis.call('ZADD', DUE, math.min(now + ARGV[7], first + ARGV[8]), burst)
redis.call('SET', message, burst, 'PX', ARGV[11])
return {'added'}
