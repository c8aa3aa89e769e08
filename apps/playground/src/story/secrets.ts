import { atLeast, type Chapter, step } from "./step.ts";

/** The last chapter: it searches everything that the others left behind. */
export const secrecy: Chapter = {
  title: "Secrets · 비밀",
  about: "Every secret, signature and token above was recognisable. Were they seen anywhere they do not belong?",
  steps: (_stage, { secrets, traces }) => [
    step({
      name: "secrets: nowhere",
      shows: "Everything printed and reported so far is searched: this story, events, errors, the emulator's journal.",
      expected: {
        "secrets and signatures in play": atLeast(10),
        "tokens in play": atLeast(15),
        "kinds of secrets found": 0,
        "a planted leak is found": true,
      },
      tokenRequests: {},
      async run() {
        const everything = traces.join("\n");
        const tokens = secrets.count("token");
        return {
          "secrets and signatures in play": secrets.size - tokens,
          "tokens in play": tokens,
          "kinds of secrets found": secrets.foundIn(everything).length,
          "a planted leak is found": secrets.foundIn(everything + secrets.sample()).length === 1,
        };
      },
    }),
  ],
};
