-- ARGV: effect id, lease ms -> {attempts, made_at, now, ticket, lane, sink, dedup, body} | {} where done, leased or early
local effect = 'tf:e:' .. ARGV[1]
local t = redis.call('HMGET', effect, 'sink', 'not_before', 'attempts', 'made_at', 'ticket', 'lane', 'dedup', 'body')
if redis.call('EXISTS', effect) == 0 then redis.call('ZREM', 'tf:out', ARGV[1]) end
if tonumber(t[2] or 0) > now or not redis.call('ZSCORE', 'tf:out', ARGV[1]) then return {} end
redis.call('HSET', effect, 'not_before', now + ARGV[2])
redis.call('ZADD', 'tf:out', now + ARGV[2], ARGV[1])
local function text(value) return value or '' end  -- a release that wrote less is no reason to keep it back
return {redis.call('HINCRBY', effect, 'attempts', 1), tonumber(t[4] or now), now, text(t[5]), text(t[6]), text(t[1]),
  text(t[7]), text(t[8])}
