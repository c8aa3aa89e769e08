import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR, MINUTE, SECOND } from "../cache/token-source.test-support.ts";
import { backoffMs, retryAfterMs } from "./backoff.ts";

const LIMITS = { baseMs: 200, capMs: 5_000 };

describe("backoff", () => {
  test("doubles up to the cap", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) => backoffMs(failures, LIMITS, 1));
    expect(longest).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  test("spreads over the upper half of the wait", () => {
    expect([backoffMs(2, LIMITS, 0), backoffMs(2, LIMITS, 0.5), backoffMs(2, LIMITS, 1)]).toEqual([200, 300, 400]);
  });

  test("draws a random number each time if none is given", () => {
    expect(new Set(Array.from({ length: 100 }, () => backoffMs(1, LIMITS))).size).toBeGreaterThan(90);
  });

  test("stays within its bounds for any number of failures", () => {
    const positive = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), positive, positive, (failures, a, b) => {
        const [baseMs, capMs] = [Math.min(a, b), Math.max(a, b)];
        const waitMs = backoffMs(failures, { baseMs, capMs });
        expect(waitMs).toBeGreaterThanOrEqual(baseMs / 2);
        expect(waitMs).toBeLessThanOrEqual(capMs);
      }),
    );
  });
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 4, 1, 12, 0, 0);
  const read = (value: string) => retryAfterMs(new Headers({ "retry-after": value }), now);

  test.each([
    ["0", 0],
    ["7", 7 * SECOND],
    [" 120 ", 2 * MINUTE],
    ["3600", HOUR],
    ["3601", HOUR],
    ["99999999999999999999", HOUR],
    ["Fri, 01 May 2026 12:00:30 GMT", 30 * SECOND],
    ["Fri, 01 May 2026 11:59:00 GMT", 0],
    ["Sat, 01 May 2027 12:00:00 GMT", HOUR],
  ])("%o is a wait of %i ms", (value, expected) => {
    expect(read(value)).toBe(expected);
  });

  test.each(["", " ", "soon", "-1", "1.5", "1e3", "0x10", "5 s", "2026-05-01", "1, 2"])("%o is undefined", (value) => {
    expect(read(value)).toBeUndefined();
  });

  test("with a date counts from the answer's own, whatever this machine's clock says", () => {
    const date = "Fri, 01 May 2026 11:00:00 GMT";
    const headers = new Headers({ "retry-after": "Fri, 01 May 2026 11:00:20 GMT", date });
    for (const nowMs of [undefined, 0, now]) expect(retryAfterMs(headers, nowMs)).toBe(20 * SECOND);
    headers.set("date", "yesterday");
    expect(retryAfterMs(headers, now - HOUR)).toBe(20 * SECOND);
    expect(retryAfterMs(headers)).toBeUndefined();
  });

  test("is undefined if it is absent", () => {
    expect(retryAfterMs(new Headers(), now)).toBeUndefined();
  });

  test("is never longer than an hour nor negative, whatever it holds", () => {
    const anyText = fc.oneof(
      fc.stringMatching(/^[\x20-\x7e]*$/),
      fc.nat().map(String),
      fc.date({ noInvalidDate: true }).map(String),
    );
    fc.assert(
      fc.property(anyText, (value) => {
        const waitMs = read(value) ?? 0;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(HOUR);
      }),
    );
  });
});
