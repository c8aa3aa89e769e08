import type { Answer } from "../answers/recorder.ts";
import { duration } from "../duration.ts";
import { type Finding, finding } from "../findings/finding.ts";

/** A `Date` header has no milliseconds: below this the clocks agree. */
const TOLERANCE_MS = 2_000;

/** Compares this machine's clock with an answer's `Date` header. */
export function clockFinding({ headers, sentAt, receivedAt }: Answer): Finding {
  const age = headers.get("age");
  if (age !== null && Number(age) > 0) return finding("clock.cached", { age: Number(age) });
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return finding("clock.unknown");
  const offsetMs = offsetOf(date, sentAt, receivedAt);
  const values = { offset: duration(Math.abs(offsetMs)), offsetMs };
  if (Math.abs(offsetMs) <= TOLERANCE_MS) return finding("clock.ok", values);
  return finding(offsetMs > 0 ? "clock.ahead" : "clock.behind", values);
}

/** This machine's time minus the server's. The server wrote its second at some moment between sending and receiving. */
function offsetOf(date: number, sentAt: number, receivedAt: number): number {
  const least = sentAt - (date + 1_000);
  const most = receivedAt - date;
  if (least <= 0 && most >= 0) return 0;
  return least > 0 ? least : most;
}
