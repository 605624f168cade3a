-- Find tickets that nobody is looking at, and answer those that need a hint.
-- ARGV: limit, slack ms, max crashes, quarantine queue, newest schema known, then the queues whose list is empty at the broker
-- -> {now, expired leases, parked, lost hints, id, queue, id, queue, …}
local limit, slack, quarantine = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[4]
local answer, expired, parked, lost = {now, 0, 0, 0}, 0, 0, 0

local function send(id, queue)
  offer(id, queue)
  answer[#answer + 1] = id
  answer[#answer + 1] = queue
end

-- 1. Leases that ended (the worker died, froze or lost the network) and retries whose time has come.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'tf:due', '-inf', now, 'LIMIT', 0, limit)) do
  local t = redis.call('HMGET', key(id), 'state', 'queue', 'lane', 'worker')
  redis.call('ZREM', 'tf:due', id)
  if t[1] == 'retry' then
    send(id, t[2])
  elseif t[1] == 'running' then
    expired = expired + 1
    local crashes = redis.call('HINCRBY', key(id), 'crashes', 1)
    redis.call('HINCRBY', 'tf:n', 'leases_expired', 1)
    tell(id, 'lease_expired', '"crashes":' .. crashes .. ',"worker":' .. cjson.encode(t[4] or ''))
    -- A process that dies takes all its tickets with it. Only one that died alone, in quarantine, is proven guilty.
    if t[2] == quarantine and crashes >= tonumber(ARGV[3]) then
      parked = parked + 1
      park(id, t[3], 'running', 'crashed', '"reason":"crashed","crashes":' .. crashes)
    else
      move(t[3], 'running', 'waiting')
      send(id, crashes >= 2 and quarantine or t[2])
    end
  end
end

-- 2. Tickets that other workers were too old for, and this one is not.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'tf:newer', '-inf', ARGV[5], 'LIMIT', 0, limit)) do
  local t = redis.call('HMGET', key(id), 'state', 'waits_for', 'queue')
  redis.call('ZREM', 'tf:newer', id)
  if t[1] == 'retry' and t[2] == 'newer' then
    redis.call('ZREM', 'tf:due', id)
    send(id, t[3])
  end
end

-- 3. Waiting tickets whose hint is provably lost: later hints of that queue were taken, or its list is empty.
local empty = {}
for i = 6, #ARGV do empty[ARGV[i]] = true end
local marks = redis.call('HGETALL', 'tf:wm')
local bound = {}
for i = 1, #marks, 2 do bound[marks[i]] = math.min(marks[i + 1], now) - slack end
for queue in pairs(empty) do bound[queue] = now - slack end
for queue, before in pairs(bound) do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'tf:wait:' .. queue, '-inf', '(' .. before, 'LIMIT', 0, limit)) do
    lost = lost + 1
    redis.call('HINCRBY', 'tf:n', 'redispatched', 1)
    tell(id, 'redispatched', '"queue":"' .. queue .. '"')
    send(id, queue)
  end
end
answer[2], answer[3], answer[4] = expired, parked, lost
return answer
