-- Tickets of a model that were parked in doubt and may come back: it is not held, and others got through since.
-- Before this text stands MODEL. ARGV: most -> {id, …}
local packed = redis.call('HGET', 'tf:lim:' .. MODEL, 'trust')
if not packed or #packed < struct.size('<ddd') then return {} end
local through, _, reason = struct.unpack('<ddd', packed)
if reason > 0 then return {} end
local found = {}
local parked = redis.call('HGETALL', 'tf:lim:back:' .. MODEL)
for i = 1, #parked, 2 do
  if through > (tonumber(parked[i + 1]) or 0) and #found < tonumber(ARGV[1]) then found[#found + 1] = parked[i] end
end
return found
