-- COMMIT: applies a batch if it is the next one, and renews the lease. Everything is checked before the first write, and
-- the revision is written last.
-- KEYS m, s:<gen>, o, d   ARGV lease, revision and digest before, revision and digest after, gen, lease ms, pool time,
--   format, run id, events to keep, then the numbers of puts, deletes, events and detail records, then those:
--   key and value; key; id and JSON; member
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local m = redis.call('HMGET', KEYS[1], 'lid', 'rev', 'dig', 'bef', 'gen', 'own', 'adr', 'ep')
if m[1] ~= ARGV[1] then
    return {'FENCED', now, m[2] or '', m[7] or '', m[8] or '0'}
end
local expires = now + ARGV[7]
if m[2] == ARGV[4] and m[3] == ARGV[5] then
    redis.call('HSET', KEYS[1], 'exp', expires)
    return {'DUP', now}
end
if m[2] ~= ARGV[2] or m[3] ~= ARGV[3] or m[5] ~= ARGV[6] then
    return {'MISMATCH', now, m[2], m[3], m[4], m[5]}
end
local puts, deletes, events, details = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])
local at = 16
-- Lua hands over some thousands of values at once, at most.
local function many(command, key, count)
    local last = at + count - 1
    while at <= last do
        local upto = math.min(at + 3999, last)
        redis.call(command, key, unpack(ARGV, at, upto))
        at = upto + 1
    end
end
many('HSET', KEYS[2], puts * 2)
many('HDEL', KEYS[2], deletes)
for _ = 1, events do
    redis.call('XADD', KEYS[3], ARGV[at], 'event', ARGV[at + 1])
    at = at + 2
end
if events > 0 then
    redis.call('XTRIM', KEYS[3], 'MAXLEN', '=', ARGV[11])
end
for _ = 1, details do
    redis.call('ZADD', KEYS[4], 0, ARGV[at])
    at = at + 1
end
redis.call('HDEL', KEYS[1], 'und')
redis.call('HSET', KEYS[1], 'fmt', ARGV[9], 'rid', ARGV[10], 'n', redis.call('HLEN', KEYS[2]), 'pt', ARGV[8],
    'exp', expires, 'bef', m[3], 'dig', ARGV[5], 'rev', ARGV[4])
return {'OK', now}
