import { LONGEST_DELAY_MS, type TurnGrant, type TurnRequest } from "../../contract/lane-turns.ts";
import type { FoundToken, Lease, StoreChange, TokenOrLease, UnreadableEntry } from "../../contract/token-store.ts";

// A store is foreign code and may answer anything: values of other types, getters that throw or change. Each property
// is read once, here, and what is returned is a copy.

/** @throws TypeError unless it is a token, or `undefined` for none */
export function checkFoundToken(answer: unknown): FoundToken | undefined {
  if (answer === undefined) return undefined;
  const { id, payload, remainingMs } = Object(answer) as Partial<FoundToken>;
  if (typeof id === "string" && id !== "" && typeof payload === "string" && typeof remainingMs === "number") {
    return { id, payload, remainingMs };
  }
  throw new TypeError("The store's answer is neither a token nor undefined.");
}

/** @throws TypeError unless it is a lease, or `undefined` for none */
export function checkLease(answer: unknown): Lease | undefined {
  if (answer === undefined) return undefined;
  const { extend, release } = Object(answer) as Partial<Lease>;
  if (typeof extend === "function" && typeof release === "function") {
    return {
      extend: async (holdMs) => (await extend.call(answer, holdMs)) === true,
      release: async () => void (await release.call(answer)),
    };
  }
  throw new TypeError("The store's answer is neither a lease nor undefined.");
}

/** @throws TypeError unless it is one of the three that {@link TokenStore.getOrLease} may answer */
export function checkTokenOrLease(answer: unknown): TokenOrLease {
  const { type, token, lease } = Object(answer) as { type?: unknown; token?: unknown; lease?: unknown };
  const [foundToken, takenLease] = [checkFoundToken(token), checkLease(lease)];
  if (type === "token" && foundToken !== undefined) return { type, token: foundToken };
  if (type === "lease" && takenLease !== undefined) return { type, lease: takenLease };
  if (type === "held") return { type };
  throw new TypeError("The store's answer is neither a token nor a lease nor held.");
}

/** How long a group may be closed, in ms: a store's clock is not read at the same moment as it is asked. */
const LONGEST_CLOSED_MS = LONGEST_DELAY_MS + 60 * 60 * 1_000;

/** @throws TypeError unless it is a valid answer to this request for turns */
export function checkTurnGrant(answer: unknown, { count: wanted }: TurnRequest): TurnGrant {
  const { count, startsInMs, lastTurn, processes, closedForMs, note } = Object(answer) as Record<
    keyof TurnGrant,
    unknown
  >;
  const isRight =
    isWithin(count, 0, wanted) &&
    // A lane of one call in two days is slow, but not wrong.
    isWithin(startsInMs, -Number.MAX_VALUE, Number.MAX_VALUE) &&
    isWithin(lastTurn, 0, Number.MAX_SAFE_INTEGER) &&
    isWithin(processes, 1, 1e6) &&
    isWithin(closedForMs, 0, LONGEST_CLOSED_MS) &&
    (note === undefined || typeof note === "string");
  if (isRight) return { count, startsInMs, lastTurn, processes, closedForMs, note };
  throw new TypeError("The store's answer does not fit the request for turns.");
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}

/** A change notice; `undefined` if it is none. */
export function readStoreChange(notice: unknown): StoreChange | undefined {
  const { key, refusedTokenId } = Object(notice) as Partial<StoreChange>;
  if (typeof key !== "string") return undefined;
  return typeof refusedTokenId === "string" ? { key, refusedTokenId } : { key };
}

const UNKNOWN_END = { tokenId: "", remainingMs: Number.POSITIVE_INFINITY };

/** A store's report of an entry that it cannot read; `undefined` if it is none. */
export function readUnreadableEntry(report: unknown): UnreadableEntry | undefined {
  const { key, tokenId, remainingMs, reason } = Object(report) as Partial<UnreadableEntry>;
  if (typeof key !== "string" || typeof reason !== "string") return undefined;
  const end = typeof tokenId === "string" && typeof remainingMs === "number" ? { tokenId, remainingMs } : UNKNOWN_END;
  return { key, reason, ...end };
}
