/** "fixed": each window begins at a multiple of its length. "sliding": it is the time before each request. */
export type WindowKind = "fixed" | "sliding";

/** How many requests a window allows. */
export interface WindowLimit {
  requests: number;
  windowMs: number;
  /** Moves the beginnings of fixed windows, ms: a Korean day begins 9 hours before one of UTC. Default: 0. */
  offsetMs?: number;
}

/** Counts the requests of each key in a window of the server's time. */
export class RequestWindows {
  readonly #kind: WindowKind;
  /** The times of the allowed requests of the current window, epoch ms, oldest first. */
  readonly #allowed = new Map<string, number[]>();

  constructor(kind: WindowKind) {
    this.#kind = kind;
  }

  /** Counts a request at `now` (epoch ms). Returns how many more the window allows, or -1 if it allows none. */
  take(key: string, now: number, { requests, windowMs, offsetMs = 0 }: WindowLimit): number {
    const fixedStart = Math.floor((now + offsetMs) / windowMs) * windowMs - offsetMs;
    const isInWindow = (at: number) => (this.#kind === "fixed" ? at >= fixedStart : at > now - windowMs);
    const allowed = (this.#allowed.get(key) ?? []).filter((at) => at <= now && isInWindow(at));
    this.#allowed.set(key, allowed);
    if (allowed.length >= requests) return -1;
    allowed.push(now);
    return requests - allowed.length;
  }

  clear(): void {
    this.#allowed.clear();
  }
}
