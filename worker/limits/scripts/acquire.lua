-- One permit: requests, input and output tokens, breaker and budget, all or nothing. Twin: worker/limits/memory.py
-- ARGV: model, then rate per ms and capacity of requests, input, output (6); floor share, longest wait ms,
--       input estimate, prompt, first output estimate, largest output, reserve nusd, day cap, minute cap (-1: none),
--       share of the day usable in this lane, soft share, is frontier and not exempt (1/0), urgent (1/0)
-- -> {'go', wait ms, epoch, output estimate, day, minute, soft, probe} | {'no', refusal, delay ms, spread ms}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local model = ARGV[1]
local key = 'tf:lim:' .. model
local h = redis.call('HMGET', key, 'at', 'l1', 'l2', 'l3', 'until', 'kind', 'probe', 'eo:' .. ARGV[11], 'ed:' .. ARGV[11],
  'r1', 'r2', 'r3')
local function number(i, default) return tonumber(h[i] or default) or default end

-- Those who are sent away come back over the time that all who wait will need, and not in one instant.
local function no(refusal, delay)
  local spread = redis.call('ZCARD', 'tf:due') / math.min(tonumber(ARGV[2]), number(10, 1e15))
  return {'no', refusal, math.ceil(delay), math.ceil(math.min(spread, 120000))}
end

-- Breaker and pause: closed is 'until' = 0. After it ends one probe goes out for the whole fleet.
local stop, probe = number(5, 0), 0
if stop > 0 then
  local kind = h[6] or 'breaker'
  if now < stop then return no(kind, stop - now) end
  if number(7, 0) > now then return no(kind, 1000) end
  probe = 1
end

-- Money first: it is the only thing that cannot be had back by waiting a little.
local day = tostring(math.floor(now / 86400000))
local minute = math.floor(now / 60000)
local reserve, day_cap, minute_cap = tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16])
local soft = 0
if day_cap >= 0 then
  local b = redis.call('HMGET', 'tf:bud:' .. day, 'spent', 'reserved')
  local spent = tonumber(b[1] or 0)
  local used, usable = spent + tonumber(b[2] or 0), day_cap * tonumber(ARGV[17])
  if spent >= day_cap * tonumber(ARGV[18]) then soft = 1 end
  if soft == 1 and ARGV[19] == '1' then return no('soft_cap', 0) end
  if used + reserve > usable then
    -- Calls under way hold more than they will cost: what they give back is worth waiting for.
    if spent + reserve <= usable then return no('budget_reserved', 2000) end
    -- The cap may be raised before the day ends, so look again now and then.
    return no('budget', math.min(60000, 86400000 - now % 86400000))
  end
end
if minute_cap >= 0 then
  local used = tonumber(redis.call('GET', 'tf:bud:m:' .. minute) or 0)
  if used > 0 and used + reserve > minute_cap then return no('minute_budget', 60000 - now % 60000) end
end

-- The output a call of this prompt may need: mean plus two mean deviations, once there is experience.
local expected = number(8, -1)
local output = expected < 0 and tonumber(ARGV[12]) or math.min(expected + 2 * number(9, 0) + 1, tonumber(ARGV[13]))
local costs = {1, tonumber(ARGV[10]), output}
local at = number(1, now)
local levels, wait = {}, 0
for i = 1, 3 do
  -- The provider's own limit, where its headers show a smaller one than we were told.
  local rate = math.min(tonumber(ARGV[2 * i]), number(9 + i, 1e15))
  local capacity = math.max(tonumber(ARGV[2 * i + 1]), 1)
  local level = math.min(capacity, number(1 + i, capacity) + math.max(0, now - at) * rate)
  local cost = math.min(costs[i], capacity)
  local short = cost + tonumber(ARGV[8]) * capacity - level
  if cost + tonumber(ARGV[8]) * capacity > capacity then short = capacity - level end
  wait = math.max(wait, short / rate)
  levels[i] = level
end
if wait > tonumber(ARGV[9]) then return no('limit', wait - ARGV[9] / 2) end

local epoch = math.floor(now / 60000)
redis.call('HSET', key, 'at', math.max(now, at), 'l1', levels[1] - costs[1], 'l2', levels[2] - costs[2],
  'l3', levels[3] - costs[3])
for i = 1, 3 do redis.call('HINCRBYFLOAT', key, 'o' .. i .. ':' .. epoch, costs[i]) end
if probe == 1 then redis.call('HSET', key, 'probe', now + 60000) end
if day_cap >= 0 or reserve > 0 then
  redis.call('HINCRBY', 'tf:bud:' .. day, 'reserved', reserve)
  redis.call('EXPIRE', 'tf:bud:' .. day, 3 * 86400)
end
redis.call('INCRBY', 'tf:bud:m:' .. minute, reserve)
redis.call('EXPIRE', 'tf:bud:m:' .. minute, 7200)
return {'go', math.max(0, math.ceil(wait)), epoch, math.ceil(output), day, minute, soft, probe}
