import type { Limits } from "./limits.ts";
import type { Regime } from "./regimes.ts";
import type { Rotation } from "./rotation.ts";
import type { ClockFaults } from "./world.ts";

/** What goes wrong for a while. `share`: how many of the requests it hits; `ms`: how long it takes where it takes time. */
export interface Fault {
  readonly kind: FaultKind;
  readonly from: number;
  readonly to: number;
  readonly share: number;
  readonly ms: number;
}

export const storeFaults = [
  "store slow",
  "store loses requests",
  "store loses replies",
  "store fails",
  "store hangs",
  "store mixes up replies",
  "notices lost",
  "notices late",
  "notices twice",
] as const;

export const providerFaults = [
  "provider slow",
  "provider down",
  "provider unreachable",
  "provider hangs",
  "provider loses answers",
  "provider limits",
  "provider names nonsense",
  "provider denies",
  "api lags",
  "api denies",
] as const;

/** Of the function that fetches the credentials. */
export const secretFaults = ["secrets fail", "secrets hang", "secrets slow"] as const;

export type FaultKind = (typeof storeFaults)[number] | (typeof providerFaults)[number] | (typeof secretFaults)[number];

/** What somebody does at a moment. `identity`: which token it is about. */
export interface Action {
  readonly at: number;
  readonly process: number;
  readonly identity: number;
  readonly what: ActionKind;
  /** A length of time that belongs to it, in ms. */
  readonly ms: number;
}

/** What callers do. */
export const calls = ["get", "get all", "get and abort", "force", "use", "fetch", "refuse", "invalidate"] as const;
/** What happens to processes, clocks, tokens and entries. */
export const upsets = [
  "revoke",
  "evict",
  "garble",
  "close",
  "crash",
  "deploy",
  "step",
  "sleep",
  "force and sleep",
] as const;
/** What callers do where the provider counts API calls. */
export const pacedCalls = [
  "read",
  "read",
  "read",
  "order",
  "order",
  "upload",
  "read and abort",
  "upload and abort",
] as const;
/** What callers do in courses only. */
type CourseCall = "refuse the first";
export type ActionKind = (typeof calls)[number] | (typeof upsets)[number] | (typeof pacedCalls)[number] | CourseCall;

export type Encryption = "none" | "old key" | "both keys" | "new key";

/** A process's options; a rolling deploy takes it from the first version to the second. */
export interface Version {
  readonly encryption: Encryption;
  readonly sharedFlights: boolean;
  readonly maxIdentities: number;
  readonly maxConcurrentIssues: number;
}

/** One schedule: all that follows from a seed before anything runs. As data, so that it can be made shorter. */
export interface Plan {
  readonly seed: number;
  readonly regime: Regime;
  readonly identities: number;
  /** How the processes' store is made; `undefined`: memory alone. */
  readonly store: { readonly atOnce: boolean; readonly leases: boolean; readonly notices: boolean } | undefined;
  readonly machines: readonly ClockFaults[];
  readonly versions: readonly [Version, Version];
  /** The deploy is half done at the start: every second process has the second version. */
  readonly isMixed: boolean;
  /** Caches have an observer. Without one, a cache hit takes the shortest way. */
  readonly isObserved: boolean;
  /** Token requests go by `exchangeToken` over a fake fetch, and not by a source alone. */
  readonly exchanges: boolean;
  /** How the provider counts API calls. Default: it does not. */
  readonly limits?: Limits;
  /** A function fetches the credentials, and they change. Default: they are options, and do not. */
  readonly rotation?: Rotation;
  readonly faults: readonly Fault[];
  readonly actions: readonly Action[];
  /** From here on nothing goes wrong any more. */
  readonly quietFrom: number;
  readonly endsAt: number;
}

/** Nothing goes wrong, and callers only ask for tokens. */
export function isPeaceful({ faults, actions, rotation }: Plan): boolean {
  return (
    rotation === undefined && faults.length === 0 && actions.every(({ what }) => what === "get" || what === "get all")
  );
}

/** Every process can read what the others write to the store. */
export function isReadableByAll({ versions, isMixed, actions }: Plan): boolean {
  const [first, next] = versions;
  return first.encryption === next.encryption || (!isMixed && actions.every(({ what }) => what !== "deploy"));
}

/** When all is quiet, and for how long. */
export function timesOf({ faults, actions, regime }: Pick<Plan, "faults" | "actions" | "regime">) {
  const quietFrom = Math.max(...actions.map(({ at, ms }) => at + ms), ...faults.map(({ to }) => to)) + 10_000;
  return { quietFrom, endsAt: quietFrom + settleMs(faults) + Math.max(60_000, 1_300 * regime.lifetimeS) };
}

/** How long after the last fault everything has to be well again. */
export function settleMs(faults: readonly Fault[]): number {
  const limits = faults.filter(({ kind }) => kind === "provider limits");
  return 150_000 + Math.max(0, ...limits.map(({ ms }) => ms));
}
