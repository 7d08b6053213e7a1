-- RENEW: extends the lease, and says where the pool stands, so that an idle owner sees when it is less than it was.
-- KEYS m   ARGV lease, lease ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local m = redis.call('HMGET', KEYS[1], 'lid', 'rev', 'dig', 'bef', 'gen', 'adr', 'ep')
if m[1] ~= ARGV[1] then
    return {'FENCED', now, m[2] or '', m[6] or '', m[7] or '0'}
end
redis.call('HSET', KEYS[1], 'exp', now + ARGV[2])
return {'OK', now, m[2], m[3], m[4], m[5]}
