-- One permit: requests, input and output tokens, breaker and budget, all or nothing. Twin: worker/limits/memory.py
-- ARGV: input tokens, prompt, largest output, reserve nusd, refuse above the soft cap (1/0), name of the call for lost.lua
-- -> {'go', wait ms, minute, number, output tokens, soft, probe} | {'no', refusal, delay ms, spread ms}
local reserve = tonumber(ARGV[4])
local h = redis.call('HMGET', key, 'levels', 'breaker', 'x:' .. ARGV[2])
local s = load_levels(h[1])
local rates, capacities = refill(s)

-- The output a call of this prompt may need: mean plus two mean deviations, once there is experience.
local largest = tonumber(ARGV[3])
local output = math.floor(largest / 2)
if is_whole(h[3], '<dd') then
  local mean, deviation = struct.unpack('<dd', h[3])
  output = math.min(math.ceil(mean + 2 * deviation) + 1, largest)
end
local costs = {1, tonumber(ARGV[1]), output}

-- Those who are sent away come back over the time that all who wait will need, and not in one instant.
local function no(refusal, delay)
  local waiting = math.min(redis.call('ZCARD', 'tf:due'), redis.call('ZCARD', 'tf:open:' .. LANE))
  local each = math.max(costs[1] / rates[1], costs[2] / rates[2], costs[3] / rates[3])
  return {'no', refusal, math.ceil(delay), math.ceil(math.min(waiting * each, LONGEST_SPREAD_MS))}
end

-- After a model was closed one probe goes out for the whole fleet.
local b
if h[2] and #h[2] >= 8 and struct.unpack('<d', h[2]) > 0 then
  b = load_breaker(h[2])
  if now < b[UNTIL] then return no(KINDS[b[KIND]], b[UNTIL] - now) end
  if now < b[PROBE] then return no(KINDS[b[KIND]], 1000) end
end

-- Money: it is the only thing that cannot be had back by waiting a little.
local soft, day, reserved = 0, nil, nil
if DAY_USABLE then
  day = 'tf:bud:' .. math.floor(minute / 1440)
  local d = redis.call('HMGET', day, 'spent', 'reserved', 'at')
  local spent = tonumber(d[1] or 0)
  reserved = tonumber(d[2] or 0)
  if spent >= SOFT_FROM then soft = 1 end
  if soft == 1 and ARGV[5] == '1' then return no('soft_cap', 0) end
  if spent + reserved + reserve > DAY_USABLE then
    -- Calls under way hold more than they will cost, and what they give back is worth waiting for; dead ones give nothing.
    if spent + reserve <= DAY_USABLE and now - (d[3] or 0) < RESERVED_LIFE_MS then return no('budget_reserved', 2000) end
    -- The cap may be raised before the day ends, so look again now and then.
    return no('budget', math.min(60000, 86400000 - now % 86400000))
  end
end
if MINUTE_CAP then
  local used = tonumber(redis.call('GET', 'tf:bud:m:' .. minute) or 0)
  if used > 0 and used + reserve > MINUTE_CAP then return no('minute_budget', 60000 - now % 60000) end
end

local wait = 0
for i = 1, 3 do
  -- What is larger than a bucket goes when it is full, and leaves a debt.
  local needed = math.min(math.min(costs[i], capacities[i]) + FLOOR * capacities[i], capacities[i])
  wait = math.max(wait, (needed - s[LEVEL + i]) / rates[i])
end
if wait > LONGEST_WAIT_MS then return no('limit', wait - LONGEST_WAIT_MS / 2) end

for i = 1, 3 do
  s[LEVEL + i] = s[LEVEL + i] - costs[i]
  s[OUT + i] = s[OUT + i] + costs[i]
end
s[PERMITS] = s[PERMITS] + 1
if b then
  b[PROBE] = now + PROBE_MS
  redis.call('HSET', key, 'levels', save_levels(s), 'breaker', save_breaker(b))
else
  redis.call('HSET', key, 'levels', save_levels(s))
end
if DAY_USABLE then
  redis.call('HSET', day, 'reserved', reserved + reserve, 'at', now)
  if reserved == 0 then redis.call('EXPIRE', day, 259200) end
end
if MINUTE_CAP then
  redis.call('INCRBY', 'tf:bud:m:' .. minute, reserve)
  redis.call('EXPIRE', 'tf:bud:m:' .. minute, 7200)
end
redis.call('ZADD', 'tf:lim:out', now + math.max(0, math.ceil(wait)) + CALL_LIFE_MS,
  ARGV[6] .. '\t' .. minute .. '\t' .. string.format('%.0f', s[PERMITS]))
return {'go', math.ceil(wait), minute, s[PERMITS], output, soft, b and 1 or 0}
