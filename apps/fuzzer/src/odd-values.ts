import fc from "fast-check";

/** Text that breaks careless code. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", " ", "\0", "\r\n", "x\r\nX-Injected: 1", "토큰", "\ud800", "é", "a b", "\u2028", "\xff x", "-1"),
  fc.constantFrom("0", "1e3", "0x10", "3600", "NaN", "Infinity", "__proto__", "constructor", "[object Object]", "null"),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.nat({ max: 100_000 }).map((length) => "x".repeat(length)),
);

export const oddNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -1, 0.001, 0.5, 1, 1e15, 1e308, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, 2 ** 31, -0),
  fc.double({ noNaN: true }),
  fc.integer(),
);

/** JSON values that nobody expects. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, [], {}),
  oddNumber,
  oddText,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constant(JSON.parse('{"__proto__": {"access_token": "polluted"}, "constructor": {"prototype": {}}}')),
);

const ABSENT = Symbol("absent");

/** Values close to a right one: fields are missing, of another type, or odd; most stay as they are. */
export function variantOf(right: unknown, odd: fc.Arbitrary<unknown> = oddValue): fc.Arbitrary<unknown> {
  if (typeof right !== "object" || right === null || Array.isArray(right)) {
    return fc.oneof({ weight: 3, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: odd });
  }
  const fields = Object.fromEntries(
    Object.entries(right).map(([name, value]) => [
      name,
      fc.oneof({ weight: 8, arbitrary: variantOf(value, odd) }, { weight: 1, arbitrary: fc.constant(ABSENT) }),
    ]),
  );
  const objects = fc
    .record(fields)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ABSENT)));
  return fc.oneof({ weight: 15, arbitrary: objects }, { weight: 1, arbitrary: odd });
}
