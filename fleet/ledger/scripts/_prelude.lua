-- What every script shares. Keys are named in docs/architecture.md; all of them start with tf:.
-- Times are milliseconds of the server's own clock, so that no two machines have to agree on one.
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local now = now_ms()

local function key(id) return 'tf:t:' .. id end

-- Events that `triage tail` follows, on a stream of bounded length.
local LOUD = {triaged = true, parked = true, escalated = true, retry = true}

-- One line of the ticket's story. `fields` is a JSON object without its braces, or ''.
local function tell(id, event, fields)
  local rest = (fields and fields ~= '') and (',' .. fields) or ''
  local story = 'tf:h:' .. id
  if LOUD[event] then
    redis.call('XADD', 'tf:tail', 'MAXLEN', '~', 10000, '*', 'id', id, 'event', event, 'data', '{' .. (fields or '') .. '}')
  end
  local length = redis.call('RPUSH', story, '{"at":' .. now .. ',"event":"' .. event .. '"' .. rest .. '}')
  -- A ticket held back for days by an outage must not fill the memory; its sums stand in its hash.
  if length > 1000 then redis.call('LTRIM', story, -800, -1) end
end

-- Counters of tickets by state and lane, so that nobody has to walk the keys to draw a graph.
local function count(state, lane, by) redis.call('HINCRBY', 'tf:n', state .. ':' .. lane, by) end

local function move(lane, from, to)
  count(from, lane, -1)
  count(to, lane, 1)
end

-- Put a ticket where a hint finds it: in the list of its queue, stamped with the time of this dispatch.
local function offer(id, queue)
  redis.call('HSET', key(id), 'state', 'accepted', 'queue', queue, 'disp', now)
  redis.call('ZADD', 'tf:wait:' .. queue, now, id)
end

-- The end of a ticket: nobody has to look at it again.
local function close(id, lane)
  redis.call('ZREM', 'tf:due', id)
  redis.call('ZREM', 'tf:open:' .. lane, id)
end

local function park(id, lane, from, reason, fields)
  redis.call('HSET', key(id), 'state', 'parked', 'reason', reason, 'parked_at', now)
  redis.call('HDEL', key(id), 'worker')
  close(id, lane)
  redis.call('ZADD', 'tf:dlq', now, id)
  move(lane, from, 'parked')
  redis.call('HINCRBY', 'tf:n', 'dead:' .. reason, 1)
  tell(id, 'parked', fields)
end

-- The claim's holder is the only one who may write. Answers the lane, or false and counts the refusal.
local function held(id, fence)
  local t = redis.call('HMGET', key(id), 'state', 'fence', 'lane')
  if t[1] == 'running' and t[2] == fence then return t[3] end
  redis.call('HINCRBY', 'tf:n', 'stale', 1)
  return false
end

local function spend(id, cost, calls)
  if calls ~= '' then
    redis.call('HINCRBY', key(id), 'cost_nusd', cost)
    redis.call('HINCRBY', 'tf:n', 'cost_nusd', cost)
  end
end
