import { systemError } from "./system-error.ts";

/** Methods without an effect at the server: a request may be sent again if nobody knows whether it arrived. */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** The codes of Node, undici, Bun and Deno for a connection that the server closed before it answered. */
const LOST_CONNECTION: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** A pool can hold more than one closed connection. */
const MOST_RESENDS = 2;

/**
 * Sends a request, and sends it again at once if its connection is lost before the answer. A server may close an idle
 * connection while the next request is on its way. Then that request is lost (RFC 9112, section 9.3.1).
 *
 * Under a rate limit all of this is one turn: a lost request did not reach what counts it. If one did, the answer to the
 * next one tells how many calls are left.
 */
export async function sendAgainIfLost(
  { method, signal }: { readonly method: string; readonly signal?: AbortSignal | null | undefined },
  send: () => Promise<Response>,
): Promise<Response> {
  for (let resends = 0; ; resends += 1) {
    try {
      return await send();
    } catch (error) {
      const isSafe = SAFE_METHODS.has(method.toUpperCase());
      if (resends === MOST_RESENDS || signal?.aborted || !isSafe || !isLostConnection(error)) throw error;
    }
  }
}

/** Whether a request failed because its connection was lost. */
function isLostConnection(error: unknown): boolean {
  return LOST_CONNECTION.has(systemError(error).code);
}
