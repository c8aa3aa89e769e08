import { TokenError } from "@x/token-cache-core";
import type { Call } from "../told.ts";

/** Timers ring late. */
export const SLACK_MS = 5;
/** A process keeps turns of a wide lane for so long. */
export const KEPT_MS = 10_500;

export const isPaced = ({ lane }: Call) => lane !== undefined;
/** It has a token and no request is on its way. */
export const isWaiting = ({ heldId, requests }: Call) =>
  heldId !== undefined && requests.every(({ answer }) => answer !== undefined);
export const nameOf = ({ process, number }: Call) => `API call ${number} of ${process.name}`;

/** How long a call waited so far: what its requests took does not count. */
export function waitedMs({ process, startedMonotonic, requests }: Call): number {
  const now = process.machine.monotonic();
  const requestsMs = requests.reduce((sum, { sentAt, answer }) => sum + (answer?.at ?? now) - sentAt, 0);
  return now - startedMonotonic - requestsMs;
}

/** How much of `maxWaitMs` a call has spent: its first request does not count, those that are sent again do. */
export function spentMs({ process, startedMonotonic, requests }: Call): number {
  const now = process.machine.monotonic();
  const [first] = requests;
  return now - startedMonotonic - (first === undefined ? 0 : (first.answer?.at ?? now) - first.sentAt);
}

export function errorCode({ outcome }: Call): string | undefined {
  return outcome !== undefined && "error" in outcome && TokenError.is(outcome.error) ? outcome.error.code : undefined;
}
