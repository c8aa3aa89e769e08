import { request } from "node:http";
import { type Emulator, startEmulator } from "@x/commerce-auth-emulator";
import fc from "fast-check";
import { oddText, oddValue, variantOf } from "../odd-values.ts";
import { must, type Target } from "../target.ts";

interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

const FOREIGN_HOSTS = [
  "evil.example",
  "127.0.0.1.evil.example",
  "localhost.evil.example:80",
  "[::1].evil.example",
  "0",
];
const FOREIGN_ORIGINS = [
  "https://evil.example",
  "null",
  "http://127.0.0.1.evil.example",
  "http://localhost:1",
  "file://",
];

const bodies = fc.oneof(
  variantOf({ frozen: true, set: 1_800_000_000_000, skew: 1_000, advance: 1_000 }),
  variantOf({ endpoint: "naver.api", kind: "status", status: 503, times: 1 }),
  variantOf({ endpoint: "toss.token", kind: "expires-in", value: 1, share: 0.5 }),
  variantOf({ endpoint: "iamport.api", kind: "redirect", location: "https://evil.example/" }),
  variantOf({ provider: "naver", token: "x", tokenId: "0123456789abcdef", reissue: "same-token" }),
  oddValue,
);

const requests: fc.Arbitrary<ControlRequest> = fc.record({
  method: fc.constantFrom("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "PATCH"),
  path: fc.oneof(
    fc.constantFrom(
      "",
      "/",
      "/clock",
      "/faults",
      "/faults/1",
      "/faults/x",
      "/journal",
      "/counters",
      "/revoke",
      "/reset",
    ),
    fc.constantFrom(
      "/journal?last=-1",
      "/journal?last=1e9&endpoint=x",
      "/%00",
      "/../toss",
      "/faults/%2e%2e",
      "//",
      "/__proto__",
    ),
    fc.webPath(),
  ),
  host: fc.option(fc.constantFrom(...FOREIGN_HOSTS), { nil: undefined, freq: 3 }),
  origin: fc.option(fc.constantFrom(...FOREIGN_ORIGINS), { nil: undefined, freq: 3 }),
  type: fc.constantFrom(
    undefined,
    "application/json",
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
  ),
  body: fc.oneof(
    { weight: 4, arbitrary: bodies.map((body) => JSON.stringify(body) ?? "") },
    { weight: 1, arbitrary: oddText },
  ),
});

export const controlRequests: Target = {
  name: "control-requests",
  input:
    "Requests to the emulator's control routes: foreign `Host` and `Origin`, other content types, odd paths and bodies.",
  rule: "Only programs of this machine reach the emulator's control routes, and no request of theirs breaks it.",
  shortRuns: 300,
  async open() {
    const emulator = await startEmulator();
    return {
      property: fc.asyncProperty(requests, async (each) => {
        const { status, text } = await send(emulator, each);
        must(status < 500, `It answers HTTP ${status}: ${text.slice(0, 200)}`);
        if (each.host !== undefined || each.origin !== undefined) {
          // A body that is too large is refused before anything else.
          must(
            status === 403 || status === 413,
            `A request of ${each.origin ?? each.host} is answered with HTTP ${status}.`,
          );
        }
        if (each.method === "POST" && each.type !== "application/json") {
          must(status >= 400, `A body that is not declared as JSON is answered with HTTP ${status}.`);
        }
        emulator.reset();
        const { status: after } = await send(emulator, { ...ORDINARY });
        must(after === 200, `Afterwards an ordinary request is answered with HTTP ${after}.`);
      }),
      close: () => emulator.close(),
    };
  },
};

const ORDINARY: ControlRequest = {
  method: "GET",
  path: "/clock",
  host: undefined,
  origin: undefined,
  type: undefined,
  body: "",
};

function send({ origin }: Emulator, each: ControlRequest): Promise<{ status: number; text: string }> {
  const { hostname, port, host } = new URL(origin);
  const sent = each.method === "GET" || each.method === "HEAD" ? "" : each.body;
  const headers: Record<string, string> = {
    host: each.host ?? host,
    "content-length": String(Buffer.byteLength(sent)),
    ...(each.origin !== undefined && { origin: each.origin }),
    ...(each.type !== undefined && { "content-type": each.type }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, path: `/_emulator${each.path}`, method: each.method, headers },
      (answer) => {
        let text = "";
        answer.on("data", (chunk) => (text += chunk)).on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    outgoing.setTimeout(10_000, () => outgoing.destroy(new Error("No answer within 10 s.")));
    outgoing.on("error", reject).end(sent);
  });
}
