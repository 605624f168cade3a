-- Effects that wait for a hint. ARGV: limit, slack ms -> {id, …}; each is looked at again after the slack.
local ids = redis.call('ZRANGEBYSCORE', 'tf:out', '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do redis.call('ZADD', 'tf:out', now + ARGV[2], id) end
return ids
