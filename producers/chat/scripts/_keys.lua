-- tf:burst:open:{line}   the burst that a person's next message belongs to
-- tf:burst:b:{burst}     hash: line, state (open, closing, accepted), n, bytes, first (ms), rev
-- tf:burst:p:{burst}     hash: message -> post (JSON)
-- tf:burst:t:{burst}     hash: message -> the edit that took its place, "{ms of the edit}={text}"
-- tf:burst:m:{message}   the burst that a message is in, or "" for one that was deleted; remembered for a day
-- tf:burst:e:{message}   an edit ("{ms}={text}") or deletion ("-") that came before its message
-- tf:burst:due           zset: burst -> when somebody has to look at it
local DUE = 'tf:burst:due'
local function burst_key(id) return 'tf:burst:b:' .. id end
local function posts_key(id) return 'tf:burst:p:' .. id end
local function texts_key(id) return 'tf:burst:t:' .. id end

local function forget(id) redis.call('DEL', burst_key(id), posts_key(id), texts_key(id)) end

-- Whoever changes a burst says so, so that one who is closing it does not overlook the change.
local function changed(id)
  redis.call('HINCRBY', burst_key(id), 'rev', 1)
  local state = redis.call('HGET', burst_key(id), 'state') or 'open'
  if state == 'accepted' then
    redis.call('HSET', burst_key(id), 'state', 'closing')
    for _, name in ipairs({burst_key(id), posts_key(id), texts_key(id)}) do redis.call('PERSIST', name) end
    redis.call('ZADD', DUE, now, id)
  end
  return state
end
