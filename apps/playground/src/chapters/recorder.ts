import { createHash } from "node:crypto";
import { TokenError } from "@x/token-cache-core";
import type { DrawnLife, TimelineRecord } from "./timeline.ts";

/** The clocks for a process's records. */
export interface PlayTime {
  /** Ms of real time since the play began. */
  now(): number;
  /** Ms by which the clocks were moved since then. */
  jumpedMs(): number;
  /** The client's clock, epoch ms. */
  wall(): number;
}

/** Records what one process does: its callers, its token requests, its tokens. */
export class Recorder {
  readonly lane: string;
  readonly #emit: (record: TimelineRecord) => void;
  readonly #time: PlayTime;

  constructor(lane: string, time: PlayTime, emit: (record: TimelineRecord) => void) {
    this.lane = lane;
    this.#time = time;
    this.#emit = emit;
  }

  /** Records one caller. A failure is recorded, not thrown. Resolves with the result, if there is one. */
  async call<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    const from = this.#time.now();
    const { result, problem } = await outcomeOf(work);
    this.#emit({ type: "call", lane: this.lane, from, to: this.#time.now(), ...(problem && { problem }) });
    return result;
  }

  /** A token, with its life by the client's clock, epoch ms. */
  token(id: string, life: Partial<DrawnLife> & { readonly until: number }): void {
    const { lane } = this;
    const at = this.#time.now();
    const here = at + this.#time.jumpedMs();
    const drawn = (epochMs: number) => epochMs - this.#time.wall() + here;
    const { from, renewFrom, unusableAt, until } = life;
    const windows = renewFrom === undefined || unusableAt === undefined ? {} : { renewFrom, unusableAt };
    const moments = { from: from ?? this.#time.wall(), until, ...windows };
    const entries = Object.entries(moments).map(([name, epochMs]) => [name, drawn(epochMs)]);
    this.#emit({ type: "token", lane, at, id, life: Object.fromEntries(entries) });
  }

  /** A `fetch` that records each token request and each refused call. `onToken`: receives each new token's answer. */
  watching(fetch: typeof globalThis.fetch, tokenUrl: string, onToken?: (answer: unknown) => void): typeof fetch {
    return async (input, init) => {
      const { lane } = this;
      const url = input instanceof Request ? input.url : String(input);
      if (!url.startsWith(tokenUrl)) {
        const response = await fetch(input, init);
        if (response.status === 401) this.#emit({ type: "refusal", lane, at: this.#time.now() });
        return response;
      }
      const from = this.#time.now();
      this.#emit({ type: "asking", lane, at: from });
      let status: number | undefined;
      try {
        const response = await fetch(input, init);
        status = response.status;
        if (onToken !== undefined && response.ok) onToken(await response.clone().json());
        return response;
      } finally {
        this.#emit({ type: "request", lane, from, to: this.#time.now(), status });
      }
    };
  }
}

/** The first 16 hex digits of a token's SHA-256, as the packages identify it. */
export function tokenId(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}

interface CallOutcome<Result> {
  readonly result?: Result;
  readonly problem?: string;
}

async function outcomeOf<Result>(work: () => Promise<Result>): Promise<CallOutcome<Result>> {
  try {
    const result = await work();
    const problem = result instanceof Response ? await problemIn(result) : undefined;
    return problem === undefined ? { result } : { problem };
  } catch (error) {
    return { problem: TokenError.is(error) ? error.code : messageOf(error) };
  }
}

/** What an API's answer says is wrong. Toss says it with HTTP 200. */
async function problemIn(response: Response): Promise<string | undefined> {
  const body = (await response.json().catch(() => ({}))) as { code?: unknown; error?: { errorCode?: unknown } } | null;
  const code = body?.error?.errorCode ?? (response.ok ? undefined : body?.code);
  if (typeof code === "string") return code;
  return response.ok ? undefined : `HTTP ${response.status}`;
}

const LONGEST_MESSAGE = 80;

function messageOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).slice(0, LONGEST_MESSAGE);
}
