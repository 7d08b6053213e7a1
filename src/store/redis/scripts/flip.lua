-- FLIP: replaces the live state by one that was written under a key of its own. 'begin' notes that key, so that what is
-- left of it can be found; 'end' switches, appends the events and detail records that are missing, and sets the revision.
-- KEYS m, s:<new gen>, o, d   ARGV lease, seen revision and digest, phase, new gen; and to end: revision and digest after,
--   digest before, number of entities, pool time, format, run id, lease ms, events to keep, numbers of events and of detail
--   records, the number of the event after which all are undone, or nothing; then those: id and JSON; member
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local m = redis.call('HMGET', KEYS[1], 'lid', 'rev', 'dig', 'bef', 'gen', 'adr', 'ep', 'pend')
if m[1] ~= ARGV[1] then
    return {'FENCED', now, m[2] or '', m[6] or '', m[7] or '0'}
end
if m[5] == ARGV[5] then
    return {'OK', now, ''}
end
if m[2] ~= ARGV[2] or m[3] ~= ARGV[3] then
    return {'MISMATCH', now, m[2], m[3], m[4], m[5]}
end
if ARGV[4] == 'begin' then
    redis.call('HSET', KEYS[1], 'pend', ARGV[5])
    return {'OK', now, m[8] or ''}
end
if redis.call('HLEN', KEYS[2]) ~= tonumber(ARGV[9]) then
    return {'SHORT', now}
end
local at = 18
for _ = 1, tonumber(ARGV[15]) do
    -- Those that are there already are refused by their ids.
    redis.pcall('XADD', KEYS[3], ARGV[at], 'event', ARGV[at + 1])
    at = at + 2
end
if redis.call('EXISTS', KEYS[3]) == 1 then
    redis.call('XTRIM', KEYS[3], 'MAXLEN', '=', ARGV[14])
end
for _ = 1, tonumber(ARGV[16]) do
    redis.call('ZADD', KEYS[4], 0, ARGV[at])
    at = at + 1
end
redis.call('HDEL', KEYS[1], 'pend', 'und')
if ARGV[17] ~= '' then
    redis.call('HSET', KEYS[1], 'und', ARGV[17])
end
redis.call('HSET', KEYS[1], 'fmt', ARGV[11], 'rid', ARGV[12], 'n', ARGV[9], 'pt', ARGV[10], 'exp', now + ARGV[13],
    'gen', ARGV[5], 'bef', ARGV[8], 'dig', ARGV[7], 'rev', ARGV[6])
return {'OK', now, m[5]}
