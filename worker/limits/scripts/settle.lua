-- Replace a reservation by what was used, correct the levels by the headers, tell the breaker. Twin: memory.py
-- ARGV: minute and number of the permit, input and output reserved, requests, input and output used, prompt, output learnt
--       (-1: none), reserved nusd, cost nusd, report, retry-after ms, probe (1/0); then, where headers were seen, of each
--       resource the rate shown and the level trusted ('' where unknown) -> {1 if the model is closed now}
local permit_minute, report, is_probe = tonumber(ARGV[1]), ARGV[12], ARGV[14] == '1'
local h = redis.call('HMGET', key, 'levels', 'breaker', 'x:' .. ARGV[8])
local b = load_breaker(h[2])
-- A connection that breaks makes its client send the same settlement again.
if not redis.call('SET', 'tf:lim:s:' .. MODEL .. ':' .. ARGV[2], 1, 'NX', 'EX', 60) then
  return {b[UNTIL] > now and 1 or 0}
end

local s = load_levels(h[1])
refill(s)
local reserved = {1, tonumber(ARGV[3]), tonumber(ARGV[4])}
local age = s[MINUTE] - permit_minute
local place = age == 0 and OUT or age == 1 and BEFORE
for i = 1, 3 do
  if place then s[place + i] = math.max(0, s[place + i] - reserved[i]) end
  s[LEVEL + i] = s[LEVEL + i] + reserved[i] - ARGV[4 + i]
  local trusted = tonumber(ARGV[14 + 2 * i])
  if trusted then
    -- Somebody else uses the same key, or we were wrong: never believe in more than the provider does.
    s[LEVEL + i] = math.min(s[LEVEL + i], trusted - s[OUT + i] - s[BEFORE + i])
    s[SHOWN + i] = tonumber(ARGV[13 + 2 * i])
  end
end

-- Money: what was reserved goes, what was spent stays. A dead worker's reservation stays reserved: counted as spent.
local cost, reserve = tonumber(ARGV[11]), tonumber(ARGV[10])
local day = 'tf:bud:' .. math.floor(permit_minute / 1440)
-- A bare minus makes -0 of 0, which Redis 7.0 refuses.
if DAY_CAPPED then redis.call('HINCRBY', day, 'reserved', 0 - reserve) end
if cost > 0 then
  if redis.call('HINCRBY', day, 'spent', cost) == cost then redis.call('EXPIRE', day, 259200) end
  local pace = 'tf:spent:m:' .. minute
  if redis.call('INCRBY', pace, cost) == cost then redis.call('EXPIRE', pace, 7200) end
end
if MINUTE_CAPPED then redis.call('INCRBY', 'tf:bud:m:' .. permit_minute, cost - reserve) end

local function close(kind, till, asked)
  b[KIND], b[ASKED] = kind, asked
  b[UNTIL] = math.max(b[UNTIL], till)
end
local is_closed = b[UNTIL] > now
if is_probe then b[PROBE] = 0 end
if report == 'limited' then
  local asked = tonumber(ARGV[13])
  -- Calls that were out together all answer the same: only a longer wait than the one known is news.
  if not is_closed or asked > b[ASKED] then close(is_closed and b[KIND] or PAUSED, now + asked, asked) end
elseif report == 'hold' then
  -- A person must act: look once a minute.
  if not (is_closed and b[KIND] == HELD) then close(HELD, now + HOLD_MS, 0) end
elseif report == 'bad' and is_probe then
  close(BROKEN, now + math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ^ math.min(b[OPENED], 4)), 0)
  b[OPENED] = b[OPENED] + 1
elseif report == 'good' and is_probe and b[UNTIL] > 0 then
  b = load_breaker(false)
end

if b[UNTIL] == 0 and (report == 'good' or report == 'bad') then
  local half = math.floor(now / WINDOW_MS)
  if half ~= b[HALF] then
    local next = half == b[HALF] + 1
    b[GOOD_BEFORE], b[BAD_BEFORE] = next and b[GOOD] or 0, next and b[BAD] or 0
    b[HALF], b[GOOD], b[BAD] = half, 0, 0
  end
  local place = report == 'good' and GOOD or BAD
  b[place] = b[place] + 1
  local good, bad = b[GOOD] + b[GOOD_BEFORE], b[BAD] + b[BAD_BEFORE]
  if report == 'bad' and good + bad >= LEAST_CALLS and bad >= good then
    b = load_breaker(false)
    close(BROKEN, now + FIRST_OPEN_MS, 0)
    b[OPENED] = 1
  end
end

local got = tonumber(ARGV[9])
if got >= 0 then
  local mean, deviation = got, got / 4
  if h[3] then mean, deviation = struct.unpack('<dd', h[3]) end
  local off = got - mean
  local learnt = struct.pack('<dd', mean + off / LEARNING, deviation + (math.abs(off) - deviation) / LEARNING)
  redis.call('HSET', key, 'levels', save_levels(s), 'breaker', save_breaker(b), 'x:' .. ARGV[8], learnt)
else
  redis.call('HSET', key, 'levels', save_levels(s), 'breaker', save_breaker(b))
end
return {b[UNTIL] > now and 1 or 0}
