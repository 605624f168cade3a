-- ARGV: id, queue of the hint, time of the hint, worker, lease ms, newest schema known, pause of one that is newer
-- -> {'claimed', fence, attempts, crashes, lane, deadline, now, accepted_at, waited ms, payload, context, cost so far}
--    or {'gone' | 'done' | 'busy' | 'early' | 'moved' | 'newer'}
local id, queue = ARGV[1], ARGV[2]
-- The newest hint that came out of this queue: whatever was dispatched well before it must have been lost.
-- A stamp from the future (a clock put back, a broken hint) would switch that rule off for good.
local stamp = math.min(tonumber(ARGV[3]), now)
if stamp > tonumber(redis.call('HGET', 'tf:wm', queue) or 0) then redis.call('HSET', 'tf:wm', queue, stamp) end
local t = redis.call('HMGET', key(id), 'state', 'queue', 'next_at', 'attempts', 'fence', 'crashes', 'lane', 'deadline',
  'accepted_at', 'disp', 'payload', 'context', 'v', 'cost_nusd', 'newer_at')
local state = t[1]
if not state then return {'gone'} end
if state == 'running' then return {'busy'} end
if state ~= 'accepted' and state ~= 'retry' then return {'done'} end
if t[2] ~= queue then return {'moved'} end
if state == 'retry' and tonumber(t[3]) > now then return {'early'} end
if tonumber(t[13] or 1) > tonumber(ARGV[6]) then
  -- Set aside, and not left in the queue: there every pass of the reaper would take its hint for lost, and every worker
  -- would look in vain. The reaper of a worker that can read it offers it at once; should none come, all do so at times.
  local again = now + ARGV[7]
  redis.call('HSET', key(id), 'state', 'retry', 'next_at', again, 'waits_for', 'newer')
  redis.call('ZREM', 'tf:wait:' .. queue, id)
  redis.call('ZADD', 'tf:due', again, id)
  redis.call('ZADD', 'tf:newer', t[13], id)
  if redis.call('HSETNX', key(id), 'newer_at', now) == 1 then tell(id, 'too_new', '"schema":' .. t[13]) end
  return {'newer'}
end
if t[15] then redis.call('ZREM', 'tf:newer', id) end
local fence, attempts, lane = (t[5] or 0) + 1, (t[4] or 0) + 1, t[7] or 'normal'
redis.call('HSET', key(id), 'state', 'running', 'fence', fence, 'attempts', attempts, 'worker', ARGV[4])
redis.call('HSETNX', key(id), 'first_claim_at', now)
redis.call('ZREM', 'tf:wait:' .. queue, id)
redis.call('ZADD', 'tf:due', now + ARGV[5], id)
move(lane, 'waiting', 'running')
tell(id, 'claimed', '"attempt":' .. attempts .. ',"worker":' .. cjson.encode(ARGV[4]) .. ',"queue":"' .. queue .. '"')
local accepted_at = tonumber(t[9] or now)
return {'claimed', fence, attempts, tonumber(t[6] or 0), lane, tonumber(t[8] or accepted_at + 86400000), now, accepted_at,
  now - (t[10] or now), t[11] or '', t[12] or '', tonumber(t[14] or 0)}
