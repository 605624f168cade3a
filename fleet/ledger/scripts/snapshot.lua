#!lua flags=no-writes
-- Everything that the ledger says of some tickets, at one instant: what `audit` judges. It writes nothing, so that a server
-- that is full, has no disk or is a replica answers it, too.
-- ARGV: number of queues, the queues, then ids -> for each id {fields, ttl ms, places, owner of its producer key, story}
local queues = {}
for i = 2, ARGV[1] + 1 do queues[#queues + 1] = ARGV[i] end
local lanes, answer = {'urgent', 'normal', 'bulk'}, {}

local function places(id)
  local found = {}
  local function look(name)
    if redis.call('ZSCORE', 'tf:' .. name, id) then found[#found + 1] = name end
  end
  for _, lane in ipairs(lanes) do look('open:' .. lane) end
  for _, queue in ipairs(queues) do look('wait:' .. queue) end
  look('due')
  look('dlq')
  return found
end

local FIELDS = {'state', 'queue', 'lane', 'key', 'reason', 'attempts', 'crashes', 'fence', 'replays', 'cost_nusd', 'worker',
  'finished_at', 'parked_at', 'verdict'}
for i = ARGV[1] + 2, #ARGV do
  local id = ARGV[i]
  local ticket = 'tf:t:' .. id
  local fields = {}
  for n, value in ipairs(redis.call('HMGET', ticket, unpack(FIELDS))) do
    if value then fields[#fields + 1] = FIELDS[n]
      fields[#fields + 1] = value end
  end
  local producer_key = redis.call('HGET', ticket, 'key')
  local owner = producer_key and redis.call('HGET', 'tf:idem:' .. producer_key, 'id') or ''
  answer[#answer + 1] = {fields, redis.call('PTTL', ticket), places(id), owner or '', redis.call('LRANGE', 'tf:h:' .. id, 0, -1)}
end
return answer
