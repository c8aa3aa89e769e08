import { describe, expect, it } from "vitest";
import { authenticated, startServer } from "./loopback.test-support.ts";
import { redactedText } from "./redaction.ts";

describe("a provider's text in an error (case 50)", () => {
  it("loses the token that the call was sent with, also after a renewal", async () => {
    await using api = await startServer(({ token }) => ({ status: token === "token+1" ? 401 : 400 }));
    const { fetch, tokens } = authenticated([api.origin]);
    tokens.value = (nth) => `token+${nth}`;
    const answer = await fetch(api.origin);
    expect(redactedText(answer, "token+2 is bad: token+2, token%2B2")).toBe(
      "[redacted] is bad: [redacted], [redacted]",
    );
  });

  it("has 500 characters at most, cut after the redaction", async () => {
    await using api = await startServer();
    const { fetch, tokens } = authenticated([api.origin]);
    tokens.value = () => "canary-".repeat(10);
    const answer = await fetch(api.origin);
    const text = redactedText(answer, `${"x".repeat(470)}${"canary-".repeat(10)}${"y".repeat(3_000_000)}`);
    expect(text).toHaveLength(501);
    expect(text).not.toContain("canary-");
  });

  it("stays unchanged if no token is known, and absent if there is none", () => {
    expect(redactedText(new Response(), "잘못된 요청")).toBe("잘못된 요청");
    expect(redactedText(new Response(), null)).toBeUndefined();
  });
});
