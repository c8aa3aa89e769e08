import { redisScript } from "./redis-client.ts";

// A token's value is `<id> <payload>`, so that the scripts can tell its id without knowing more of it. The notice goes
// out by pcall: a user without the right to publish still has a store, whose waiters poll.

/** KEYS: token. Returns the value and its remaining life in ms, or nothing. */
export const getScript = redisScript(`
local value = redis.call('GET', KEYS[1])
if not value then return false end
return {value, redis.call('PTTL', KEYS[1])}
`);

/** KEYS: token. ARGV: id, payload, remaining life in ms, channel, notice. Returns whether it was written. */
export const setScript = redisScript(`
local start = ARGV[1] .. ' '
local kept = redis.call('GET', KEYS[1])
if kept and string.sub(kept, 1, #start) ~= start and redis.call('PTTL', KEYS[1]) > tonumber(ARGV[3]) then
  return 0
end
redis.call('SET', KEYS[1], start .. ARGV[2], 'PX', ARGV[3])
redis.pcall('PUBLISH', ARGV[4], ARGV[5])
return 1
`);

/** KEYS: token. ARGV: id, channel, notice. Returns whether it was deleted. */
export const deleteScript = redisScript(`
local start = ARGV[1] .. ' '
local kept = redis.call('GET', KEYS[1])
if not kept or string.sub(kept, 1, #start) ~= start then return 0 end
redis.call('DEL', KEYS[1])
redis.pcall('PUBLISH', ARGV[2], ARGV[3])
return 1
`);

/** ARGV: owner, hold time in ms. */
const takeLease = (lease: string) => `
local owner = redis.call('GET', ${lease})
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', ${lease}, ARGV[1], 'PX', ARGV[2])
return 1
`;

/**
 * KEYS: lease. ARGV: owner, hold time in ms. Returns whether it is the owner's: also when the client has sent the same
 * command twice, since it lost the connection before the first answer.
 */
export const takeLeaseScript = redisScript(takeLease("KEYS[1]"));

/**
 * KEYS: token, lease. ARGV: owner, hold time in ms, id of the token that is known or nothing. Returns another token's value
 * and remaining life, or else whether the lease is the owner's.
 */
export const getOrLeaseScript = redisScript(`
local value = redis.call('GET', KEYS[1])
local id = value and string.match(value, '^([^ ]+) ')
if id and id ~= ARGV[3] then
  local left = redis.call('PTTL', KEYS[1])
  if left > 0 then return {value, left} end
end
${takeLease("KEYS[2]")}`);

/** KEYS: lease. ARGV: owner, hold time in ms. Returns whether it is still the owner's. */
export const extendLeaseScript = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`);

/** KEYS: lease. ARGV: owner, channel, notice. Returns whether it was still the owner's. */
export const releaseLeaseScript = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.pcall('PUBLISH', ARGV[2], ARGV[3])
return 1
`);
