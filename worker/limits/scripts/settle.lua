-- Replace a reservation by what was used, correct the levels by the headers, tell the breaker. Twin: memory.py
-- ARGV: minute and number of the permit, input and output reserved, requests, input and output used, prompt, output learnt
--       (-1: none), reserved nusd, cost nusd, report, retry-after ms, probe (1/0), ticket ('' where the ticket cannot be at
--       fault), reason of a hold, the call's name as it was acquired, estimated (1/0); then, where headers were seen, of
--       each resource the rate shown and the level trusted ('' where unknown)
--       -> {1 if the model is closed now, blame, times refused, change, reason, ms: until the first probe where a hold
--       began, of the whole hold where it ended}
local permit_minute, report, is_probe = tonumber(ARGV[1]), ARGV[12], ARGV[14] == '1'
local ticket, hold_reason, call, is_estimated = ARGV[15], ARGV[16], ARGV[17], ARGV[18] == '1'
local h = redis.call('HMGET', key, 'levels', 'breaker', 'x:' .. ARGV[8], 'trust')
local b, trust = load_breaker(h[2]), load_trust(h[4])
-- A connection that breaks makes its client send the same settlement again.
if not redis.call('SET', 'tf:lim:s:' .. MODEL .. ':' .. ARGV[2], 1, 'NX', 'EX', 60) then
  return {b[UNTIL] > now and 1 or 0, '', 0, '', '', 0}
end

local s = load_levels(h[1])
refill(s)
local reserved = {1, tonumber(ARGV[3]), tonumber(ARGV[4])}
local age = s[MINUTE] - permit_minute
local place = age == 0 and OUT or age == 1 and BEFORE
for i = 1, 3 do
  if place then s[place + i] = math.max(0, s[place + i] - reserved[i]) end
  s[LEVEL + i] = s[LEVEL + i] + reserved[i] - ARGV[4 + i]
  local trusted = tonumber(ARGV[18 + 2 * i])
  if trusted then
    -- Somebody else uses the same key, or we were wrong: never believe in more than the provider does.
    s[LEVEL + i] = math.min(s[LEVEL + i], trusted - s[OUT + i] - s[BEFORE + i])
    s[SHOWN + i] = tonumber(ARGV[17 + 2 * i])
  end
end

-- Money: what was reserved goes, what was spent stays. A call that was given up for lost (lost.lua) is booked already.
local cost, reserve = tonumber(ARGV[11]), tonumber(ARGV[10])
local day = 'tf:bud:' .. math.floor(permit_minute / 1440)
local booked = 0
if redis.call('ZREM', 'tf:lim:out', call .. '\t' .. permit_minute .. '\t' .. ARGV[2]) == 0 then
  booked = tonumber(redis.call('GET', 'tf:lim:e:' .. MODEL .. ':' .. ARGV[2]) or 0)
end
if is_estimated then redis.call('HINCRBY', day, 'estimated', cost) end
if booked > 0 then
  redis.call('HINCRBY', day, 'estimated', 0 - booked)
  redis.call('HINCRBY', day, 'spent', 0 - booked)
elseif DAY_CAPPED then
  -- A bare minus makes -0 of 0, which Redis 7.0 refuses.
  redis.call('HINCRBY', day, 'reserved', 0 - reserve)
end
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
local is_closed, was_held = b[UNTIL] > now, trust[REASON] > 0
local blame, times, change, change_ms = '', 0, '', 0
if is_probe then b[PROBE] = 0 end

-- Whose fault a refusal is: the ticket's own if others got through since it was refused last, and it stands alone or that
-- happened before (an account may be out of credit, have some, and be out of it again); else nobody knows. Who is refused
-- again and again while nobody gets through is parked in doubt.
local function judge()
  local suspects = 'tf:lim:r:' .. MODEL
  local known, strikes = redis.call('HGET', suspects, ticket), 0
  if known then
    local through, before, struck = string.match(known, '^(%d+) (%d+) (%d+)$')
    times, strikes = tonumber(before or 0), tonumber(struck or 0)
    if trust[THROUGH] > tonumber(through or trust[THROUGH]) then strikes = strikes + 1 end
    local enough = report == 'hold' and STRIKES_HELD or STRIKES
    if strikes >= enough or (strikes == 1 and redis.call('HLEN', suspects) == 1) then
      redis.call('HDEL', suspects, ticket)
      return 'own'
    end
  else
    trust[REFUSED] = trust[REFUSED] + 1
  end
  times = times + 1
  local through = string.format('%.0f', trust[THROUGH])
  if times >= DOUBT_TIMES and not was_held and trust[REFUSED] < HOLD_TICKETS then
    redis.call('HDEL', suspects, ticket)
    redis.call('HSET', 'tf:lim:back:' .. MODEL, ticket, through)
    redis.call('EXPIRE', 'tf:lim:back:' .. MODEL, 604800)
    return 'doubt'
  end
  redis.call('HSET', suspects, ticket, through .. ' ' .. times .. ' ' .. strikes)
  redis.call('EXPIRE', suspects, 3600)
  return 'nobody'
end

