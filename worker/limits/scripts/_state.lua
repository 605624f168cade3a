-- What both scripts share: the clock, and the state of one model. Before this text stand constants that shared.py writes:
-- those of rules.py, and MODEL, LANE, RATES (of requests, input and output per ms) and the caps. As arguments of every
-- call they would cost as much as the script.
-- tf:lim:{model} is a hash. 'levels' and 'breaker' are packed doubles, because as thirty fields they would cost more than
-- all the rest; 'x:{prompt}' is the output to expect. worker/limits/reading.py unpacks them.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local minute = math.floor(now / 60000)
local key = 'tf:lim:' .. MODEL

-- When the levels held, three levels, three rates as the headers showed them, the minute, what was reserved in it and not
-- settled, the same of the minute before (three each), and how many permits were given.
-- Releases one apart share all this: what is longer is read as far as we know it, what is shorter as if it were absent.
local function is_whole(packed, format) return packed and #packed >= struct.size(format) end
local LEVELS = '<ddddddddddddddd'
local AT, LEVEL, SHOWN, MINUTE, OUT, BEFORE, PERMITS = 1, 1, 4, 8, 8, 11, 15
local function load_levels(packed)
  if is_whole(packed, LEVELS) then return {struct.unpack(LEVELS, packed)} end
  return {now, 1e15, 1e15, 1e15, 1e15, 1e15, 1e15, minute, 0, 0, 0, 0, 0, 0, 0}
end
local function save_levels(s) return struct.pack(LEVELS, unpack(s, 1, PERMITS)) end

-- Bring the levels to this moment. A clock that was put back refills nothing, and stops nobody.
local function refill(s)
  local rates, capacities, passed = {}, {}, math.max(0, now - s[AT])
  for i = 1, 3 do
    -- The provider's own limit, where its headers show a smaller one than we were told.
    rates[i] = math.min(RATES[i], s[SHOWN + i])
    capacities[i] = math.max(rates[i] * BURST_MS, 1)
    s[LEVEL + i] = math.min(capacities[i], s[LEVEL + i] + passed * rates[i])
  end
  s[AT] = now
  -- Reservations of dead workers are forgotten with their minute and the next: nobody will settle them.
  local later = minute - s[MINUTE]
  if later > 0 then
    for i = 1, 3 do
      s[BEFORE + i] = later == 1 and s[OUT + i] or 0
      s[OUT + i] = 0
    end
  end
  s[MINUTE] = minute
  return rates, capacities
end

-- Closed until (0: open), why, lease of the probe, length of the pause, times opened in a row; then the calls of this
-- window: its number, good, bad, and the same two of the window before.
local BREAKER = '<dddddddddd'
local UNTIL, KIND, PROBE, ASKED, OPENED, HALF, GOOD, BAD, GOOD_BEFORE, BAD_BEFORE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
local PAUSED, HELD, BROKEN = 1, 2, 3
local KINDS = {'paused', 'held', 'breaker'}
local function load_breaker(packed)
  if not is_whole(packed, BREAKER) then return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0} end
  local b = {struct.unpack(BREAKER, packed)}
  if b[UNTIL] > 0 and not KINDS[b[KIND]] then b[KIND] = BROKEN end
  -- So far ahead they can only stand because the clock was put back: then a probe may go.
  local longest = b[KIND] == HELD and LONGEST_HOLD_MS or LONGEST_PAUSE_MS
  if b[UNTIL] - now > longest then b[UNTIL] = now end
  if b[PROBE] - now > PROBE_MS then b[PROBE] = 0 end
  return b
end
local function save_breaker(b) return struct.pack(BREAKER, unpack(b, 1, BAD_BEFORE)) end

-- What is believed of the model's answers: how many got through, how many different tickets were refused since the last
-- that did, why it is held (an index of HOLD_REASONS, 0: it is not), since when, how often a probe of this hold failed;
-- then of its last replies which were unusable (one bit each) and how many are known. Beside the packed doubles stand, by
-- ticket, tf:lim:r:{model} (refused: what had got through then, how often, after how many of these others got through), tf:lim:u:{model} (unusable since the last usable reply)
-- and tf:lim:back:{model} (parked in doubt: what had got through then); worker/limits/revival.py reads the last.
local TRUST = '<ddddddd'
local THROUGH, REFUSED, REASON, SINCE, PROBES, BITS, KNOWN = 1, 2, 3, 4, 5, 6, 7
local function load_trust(packed)
  if not is_whole(packed, TRUST) then return {0, 0, 0, 0, 0, 0, 0} end
  return {struct.unpack(TRUST, packed)}
end
local function save_trust(s) return struct.pack(TRUST, unpack(s, 1, KNOWN)) end
