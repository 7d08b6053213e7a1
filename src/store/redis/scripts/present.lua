-- PRESENT: says that a process is there, or with an empty address that it ends; answers who is there.
-- KEYS replicas   ARGV boot, address, ms without a sign after which one is not there, ms after which it is forgotten
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[1])
else
    redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f ', now) .. ARGV[2])
end
local answer = {'OK', now}
local all = redis.call('HGETALL', KEYS[1])
for at = 1, #all, 2 do
    local seen, address = string.match(all[at + 1], '^(%d+) (.*)$')
    local silent = now - (tonumber(seen) or 0)
    if silent > tonumber(ARGV[4]) then
        redis.call('HDEL', KEYS[1], all[at])
    elseif silent <= tonumber(ARGV[3]) then
        answer[#answer + 1] = all[at]
        answer[#answer + 1] = address
    end
end
return answer
