import { expect, it } from "vitest";
import { chooseLanguage } from "./language.ts";

it.each([
  [["doctor", "--lang", "ko"], {}, "ko"],
  [["--lang=ko", "doctor"], { LANG: "en_US.UTF-8" }, "ko"],
  [["doctor", "--lang", "en"], { LC_ALL: "ko_KR.UTF-8" }, "en"],
  [[], { LANG: "ko_KR.UTF-8" }, "ko"],
  [[], { LC_ALL: "C", LANG: "ko_KR.UTF-8" }, "en"],
  [[], { LC_MESSAGES: "ko_KR", LANG: "en_US" }, "ko"],
  [[], { LANG: "fr_FR.UTF-8" }, "en"],
  [["--lang", "fr"], { LANG: "ko_KR" }, "ko"],
] as const)("%j with %j is %s", (args, env, language) => {
  expect(chooseLanguage(args, env, "en-US").language).toBe(language);
});

it("takes the system's locale where no variable names one, as on Windows", () => {
  expect(chooseLanguage([], {}, "ko-KR").language).toBe("ko");
});

it("takes --lang off the command line, and leaves a wrong one to the parser", () => {
  expect(chooseLanguage(["doctor", "--lang", "ko", "naver"], {}).args).toEqual(["doctor", "naver"]);
  expect(chooseLanguage(["--lang=en"], {}).args).toEqual([]);
  expect(chooseLanguage(["doctor", "--lang", "fr"], {}).args).toEqual(["doctor", "--lang", "fr"]);
});
