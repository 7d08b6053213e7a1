-- TRANSFER: hands the pool over without a gap; to nobody, if the successor's lease is empty.
-- KEYS m   ARGV lease, revision, digest, successor's lease, boot and address, lease ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local m = redis.call('HMGET', KEYS[1], 'lid', 'rev', 'dig', 'bef', 'gen', 'adr', 'ep')
if m[2] and (m[1] == ARGV[4] or not m[1]) then
    return {'OK', now}
end
if m[1] ~= ARGV[1] then
    return {'FENCED', now, m[2] or '', m[6] or '', m[7] or '0'}
end
if m[2] ~= ARGV[2] or m[3] ~= ARGV[3] then
    return {'MISMATCH', now, m[2], m[3], m[4], m[5]}
end
local expires = now
if ARGV[4] ~= '' then
    expires = now + ARGV[7]
end
redis.call('HSET', KEYS[1], 'lid', ARGV[4], 'own', ARGV[5], 'adr', ARGV[6], 'exp', expires)
return {'OK', now}
