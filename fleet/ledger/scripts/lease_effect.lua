-- ARGV: effect id, lease ms -> {attempts, made_at, now, ticket, lane, sink, dedup, body} | {} where done, leased or early
local effect = 'tf:e:' .. ARGV[1]
local t = redis.call('HMGET', effect, 'sink', 'not_before', 'attempts', 'made_at', 'ticket', 'lane', 'dedup', 'body')
if not t[1] or tonumber(t[2] or 0) > now or not redis.call('ZSCORE', 'tf:out', ARGV[1]) then return {} end
redis.call('HSET', effect, 'not_before', now + ARGV[2])
redis.call('ZADD', 'tf:out', now + ARGV[2], ARGV[1])
return {redis.call('HINCRBY', effect, 'attempts', 1), tonumber(t[4]), now, t[5], t[6], t[1], t[7], t[8]}
