#!lua flags=no-writes,allow-stale
-- Run reading commands at one instant. It declares that it writes nothing, so a server that is full, whose disk fails or that is
-- a replica runs it, too; inside MULTI such a server refuses reads as well.
-- ARGV: each command as a JSON array -> the answer of each
local answers = {}
for i, command in ipairs(ARGV) do
  answers[i] = redis.call(unpack(cjson.decode(command)))
end
return answers
