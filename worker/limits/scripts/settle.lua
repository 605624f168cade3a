-- Replace a reservation by what was used, correct the levels by the headers, tell the breaker. Twin: memory.py
-- ARGV: model, epoch, reserved input, reserved output, used input, used output (-1: unknown), report, retry-after ms,
--       prompt, day, minute, reserved nusd, cost nusd, probe (1/0), margin share, rounding step of tokens, hold ms,
--       then limit and remaining of requests, input, output (6; '' where unknown) -> {1 if the breaker is now open, kind}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local key = 'tf:lim:' .. ARGV[1]
local epoch = tonumber(ARGV[2])
local report = ARGV[7]
local reserved = {1, tonumber(ARGV[3]), tonumber(ARGV[4])}
local used = {report == 'not_sent' and 0 or 1, tonumber(ARGV[5]), tonumber(ARGV[6])}
-- Nothing came back: what was sent counts as used, what was not answered does not; a refused call used nothing.
if used[2] < 0 then used[2] = (report == 'not_sent' or report == 'limited' or report == 'hold') and 0 or reserved[2] end
if used[3] < 0 then used[3] = 0 end

local this = math.floor(now / 60000)
local h = redis.call('HMGET', key, 'l1', 'l2', 'l3', 'o1:' .. epoch, 'o2:' .. epoch, 'o3:' .. epoch,
  'o1:' .. this, 'o2:' .. this, 'o3:' .. this, 'o1:' .. this - 1, 'o2:' .. this - 1, 'o3:' .. this - 1)
for i = 1, 3 do
  local level = tonumber(h[i] or 0) + reserved[i] - used[i]
  -- Reservations of dead workers are forgotten with their minute: nobody will settle them.
  local out = redis.call('HINCRBYFLOAT', key, 'o' .. i .. ':' .. epoch, -reserved[i])
  if epoch < this - 1 then redis.call('HDEL', key, 'o' .. i .. ':' .. epoch) end
  local limit, remaining = tonumber(ARGV[16 + 2 * i]), tonumber(ARGV[17 + 2 * i])
  if limit and remaining then
    local outstanding = 0
    for e = this - 1, this do
      outstanding = outstanding + (e == epoch and tonumber(out) or tonumber(h[e == this and 6 + i or 9 + i] or 0))
    end
    local margin = limit * tonumber(ARGV[15]) + (i > 1 and tonumber(ARGV[16]) or 0)
    -- Somebody else uses the same key, or we were wrong: never believe in more than the provider does.
    level = math.min(level, remaining - outstanding - margin)
    redis.call('HSET', key, 'r' .. i, limit / 60000 * 0.995, 'p' .. i, remaining)
  end
  redis.call('HSET', key, 'l' .. i, level)
end
redis.call('HDEL', key, 'o1:' .. this - 2, 'o2:' .. this - 2, 'o3:' .. this - 2)

if report == 'good' and tonumber(ARGV[6]) >= 0 then
  local seen = redis.call('HMGET', key, 'eo:' .. ARGV[9], 'ed:' .. ARGV[9])
  local got = tonumber(ARGV[6])
  local mean = tonumber(seen[1] or got)
  local deviation = tonumber(seen[2] or got / 4)
  redis.call('HSET', key, 'eo:' .. ARGV[9], mean + (got - mean) / 32, 'ed:' .. ARGV[9],
    deviation + (math.abs(got - mean) - deviation) / 32)
end

-- Money: what was reserved goes, what was spent stays. A dead worker's reservation stays reserved: counted as spent.
local cost = tonumber(ARGV[13])
local day = 'tf:bud:' .. ARGV[10]
redis.call('HINCRBY', day, 'reserved', 0 - ARGV[12])  -- a bare minus makes -0, which Redis 7.0 refuses
redis.call('HINCRBY', day, 'spent', cost)
redis.call('EXPIRE', day, 3 * 86400)
local minute = 'tf:bud:m:' .. ARGV[11]
redis.call('INCRBY', minute, cost - ARGV[12])
redis.call('EXPIRE', minute, 7200)
redis.call('INCRBY', 'tf:spent:m:' .. this, cost)
redis.call('EXPIRE', 'tf:spent:m:' .. this, 7200)

-- The breaker. Limited: pause for as long as asked. Hold: a person must act, look once a minute.
local b = redis.call('HMGET', key, 'until', 'opened', 'kind')
local stop, opened = tonumber(b[1] or 0), tonumber(b[2] or 0)
local function open(kind, ms)
  redis.call('HSET', key, 'until', now + ms, 'kind', kind, 'opened', opened + 1, 'probe', 0)
  return {1, kind}
end
if report == 'limited' then
  -- Late answers of calls that were out together must not lengthen a pause again and again.
  if stop > now and b[3] == 'paused' then
    redis.call('HSET', key, 'until', math.max(stop, now + ARGV[8]))
    return {1, 'paused'}
  end
  return open('paused', tonumber(ARGV[8]))
elseif report == 'hold' then
  return open('held', tonumber(ARGV[17]))
elseif report == 'good' then
  if stop > 0 and (ARGV[14] == '1' or stop <= now) then
    redis.call('HDEL', key, 'until', 'kind', 'opened', 'probe', 'w')
    stop = 0
  end
elseif report == 'bad' and ARGV[14] == '1' then
  return open('breaker', math.min(30000, 15000 * 2 ^ math.min(opened, 4)))
end
if stop > 0 then
  if ARGV[14] == '1' then redis.call('HSET', key, 'probe', 0) end
  return {stop > now and 1 or 0, b[3] or ''}
end
if report == 'good' or report == 'bad' then
  -- Good and bad calls of this half minute and the one before.
  local half = math.floor(now / 15000)
  local w = 'tf:brkw:' .. ARGV[1] .. ':'
  redis.call('HINCRBY', w .. half, report, 1)
  redis.call('EXPIRE', w .. half, 60)
  local good, bad = 0, 0
  for e = half - 1, half do
    local c = redis.call('HMGET', w .. e, 'good', 'bad')
    good, bad = good + tonumber(c[1] or 0), bad + tonumber(c[2] or 0)
  end
  if report == 'bad' and good + bad >= 10 and bad >= good then
    redis.call('DEL', w .. half, w .. (half - 1))
    return open('breaker', 15000)
  end
end
return {0, ''}