local function hold(reason, asked)
  for i, name in ipairs(HOLD_REASONS) do
    if name == reason then
      if not was_held then
        trust[SINCE], change = now, 'held'
        trust[PROBES] = 0
      elseif is_probe then
        trust[PROBES] = trust[PROBES] + 1
      end
      trust[REASON] = i
      -- Look again soon, and then more seldom; a probe whose reply may be unusable is paid, a refused one is not.
      local first, longest = FIRST_HOLD_MS, HOLD_MS
      if reason == 'unusable' then first, longest = FIRST_PAID_HOLD_MS, PAID_HOLD_MS end
      local rest = math.min(longest, math.floor(first * HOLD_GROWTH ^ math.min(trust[PROBES], 10)))
      if asked > 0 then rest = math.min(asked, LONGEST_HOLD_MS) end
      if not (b[UNTIL] > now and b[KIND] == HELD) then close(HELD, now + rest, 0) end
    end
  end
end

local function got_through()
  trust[THROUGH], trust[REFUSED] = trust[THROUGH] + 1, 0
end

if report == 'hold' or report == 'refused' then
  if ticket ~= '' then blame = judge() end
  if blame ~= 'own' then
    if report == 'hold' then
      hold(hold_reason, tonumber(ARGV[13]))
    elseif was_held or trust[REFUSED] >= HOLD_TICKETS then
      hold(was_held and HOLD_REASONS[trust[REASON]] or 'refused', 0)
    end
  end
elseif report == 'limited' then
  local asked = tonumber(ARGV[13])
  -- Calls that were out together all answer the same: only a longer wait than the one known is news.
  if not is_closed or asked > b[ASKED] then close(is_closed and b[KIND] or PAUSED, now + asked, asked) end
elseif report == 'unusable' then
  got_through()
  trust[BITS], trust[KNOWN] = (trust[BITS] * 2 + 1) % 2 ^ LAST_REPLIES, math.min(LAST_REPLIES, trust[KNOWN] + 1)
  if ticket ~= '' then
    redis.call('HDEL', 'tf:lim:r:' .. MODEL, ticket) -- answered: its own reply says nothing of others
    redis.call('SADD', 'tf:lim:u:' .. MODEL, ticket)
    redis.call('EXPIRE', 'tf:lim:u:' .. MODEL, 86400)
  end
  local bits, unusable = trust[BITS], 0
  while bits > 0 do
    unusable, bits = unusable + bits % 2, math.floor(bits / 2)
  end
  if was_held or (trust[KNOWN] >= LEAST_REPLIES and unusable >= UNUSABLE_SHARE * trust[KNOWN]) then hold('unusable', 0) end
elseif report == 'bad' and is_probe then
  close(BROKEN, now + math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ^ math.min(b[OPENED], 4)), 0)
  b[OPENED] = b[OPENED] + 1
elseif report == 'good' then
  got_through()
  trust[BITS], trust[KNOWN] = (trust[BITS] * 2) % 2 ^ LAST_REPLIES, math.min(LAST_REPLIES, trust[KNOWN] + 1)
  if is_probe and b[UNTIL] > 0 then b = load_breaker(false) end
  -- A worker of an earlier release opens the breaker and knows nothing of holds.
  if was_held and b[UNTIL] == 0 then
    change = 'opened'
    change_ms = math.max(0, now - trust[SINCE])
    redis.call('HINCRBY', key, 'held_ms', string.format('%.0f', change_ms))
    -- The first of them may have been parked, and are not to pay for it.
    for _, id in ipairs(redis.call('SMEMBERS', 'tf:lim:u:' .. MODEL)) do
      redis.call('HSET', 'tf:lim:back:' .. MODEL, id, string.format('%.0f', trust[THROUGH] - 1))
      redis.call('EXPIRE', 'tf:lim:back:' .. MODEL, 604800)
    end
    trust[REASON], trust[SINCE], trust[PROBES], trust[BITS], trust[KNOWN] = 0, 0, 0, 0, 0
  end
  if trust[REASON] == 0 then redis.call('DEL', 'tf:lim:u:' .. MODEL) end
end

local reply_came = report == 'good' or report == 'unusable'
if b[UNTIL] == 0 and (reply_came or report == 'bad') then
  local half = math.floor(now / WINDOW_MS)
  if half ~= b[HALF] then
    local next = half == b[HALF] + 1
    b[GOOD_BEFORE], b[BAD_BEFORE] = next and b[GOOD] or 0, next and b[BAD] or 0
    b[HALF], b[GOOD], b[BAD] = half, 0, 0
  end
  local place = reply_came and GOOD or BAD
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
  if is_whole(h[3], '<dd') then mean, deviation = struct.unpack('<dd', h[3]) end
  local off = got - mean
  local learnt = struct.pack('<dd', mean + off / LEARNING, deviation + (math.abs(off) - deviation) / LEARNING)
  redis.call('HSET', key, 'levels', save_levels(s), 'breaker', save_breaker(b), 'trust', save_trust(trust),
    'x:' .. ARGV[8], learnt)
else
  redis.call('HSET', key, 'levels', save_levels(s), 'breaker', save_breaker(b), 'trust', save_trust(trust))
end
if change == 'held' then change_ms = math.ceil(b[UNTIL] - now) end
return {b[UNTIL] > now and 1 or 0, blame, times, change, HOLD_REASONS[trust[REASON]] or '', change_ms}
