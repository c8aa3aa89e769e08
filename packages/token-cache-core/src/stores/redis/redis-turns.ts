import {
  LANE_KEPT_MS,
  LONGEST_DELAY_MS,
  PROBE_MS,
  PROCESS_SEEN_MS,
  type TurnGrant,
  type TurnRequest,
} from "../../contract/lane-turns.ts";
import { type RedisClient, redisScript } from "./redis-client.ts";

// The same decision as `takeTurns`, by the server's clock. Moments are kept as text with three decimals, since Lua would
// round them. A group's lanes are one hash, so that one hash slot is enough.

/**
 * KEYS: lanes, processes. ARGV: lane, count, interval, burst, horizon, process, delay or nothing, turn that the delay counts
 * from or nothing, time to close for or nothing, note or nothing. Returns count, start, last turn, processes, time closed,
 * note or nothing.
 */
const takeTurnsScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local lane, interval, horizon = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[5])
local kept = redis.call('HMGET', KEYS[1], lane .. ' last', lane .. ' turn', 'closed', lane .. ' note')

redis.call('ZADD', KEYS[2], now, ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ${PROCESS_SEEN_MS})
redis.call('PEXPIRE', KEYS[2], ${PROCESS_SEEN_MS})

-- What somebody else wrote must not block a lane for ever.
local latest = now + 2 * ${LONGEST_DELAY_MS}
local keptLast, closed = tonumber(kept[1] or 0), kept[3] and tonumber(kept[3])
if not keptLast or not (keptLast <= latest) then keptLast = 0 end
if closed and not (closed <= latest) then closed = nil end

local turn = tonumber(kept[2] or 0)
local nextAt = math.max(keptLast + interval, now + (1 - tonumber(ARGV[4])) * interval)
if ARGV[7] ~= '' then
  local since = ARGV[8] == '' and 0 or math.max(0, turn - tonumber(ARGV[8]))
  nextAt = math.max(nextAt, now + math.min(tonumber(ARGV[7]) + since * interval, ${LONGEST_DELAY_MS}))
end
if ARGV[9] ~= '' then closed = tonumber(ARGV[9]) > 0 and now + math.min(tonumber(ARGV[9]), ${LONGEST_DELAY_MS}) end

local count = 0
if not closed then
  count = math.max(0, math.min(tonumber(ARGV[2]), math.floor((now + horizon - nextAt) / interval) + 1))
elseif closed <= now and tonumber(ARGV[2]) > 0 then
  count = 1
  closed = now + ${PROBE_MS}
end
local starts = nextAt - now
local last = nextAt + (count - 1) * interval
turn = turn + count
redis.call('HSET', KEYS[1], lane .. ' last', string.format('%.3f', last), lane .. ' turn', string.format('%d', turn))
local note = ARGV[10]
if note == '' then note = kept[4] or '' else redis.call('HSET', KEYS[1], lane .. ' note', note) end
if closed then
  redis.call('HSET', KEYS[1], 'closed', string.format('%.3f', closed))
else
  redis.call('HDEL', KEYS[1], 'closed')
end
local keep = math.max(now, last, closed or 0) - now + ${LANE_KEPT_MS}
if keep > redis.call('PTTL', KEYS[1]) then redis.call('PEXPIRE', KEYS[1], math.ceil(keep)) end
local closedFor = closed and math.max(0, closed - now) or 0
return {string.format('%d', count), string.format('%.3f', starts), string.format('%d', turn),
  string.format('%d', redis.call('ZCARD', KEYS[2])), string.format('%.3f', closedFor), note}
`);

/** Gives turns in one round trip. `names`: of the group's lanes and of its processes. */
export async function takeRedisTurns(
  client: RedisClient,
  names: readonly [lanes: string, processes: string],
  lane: string,
  { count, intervalMs, burst, horizonMs, processId, putOff, closeForMs, note }: TurnRequest,
): Promise<TurnGrant> {
  const numbers = [count, intervalMs, burst, horizonMs].map(String);
  const rest = [processId, putOff?.delayMs, putOff?.afterTurn, closeForMs, note].map((each) => String(each ?? ""));
  const reply = await takeTurnsScript.run(client, names, [lane, ...numbers, ...rest]);
  if (!Array.isArray(reply) || reply.length !== 6) throw new TypeError("The script's answer is not ours.");
  const [given, startsInMs, lastTurn, processes, closedForMs] = reply.map(Number);
  return {
    count: given,
    startsInMs,
    lastTurn,
    processes,
    closedForMs,
    note: String(reply[5]) || undefined,
  } as TurnGrant;
}
