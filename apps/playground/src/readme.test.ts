import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { codeBlocks, compileErrors, run, runTypeScript } from "@x/testing/readme";
import { describe, expect, it } from "vitest";

const playground = new URL("../", import.meta.url);

describe("the repository's README", async () => {
  const examples = await codeBlocks(new URL("../../../README.md", import.meta.url), "js");

  it.each([
    ["Toss Shopping", 0, "가구/홈데코"],
    ["Naver", 1, "ncp_"],
    ["iamport", 2, "imp_448280090638"],
  ])("has an example for %s that runs as it stands", async (_, index, seen) => {
    expect(await run(examples[index] ?? "", playground)).toContain(seen);
  });
});

describe("the core's README", async () => {
  const readme = new URL("../../../packages/token-cache-core/README.md", import.meta.url);

  it("has an example that runs as it stands", async () => {
    const [example = ""] = await codeBlocks(readme, "js");
    const printed = await run(example, playground);
    expect(printed).toContain("token requests: 1 1");
    expect(printed.trim()).toMatch(/closed$/);
  });

  it("lists the package's entries, each with names that it exports", async () => {
    const manifest = new URL("package.json", readme);
    const { exports } = JSON.parse(await readFile(manifest, "utf8")) as { exports: Record<string, unknown> };
    const rows = [...(await readFile(readme, "utf8")).matchAll(/^\| `(\.[\w/-]*)` +\| (.*) \|$/gm)];
    expect(rows.map(([, entry]) => entry)).toEqual(Object.keys(exports));
    for (const [, entry = "", text = ""] of rows) {
      const entryExports = await import(`@x/token-cache-core${entry.slice(1)}`);
      const names = [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
      expect(names.length).toBeGreaterThan(0);
      expect(Object.keys(entryExports)).toEqual(expect.arrayContaining(names));
    }
  });

  it("lists the options of TokenCache, with the right defaults", async () => {
    const code = await readFile(new URL("src/cache/token-cache-options.ts", readme), "utf8");
    const options = [...code.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, option]) => option);
    const rows = [...(await readFile(readme, "utf8")).matchAll(/^\| `([a-z]\w+)` +\| ([\d,]*)/gm)];
    expect(rows.map(([, option]) => option).sort()).toEqual(options.sort());
    const numbers = rows.flatMap(([, option, number = ""]) =>
      number ? [[option, Number(number.replace(",", ""))]] : [],
    );
    const defaults = code.matchAll(/options\.(\w+) \?\? ([\d_]+)\)/g);
    expect(Object.fromEntries(numbers)).toEqual(
      Object.fromEntries([...defaults].map(([, option, number = ""]) => [option, Number(number.replace("_", ""))])),
    );
  });
});

