-- ARGV: id, fence, verdict, outcome, calls, cost, retention ms, decided_by, slack ms,
--       then effect id, sink, dedup key, body of each effect -> {'ok', now} | {'stale'}
local id = ARGV[1]
local lane = held(id, ARGV[2])
if not lane then return {'stale'} end
redis.call('HSET', key(id), 'state', 'triaged', 'verdict', ARGV[3], 'outcome', ARGV[4], 'finished_at', now,
  'decided_by', ARGV[8])
redis.call('HDEL', key(id), 'worker', 'context')
close(id, lane)
spend(id, ARGV[6], ARGV[5])
move(lane, 'running', 'triaged')
redis.call('HINCRBY', 'tf:n', 'triaged', 1)
for i = 10, #ARGV, 4 do
  local effect = 'tf:e:' .. ARGV[i]
  if redis.call('HSETNX', effect, 'sink', ARGV[i + 1]) == 1 then
    redis.call('HSET', effect, 'ticket', id, 'dedup', ARGV[i + 2], 'body', ARGV[i + 3], 'attempts', 0, 'made_at', now,
      'lane', lane)
    redis.call('ZADD', 'tf:out', now + ARGV[9], ARGV[i])
    tell(id, 'effect', '"effect":"' .. ARGV[i] .. '"')
  end
end
tell(id, 'triaged', '"decided_by":"' .. ARGV[8] .. '"' .. (ARGV[5] ~= '' and ',"calls":' .. ARGV[5] or ''))
redis.call('PEXPIRE', key(id), ARGV[7])
redis.call('PEXPIRE', 'tf:h:' .. id, ARGV[7])
return {'ok', now}
