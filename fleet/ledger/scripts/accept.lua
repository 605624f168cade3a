-- Take tickets in, each once per producer key; those of one call share its lane, bounds and time.
-- ARGV: lane, queue, max age ms, bound, idempotency ttl ms, then six for each ticket: id, key, fingerprint, payload,
-- source, lowest schema that can read it -> {time, 'accepted' | 'duplicate' | 'conflict' | 'full', id, …}
local lane, queue, bound, ttl = ARGV[1], ARGV[2], tonumber(ARGV[4]), ARGV[5]
-- Numbers become text once here, not once a ticket: the server writes them out with all their digits.
local at, deadline = string.format('%.0f', now), string.format('%.0f', now + ARGV[3])
local open = 0
for _, name in ipairs({'urgent', 'normal', 'bulk'}) do open = open + redis.call('ZCARD', 'tf:open:' .. name) end
local answer, scores, by_source, stories, new, refused = {now}, {}, {}, {}, 0, 0

local function take(id, producer_key, sha, payload, source, schema)
  local idem = 'tf:idem:' .. producer_key
  local known = redis.call('HMGET', idem, 'id', 'sha')
  if known[1] then return known[2] == sha and 'duplicate' or 'conflict', known[1] end
  -- A producer may choose ids. One in use is never written over: its ticket may be at work, with a fence.
  local ticket = key(id)
  if redis.call('EXISTS', ticket) == 1 then return 'conflict', id end
  if open + new >= bound then
    refused = refused + 1
    return 'full', ''
  end
  -- What `offer` would write stands in the same call, and `tell` has no story to bound yet: a bulk load comes here some
  -- ten thousand times a second.
  redis.call('HSET', ticket, 'v', schema, 'key', producer_key, 'payload', payload, 'lane', lane, 'source', source,
    'accepted_at', at, 'deadline', deadline, 'attempts', '0', 'crashes', '0', 'fence', '0', 'cost_nusd', '0',
    'state', 'accepted', 'queue', queue, 'disp', at)
  redis.call('HSET', idem, 'id', id, 'sha', sha)
  redis.call('PEXPIRE', idem, ttl)
  stories[source] = stories[source]
    or '{"at":' .. at .. ',"event":"accepted","queue":"' .. queue .. '","source":"' .. source .. '"}'
  redis.call('RPUSH', 'tf:h:' .. id, stories[source])
  new = new + 1
  scores[2 * new - 1], scores[2 * new] = at, id
  by_source[source] = (by_source[source] or 0) + 1
  return 'accepted', id
end

for i = 6, #ARGV, 6 do
  local n = #answer
  answer[n + 1], answer[n + 2] = take(unpack(ARGV, i, i + 5))
end
if new > 0 then
  redis.call('ZADD', 'tf:open:' .. lane, unpack(scores))
  redis.call('ZADD', 'tf:wait:' .. queue, unpack(scores))
  redis.call('HINCRBY', 'tf:n', 'accepted', new)
  for source, number in pairs(by_source) do redis.call('HINCRBY', 'tf:n', 'accepted:' .. source, number) end
  count('waiting', lane, new)
end
if refused > 0 then redis.call('HINCRBY', 'tf:n', 'refused_full', refused) end
return answer
