-- ACQUIRE: takes the pool, unless another's lease is in force.
-- KEYS m   ARGV lease, boot, address, lease ms, greatest epoch ever seen, newest format that is read, run id,
--   boot of an owner that is known to be gone, or nothing
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local m = redis.call('HMGET', KEYS[1], 'fmt', 'lid', 'own', 'adr', 'ep', 'exp', 'rev')
if m[1] and tonumber(m[1]) > tonumber(ARGV[6]) then
    return {'TOO_NEW', now, m[1]}
end
local free = not m[2] or m[2] == '' or m[3] == ARGV[2] or (ARGV[8] ~= '' and m[3] == ARGV[8]) or now > tonumber(m[6])
if not free and m[2] ~= ARGV[1] then
    return {'HELD', now, m[4], m[6] - now}
end
if m[2] ~= ARGV[1] then
    local epoch = math.max(tonumber(m[5] or 0), tonumber(ARGV[5])) + 1
    redis.call('HSET', KEYS[1], 'lid', ARGV[1], 'own', ARGV[2], 'adr', ARGV[3], 'ep', epoch)
end
if not m[7] then
    redis.call('HSET', KEYS[1], 'fmt', ARGV[6], 'rev', '0', 'dig', '', 'bef', '', 'gen', '0', 'n', '0', 'pt', '0')
end
redis.call('HSET', KEYS[1], 'exp', now + ARGV[4], 'rid', ARGV[7])
local all = redis.call('HMGET', KEYS[1], 'rev', 'dig', 'bef', 'gen', 'ep', 'pend')
return {'OK', now, all[1], all[2], all[3], all[4], all[5], all[6] or ''}
