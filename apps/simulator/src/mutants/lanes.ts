import { mutant } from "./mutant.ts";

/** Calls and token requests that wait for their turn. */
export const lanes = [
  mutant("lanes are not shared", "cache/token-cache.ts", "shared: options.store?.take && this.#shared?.lanes(),", ""),
  mutant(
    "a turn is not waited for",
    "rate-limit/call-pacer.ts",
    "const turn = line.takeDue(at);",
    "const turn = line.takeDue(at) ?? { number: undefined, isProbe: false };",
  ),
  mutant(
    "maxWaitMs is ignored",
    "rate-limit/waiting-line.ts",
    "const giveUp = () => waiter.reject(this.#tooLongError(this.#clock.monotonic()));",
    "const giveUp = () => {};",
  ),
  mutant(
    "a caller's abort does not end its wait",
    "rate-limit/waiting-line.ts",
    `signal?.addEventListener("abort", onAbort, { once: true });`,
    "",
  ),
  mutant("close() leaves the waits for turns", "cache/token-cache.ts", "this.#lanes.end(closedError());", ""),
  mutant(
    "a call waits for its turn after close()",
    "rate-limit/lanes.ts",
    "if (this.#endReason !== undefined) throw this.#endReason;",
    "",
  ),
  mutant(
    "one identity gets all turns",
    "rate-limit/fair-queue.ts",
    "      this.#entries.delete(identity);\n      for",
    "      if (own.size === 1) this.#entries.delete(identity);\n      for",
  ),
  mutant(
    "a used-up quota does not close the lanes",
    "rate-limit/lane.ts",
    "if (closedForMs !== undefined) this.gate.set(closedForMs, now);",
    "if (closedForMs !== undefined) this.gate.isClosed;",
  ),
  mutant(
    "the other processes hear of no quota",
    "rate-limit/lanes.ts",
    "this.#init.shared?.take(group, QUOTA_LANE, request);",
    "void [group, QUOTA_LANE, request];",
  ),
  mutant(
    "turns from before a quota closed are used",
    "rate-limit/shared-bucket.ts",
    "if (gate.isClosed && !reserved.isProbe) {",
    "if (false) {",
  ),
  mutant(
    "without the store each process takes all turns",
    "rate-limit/local-bucket.ts",
    "return intervalMs * this.processes;",
    "return intervalMs;",
  ),
  mutant(
    "lanes do not look for a paused store",
    "cache/sharing/circuit-breaker.ts",
    `this.#attempt("take", group, ask, undefined, true);`,
    "ask;",
  ),
  mutant(
    "a call that was refused for its rate is not sent again",
    "rate-limit/call-pacer.ts",
    "return canResend && (isUnprocessed",
    "return false && (isUnprocessed",
  ),
  mutant(
    "an order that may have been processed is sent again",
    "rate-limit/call-pacer.ts",
    `isUnprocessed || resendAnyMethod || method === "GET" || method === "HEAD"`,
    "true",
  ),
  mutant(
    "uploads of one identity overlap",
    "rate-limit/call-pacer.ts",
    "return line.lane.rule.oneAtATime ? this.#sendAlone(line, call) : this.#sendInTurn(line, call);",
    "return this.#sendInTurn(line, call);",
  ),
  mutant(
    "uploads of two processes overlap",
    "rate-limit/lanes.ts",
    "new CallLeases(init.shared?.lease, init.clock, init.sharedQueues)",
    "new CallLeases(undefined, init.clock, init.sharedQueues)",
  ),
  mutant(
    "an upload's lease is not given back",
    "rate-limit/call-leases.ts",
    "        lease?.end();\n        this.#leave(key);",
    "        this.#leave(key);",
  ),
  mutant(
    "token requests wait for no turn",
    "cache/issue-slot.ts",
    "this.#line = owner && lanes.tokenLineOf(owner);",
    "",
  ),
];
