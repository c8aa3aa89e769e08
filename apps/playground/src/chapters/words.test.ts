import { expect, it } from "vitest";
import { duration, languageOf, plural } from "./words.ts";

it.each([
  ["ko", "ko"],
  ["ko-KR", "ko"],
  ["ko_KR.UTF-8", "ko"],
  ["en-US", "en"],
  ["kok-IN", "en"],
  ["C.UTF-8", "en"],
  [undefined, "en"],
])("takes the locale %s for the language %s", (locale, language) => {
  expect(languageOf(locale)).toBe(language);
});

it("says numbers as a sentence needs them", () => {
  expect([0, 1, 1_234].map((count) => plural(count, "request"))).toEqual([
    "no requests",
    "1 request",
    "1,234 requests",
  ]);
  expect([0.4, 12.4, 1_260].map((ms) => duration(ms).ko)).toEqual(["1 ms 미만", "12 ms", "1.3초"]);
});
