import type { Endpoint } from "../provider/provider.ts";

/** Which requests a fault affects. */
export interface FaultScope {
  endpoint: Endpoint;
  /** The number of requests that the fault affects before it is removed. Default: all of them. */
  times?: number;
  /** The probability, from 0 to 1, that the fault affects a request. Default: 1. */
  share?: number;
}

/** What a fault does to a request. */
export type FaultEffect =
  /** Replaces the answer. A string body is sent unchanged, any other value as JSON. Default body: the status's name. */
  | { kind: "status"; status: number; body?: unknown; headers?: Record<string, string> }
  /**
   * An error in the provider's own format. `code`: a Naver gateway code (`GW.RATE_LIMIT`), an OAuth error at `toss.token`
   * (`invalid_client`), an `errorCode` at `toss.api` (`TOO_MANY_REQUEST`), the envelope's number at iamport (`-1`).
   */
  | { kind: "provider-error"; code?: string; message?: string; status?: number; headers?: Record<string, string> }
  /** Waits for real milliseconds: before the request is handled, or (default) after it, before the answer is sent. */
  | { kind: "delay"; ms: number; hold?: "request" | "answer" }
  /** Never answers. With `handled` the request is processed first: a token was issued, only the answer is missing. */
  | { kind: "hang"; handled?: boolean }
  /** Closes the connection: before the headers (default; `handled` as above), or after half of the body. */
  | { kind: "cut"; when?: "before-headers" | "mid-body"; handled?: boolean }
  /**
   * Closes the connection after the answer, as servers do with idle connections. "next-request" (default): the close and
   * the client's next request on the connection cross. That request is reset; it is neither counted nor processed.
   * "idle": `afterMs` real milliseconds after the answer (default 0), where the client sees it.
   */
  | { kind: "idle-close"; when?: "next-request" | "idle"; afterMs?: number }
  /** A proxy's HTML page. Default status: 502. */
  | { kind: "html"; status?: number }
  /** An empty body. Default status: 200. */
  | { kind: "empty"; status?: number }
  /**
   * The provider's valid answer after white space, `bytes` in all (default 2 MiB).
   * With `declareLength: false` it is sent in chunks, without a `Content-Length`: the client must count.
   */
  | { kind: "huge"; bytes?: number; declareLength?: boolean }
  /**
   * Another lifetime in the token answer; the token's real lifetime does not change. Any JSON value; undefined removes
   * the field. At iamport a number is added to the answer's `now`, any other value replaces `expired_at`.
   */
  | { kind: "expires-in"; value?: unknown }
  /** Redirects the client. Default status: 302. */
  | { kind: "redirect"; location: string; status?: 301 | 302 | 303 | 307 | 308 }
  /** HTTP 200 with the provider's error in the body, and no token. */
  | { kind: "tokenless" }
  /** HTTP 200, `code: 0` and `response: null`, as iamport was seen to answer. */
  | { kind: "null-response" }
  /** An answer from a cache: an `Age` header, and a `Date` of that age. Default: 600 seconds. */
  | { kind: "stale"; ageSeconds?: number }
  /** Another `Date` header: this text, or the server's time plus `offsetMs`. With neither: no `Date` header. */
  | { kind: "date"; value?: string; offsetMs?: number };

/** The kinds of faults. */
export type FaultKind = FaultEffect["kind"];

/** A fault: which requests it affects, how many of them, and what it does. */
export type Fault = FaultScope & FaultEffect;
