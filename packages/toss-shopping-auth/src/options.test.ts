import { TokenError } from "@x/token-cache-core";
import { expect, it, vi } from "vitest";
import { createTossShoppingAuth, type TossShoppingAuthOptions } from "./index.ts";

const KEYS = { accessKey: "key", secretKey: "secret" };

it.each(["", "Live", "production", "toString", null, 1, ["live"]])("the environment %j is refused", (environment) => {
  const create = () => createTossShoppingAuth({ ...KEYS, environment } as TossShoppingAuthOptions);
  const message = expect.stringContaining('environment must be "live" or "test"');
  expect(create).toThrow(expect.objectContaining({ code: "invalid_options", message }));
});

it("live and test have the documented token endpoints, and live is the default", () => {
  expect(createTossShoppingAuth().source.origin).toBe("https://oauth2.cert.toss.im");
  expect(createTossShoppingAuth({ environment: "live" }).source.origin).toBe("https://oauth2.cert.toss.im");
  expect(createTossShoppingAuth({ environment: "test" }).source.origin).toBe("https://oauth2-alpha.cert.toss.im");
});

it.each([".", "..", "\ud800"])(
  "a solution code that is another path is refused, as an option and a variable: %j",
  (code) => {
    expect(() => createTossShoppingAuth({ solutionCode: code })).toThrow("option solutionCode ");
    if (!code.isWellFormed()) return; // No environment variable is like that.
    vi.stubEnv("TOSS_SHOPPING_SOLUTION_CODE", code);
    expect(() => createTossShoppingAuth().api).toThrow(/TOSS_SHOPPING_SOLUTION_CODE/);
  },
);

it("the types reject what the check rejects", () => {
  const wrong: (() => unknown)[] = [
    // @ts-expect-error no such environment
    () => createTossShoppingAuth({ environment: "production" }),
    // @ts-expect-error a number
    () => createTossShoppingAuth({ accessKey: 1 }),
    // @ts-expect-error not an object
    () => createTossShoppingAuth("key"),
  ];
  for (const create of wrong) expect(create).toThrow(TokenError);
  // @ts-expect-error a misspelt option
  createTossShoppingAuth({ acessKey: "key" });
});
