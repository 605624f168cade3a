#!lua flags=no-writes
-- The ledger's counters beside the sizes of its sets, and outbox rows beside their lists, at one instant.
-- ARGV: number of queues, the queues, then effect ids
-- -> {counters, {set, size, …}, for each effect whether it is {kept, waiting, parked}}
local sizes = {}
local function size(name)
  sizes[#sizes + 1] = name
  sizes[#sizes + 1] = redis.call('ZCARD', 'tf:' .. name)
end
for _, lane in ipairs({'urgent', 'normal', 'bulk'}) do size('open:' .. lane) end
for i = 2, ARGV[1] + 1 do size('wait:' .. ARGV[i]) end
for _, name in ipairs({'due', 'dlq', 'out', 'outdlq'}) do size(name) end

local effects = {}
for i = ARGV[1] + 2, #ARGV do
  effects[#effects + 1] = {
    redis.call('EXISTS', 'tf:e:' .. ARGV[i]),
    redis.call('ZSCORE', 'tf:out', ARGV[i]) and 1 or 0,
    redis.call('ZSCORE', 'tf:outdlq', ARGV[i]) and 1 or 0,
  }
end
return {redis.call('HGETALL', 'tf:n'), sizes, effects}
