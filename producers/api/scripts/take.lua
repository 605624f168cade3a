-- Take tickets out of a token's bucket, which fills evenly and holds a minute's worth.
-- ARGV: name, tickets a minute, how many -> {ms to wait; 0: they were taken}
local bucket, per_minute, n = 'tf:http:rate:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local b = redis.call('HMGET', bucket, 'level', 'at')
local level = per_minute
if b[1] then level = math.min(per_minute, b[1] + math.max(0, now - b[2]) * per_minute / 60000) end
n = math.min(n, per_minute)  -- a batch larger than the bucket takes all of it
if level < n then return {math.ceil((n - level) * 60000 / per_minute)} end
redis.call('HSET', bucket, 'level', string.format('%.6f', level - n), 'at', now)
redis.call('PEXPIRE', bucket, 120000)
return {0}
