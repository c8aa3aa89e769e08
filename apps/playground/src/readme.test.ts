import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { codeBlocks, run } from "@x/testing/readme";
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

describe("the page about a fourth provider", () => {
  it("has a provider that issues once, caches, and recovers from a refusal", async () => {
    let issues = 0;
    const server = createServer(({ url, headers }, response) => {
      if (url === "/token") response.end(JSON.stringify({ access_token: `acme-${++issues}`, expires_in: 3600 }));
      else response.writeHead(headers.authorization === "Bearer acme-2" ? 200 : 401).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const [provider = ""] = await codeBlocks(new URL("../../../docs/fourth-provider.md", import.meta.url), "js");
    const origin = `http://127.0.0.1:${port}`;
    const use = `
      const acme = createAcmeAuth({ clientId: "a", clientSecret: "b", tokenUrl: "${origin}/token", apiBaseUrl: "${origin}" });
      const responses = await Promise.all([1, 2, 3].map(() => acme.fetch("${origin}/orders")));
      console.log(responses.map(({ status }) => status).join());
    `;
    try {
      expect((await run(`${provider}\n${use}`, playground)).trim()).toBe("200,200,200");
      expect(issues).toBe(2);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
