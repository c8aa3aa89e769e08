import { parseFault } from "./fault-input.ts";
import type { Endpoint } from "./provider.ts";

/** Where a fault strikes, and how often. */
export interface FaultScope {
  endpoint: Endpoint;
  /** How many requests it strikes before it is gone. Default: all, until it is removed. */
  times?: number;
  /** The share of requests it strikes, from 0 to 1, drawn at random. Default: 1. */
  share?: number;
}

/** What a fault does to a request. */
export type FaultEffect =
  /** Answers in the provider's stead. A string is sent as it is, anything else as JSON. Default body: the status's name. */
  | { kind: "status"; status: number; body?: unknown; headers?: Record<string, string> }
  /**
   * An error in the provider's own form. `code`: a Naver gateway code (`GW.RATE_LIMIT`), an OAuth error at `toss.token`
   * (`invalid_client`), an `errorCode` at `toss.api` (`TOO_MANY_REQUEST`), the envelope's number at iamport (`-1`).
   */
  | { kind: "provider-error"; code?: string; message?: string; status?: number; headers?: Record<string, string> }
  /** Waits real milliseconds: before handling the request, or (default) with the finished answer in hand. */
  | { kind: "delay"; ms: number; hold?: "request" | "answer" }
  /** Never answers. With `handled` the provider did its work first (a token was issued) and only the answer is missing. */
  | { kind: "hang"; handled?: boolean }
  /** Closes the connection: before any header (default; `handled` as above), or after half of the body. */
  | { kind: "cut"; when?: "before-headers" | "mid-body"; handled?: boolean }
  /** A proxy's HTML page. Default status: 502. */
  | { kind: "html"; status?: number }
  /** No body at all. Default status: 200. */
  | { kind: "empty"; status?: number }
  /**
   * The provider's own answer after white space, `bytes` in all (default 2 MiB): whoever reads it whole finds it valid.
   * With `declareLength: false` it is sent in chunks, so that only counting bounds it.
   */
  | { kind: "huge"; bytes?: number; declareLength?: boolean }
  /**
   * Another lifetime in the token answer; the token itself keeps its own. Any JSON value; left out: the field is missing.
   * At iamport a number counts seconds from the answer's `now`, anything else replaces `expired_at`.
   */
  | { kind: "expires-in"; value?: unknown }
  /** Sends the client elsewhere. Default status: 302. */
  | { kind: "redirect"; location: string; status?: 301 | 302 | 303 | 307 | 308 }
  /** HTTP 200 with the provider's error inside, no token. */
  | { kind: "tokenless" }
  /** HTTP 200, `code: 0` and `response: null`, as was seen of iamport. */
  | { kind: "null-response" }
  /** What a cache answers: an `Age` header and a `Date` that old. Default: 600 seconds. */
  | { kind: "stale"; ageSeconds?: number }
  /** Another `Date` header: this text, or the server's time plus `offsetMs`. Neither: no `Date` header. */
  | { kind: "date"; value?: string; offsetMs?: number };

/** The kinds of faults. */
export type FaultKind = FaultEffect["kind"];

/** A fault: where, how often, and what. */
export type Fault = FaultScope & FaultEffect;

/** A fault that is set. */
export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  /** How many requests it has struck. */
  struck: number;
}

/** These decide the whole answer, so that one of them is enough for a request; the others add up. */
const DECIDING: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "status",
  "provider-error",
  "hang",
  "cut",
  "html",
  "empty",
  "redirect",
  "tokenless",
  "null-response",
]);

/** What strikes one request. */
export interface DrawnFaults {
  readonly deciding: Fault | undefined;
  readonly changing: readonly Fault[];
}

/** The faults that are set, in the order in which they were set. */
export class FaultBoard {
  #active: ActiveFault[] = [];
  #nextId = 1;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  /** Sets a fault after checking it. Throws an InvalidInputError that names the wrong field. */
  add(input: unknown): ActiveFault {
    const active: ActiveFault = { id: this.#nextId, fault: parseFault(input), struck: 0 };
    this.#nextId += 1;
    this.#active.push(active);
    return active;
  }

  /** Removes a fault; false where it is not set (any more). */
  remove(id: number): boolean {
    const before = this.#active.length;
    this.#active = this.#active.filter((active) => active.id !== id);
    return this.#active.length < before;
  }

  clear(): void {
    this.#active = [];
  }

  /** Takes what strikes the next request of an endpoint: the first deciding fault, and every changing one. */
  draw(endpoint: Endpoint): DrawnFaults {
    let deciding: Fault | undefined;
    const changing: Fault[] = [];
    for (const active of this.#active) {
      const { fault } = active;
      if (fault.endpoint !== endpoint) continue;
      if (DECIDING.has(fault.kind) && deciding !== undefined) continue;
      if (fault.share !== undefined && this.#random() >= fault.share) continue;
      active.struck += 1;
      if (DECIDING.has(fault.kind)) deciding = fault;
      else changing.push(fault);
    }
    this.#active = this.#active.filter(({ fault, struck }) => fault.times === undefined || struck < fault.times);
    return { deciding, changing };
  }
}
