-- Book calls whose end nobody told: their worker died, froze, or lost the server for good. The reservation's worst case goes, what
-- such a call probably costs stays, in the day's money and in the ticket's story. Behind the ledger's prelude.
-- ARGV: most -> {model, tier, nusd, …}
local answer = {}
for _, call in ipairs(redis.call('ZRANGEBYSCORE', 'tf:lim:out', '-inf', now, 'LIMIT', 0, ARGV[1])) do
  redis.call('ZREM', 'tf:lim:out', call)
  local model, reserve, likely, tier, ticket, minute, number =
    string.match(call, '^([^\t]*)\t(%d+)\t(%d+)\t([^\t]*)\t([^\t]*)\t(%d+)\t(%d+)$')
  if model then
    local day = 'tf:bud:' .. math.floor(tonumber(minute) / 1440)
    redis.call('HINCRBY', day, 'reserved', 0 - reserve)
    redis.call('HINCRBY', day, 'estimated', likely)
    if redis.call('HINCRBY', day, 'spent', likely) == tonumber(likely) then redis.call('EXPIRE', day, 259200) end
    local pace = 'tf:spent:m:' .. math.floor(now / 60000)
    redis.call('INCRBY', pace, likely)
    redis.call('EXPIRE', pace, 7200)
    -- Who comes back from the dead with a figure settles the difference.
    redis.call('SET', 'tf:lim:e:' .. model .. ':' .. number, likely, 'EX', 86400)
    if ticket ~= '' and redis.call('EXISTS', key(ticket), 'tf:h:' .. ticket) == 2 then
      spend(ticket, likely, 'lost')
      tell(ticket, 'call_lost', '"calls":[{"model":' .. cjson.encode(model) .. ',"tier":"' .. tier
        .. '","result":"lost","estimated":true,"cost_nusd":' .. likely .. '}]')
    end
    answer[#answer + 1] = model
    answer[#answer + 1] = tier
    answer[#answer + 1] = tonumber(likely)
  end
end
return answer
