-- ARGV: lease ms, then id and fence of each claim -> 1 or 0 for each: 0 means another may hold it, stop spending
local answer = {}
for i = 2, #ARGV, 2 do
  local t = redis.call('HMGET', key(ARGV[i]), 'state', 'fence')
  if t[1] == 'running' and t[2] == ARGV[i + 1] then
    redis.call('ZADD', 'tf:due', now + ARGV[1], ARGV[i])
    answer[#answer + 1] = 1
  else
    answer[#answer + 1] = 0
  end
end
return answer
