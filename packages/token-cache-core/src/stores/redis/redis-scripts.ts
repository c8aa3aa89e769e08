import { redisScript } from "./redis-client.ts";

// A token's value is `<id> <payload>`, so that the scripts can compare ids without parsing more. Any other value counts as
// missing: it is overwritten. Notices go out by pcall: a user without the right to publish still has a store, whose waiters
// poll.

/** The characters of an id: printable ASCII without the space. As a Lua pattern, and for JavaScript. */
const ID = "[!-~]+";

/** A value that the scripts take for a token. */
export const TOKEN_VALUE = new RegExp(`^(${ID}) (.*)$`, "s");

const READ_ID = `
local value = redis.call('GET', KEYS[1])
local id = value and string.match(value, '^(${ID}) ')
`;

/** KEYS: token. Returns the value and its remaining life in ms, or nothing. */
export const getScript = redisScript(`
local value = redis.call('GET', KEYS[1])
if not value then return false end
return {value, redis.call('PTTL', KEYS[1])}
`);

/** KEYS: token. ARGV: id, payload, remaining life in ms, channel, notice. Returns whether it was written. */
export const setScript = redisScript(`${READ_ID}
if id and id ~= ARGV[1] and redis.call('PTTL', KEYS[1]) > tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
redis.pcall('PUBLISH', ARGV[4], ARGV[5])
return 1
`);

/** KEYS: token. ARGV: id, channel, notice. Returns whether it was deleted. */
export const deleteScript = redisScript(`${READ_ID}
if id ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.pcall('PUBLISH', ARGV[2], ARGV[3])
return 1
`);

/** ARGV: owner, hold time in ms. A lease without an expiry does not count: it would hold up every process forever. */
const takeLease = (lease: string) => `
local owner = redis.call('GET', ${lease})
if owner and owner ~= ARGV[1] and redis.call('PTTL', ${lease}) >= 0 then return 0 end
redis.call('SET', ${lease}, ARGV[1], 'PX', ARGV[2])
return 1
`;

/**
 * KEYS: lease. ARGV: owner, hold time in ms. Returns whether the lease is the owner's. It is, even if the client lost
 * the first answer and sends the command again.
 */
export const takeLeaseScript = redisScript(takeLease("KEYS[1]"));

/**
 * KEYS: token, lease. ARGV: owner, hold time in ms, id of the known token or an empty text, its remaining life in ms. Returns a
 * token that is news with its remaining life, or else whether the lease is the owner's.
 */
export const getOrLeaseScript = redisScript(`${READ_ID}
if id then
  local left = redis.call('PTTL', KEYS[1])
  if left > 0 and (id ~= ARGV[3] or left > tonumber(ARGV[4])) then return {value, left} end
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