describe("the page about a fourth provider", async () => {
  const page = new URL("../../../docs/fourth-provider.md", import.meta.url);
  const [provider = ""] = await codeBlocks(page, "ts");
  /** A package that has core and ky. */
  const folder = new URL("../../../packages/iamport-auth/", import.meta.url);

  /** The output of the page's provider and then of some code, with a server that gives this answer. */
  async function runWith(answer: RequestListener, use: (origin: string) => string): Promise<string> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      return (await runTypeScript(`${provider}\n${use(`http://127.0.0.1:${port}`)}`, folder)).trim();
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  const createAcme = (origin: string) =>
    `createAcmeAuth({ clientId: "a", clientSecret: "b", tokenUrl: "${origin}/token", apiBaseUrl: "${origin}" })`;

  it("has a provider that compiles, as strictly as the packages do", async () => {
    const mistake = "// @ts-expect-error\ncreateAcmeAuth({ clientId: 1 });";
    expect(await compileErrors(`${provider}\n${mistake}`, folder)).toBe("");
  });

  it("names every member that a provider can use", async () => {
    const text = await readFile(page, "utf8");
    const contract = new URL("../../../packages/token-cache-core/src/contract/", import.meta.url);
    for (const [file, names] of Object.entries({
      "renewal-policy.ts": ["RenewalPolicy"],
      "rate-limits.ts": ["LaneLimit", "LaneRule", "LimitReading", "RateRefusal", "RateLimitRules"],
      "token-source.ts": ["IssueContext"],
    })) {
      const code = await readFile(new URL(file, contract), "utf8");
      for (const name of names) {
        const [, body = ""] = new RegExp(`^export interface ${name} \\{\n(.*?)^\\}`, "ms").exec(code) ?? [];
        const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:<]/gm)].map(([, member = ""]) => member);
        expect(members.length, name).toBeGreaterThan(0);
        for (const member of members) expect(text, `${name}.${member}`).toMatch(new RegExp(`\\b${member}\\b`));
      }
    }
  });

  it("has a provider that issues once, caches, and recovers from a refusal", async () => {
    let issues = 0;
    const answer: RequestListener = ({ url, headers }, response) => {
      if (url === "/token") response.end(JSON.stringify({ access_token: `acme-${++issues}`, expires_in: 3600 }));
      else response.writeHead(headers.authorization === "Bearer acme-2" ? 200 : 401).end();
    };
    const use = (origin: string) => `
      const acme = ${createAcme(origin)};
      const responses = await Promise.all([1, 2, 3].map(() => acme.fetch("${origin}/orders")));
      console.log(responses.map(({ status }) => status).join());
    `;
    expect(await runWith(answer, use)).toBe("200,200,200");
    expect(issues).toBe(2);
  });

  it.each([
    [429, "rate_limited", 120_000, 1],
    [503, "provider_unavailable", 120_000, 1],
    [404, "invalid_options", 120_000, 1],
    [403, "permission_denied", 120_000, 1],
    [401, "invalid_credentials", 120_000, 1],
    [500, "provider_unavailable", undefined, 3],
  ])("judges HTTP %i as %s", async (status, code, retryAfterMs, requests) => {
    let asked = 0;
    const answer: RequestListener = (_, response) => {
      asked++;
      response
        .writeHead(status, retryAfterMs === undefined ? {} : { "Retry-After": `${retryAfterMs / 1_000}` })
        .end("{}");
    };
    const use = (origin: string) => `
      const error = await ${createAcme(origin)}.getToken().catch((error) => error);
      console.log(JSON.stringify({ code: error.code, status: error.providerStatus, retryAfterMs: error.retryAfterMs }));
    `;
    expect(JSON.parse(await runWith(answer, use))).toEqual({ code, status, retryAfterMs });
    expect(asked).toBe(requests);
  });

  it.each(["http://acme.test", "https://user:password@acme.test", "acme.test"])("refuses the URL %s", async (url) => {
    const use = () => `
      try {
        ${createAcme(url)};
      } catch ({ code }) {
        console.log(code);
      }
    `;
    expect(await runWith((_, response) => response.end(), use)).toBe("invalid_options");
  });

  it("has an API client whose errors hold no token", async () => {
    const answer: RequestListener = ({ url, headers }, response) => {
      if (url === "/token") return void response.end(JSON.stringify({ access_token: "canary", expires_in: 3600 }));
      response.writeHead(400, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: `no ${headers.authorization}` }));
    };
    const use = (origin: string) => `
      import { inspect } from "node:util";
      const error = await ${createAcme(origin)}.api.get("orders").catch((error: unknown) => error);
      console.log(inspect(error, { depth: 10, showHidden: true }));
    `;
    const printed = await runWith(answer, use);
    expect(printed).toContain('Acme responded with HTTP 400: {"error":"no Bearer [redacted]"}');
    expect(printed).not.toContain("canary");
  });

  it("keeps its rate limit, and sends a refused GET again after Retry-After", async () => {
    const arrivals: number[] = [];
    const answer: RequestListener = ({ url }, response) => {
      if (url === "/token") return void response.end(JSON.stringify({ access_token: "acme", expires_in: 3600 }));
      arrivals.push(performance.now());
      response.writeHead(arrivals.length === 1 ? 429 : 200, { "Retry-After": "1" }).end();
    };
    const use = (origin: string) => `
      const acme = ${createAcme(origin)};
      console.log((await acme.fetch("${origin}/orders")).status);
      await Promise.all([1, 2, 3].map(() => acme.fetch("${origin}/orders")));
    `;
    expect(await runWith(answer, use)).toBe("200");
    const [refused = 0, again = 0] = arrivals;
    expect(again - refused).toBeGreaterThan(950);
    expect(arrivals).toHaveLength(5);
  });
});
