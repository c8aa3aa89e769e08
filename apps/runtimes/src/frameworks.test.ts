import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { startEmulator } from "@x/commerce-auth-emulator";
import { createIamportAuth, iamportResult } from "@x/iamport-auth";
import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";
import { createTossShoppingAuth, tossResult } from "@x/toss-shopping-auth";
import express from "express";
import fastify from "fastify";
import { describe, expect, it, vi } from "vitest";

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

/** A call of each provider that fails with HTTP 403, at the token endpoint or at the API. */
const CALLS: [provider: string, call: (emulator: Emulator) => Promise<unknown>][] = [
  [
    "toss",
    ({ toss: { tokenUrl, apiBaseUrl, credentials } }) =>
      tossResult(
        createTossShoppingAuth({ ...credentials, tokenUrl, apiBaseUrl }).api.get("products/categories/children"),
      ),
  ],
  [
    "naver",
    ({ naver: { tokenUrl, apiBaseUrl, credentials } }) => {
      const { clientId, clientSecret } = credentials;
      return naverResult(
        createNaverCommerceAuth({ clientId, clientSecret, tokenUrl, apiBaseUrl }).api.get("v1/seller/account"),
      );
    },
  ],
  [
    "iamport",
    ({ iamport: { tokenUrl, apiBaseUrl, credentials } }) =>
      iamportResult(createIamportAuth({ ...credentials, tokenUrl, apiBaseUrl }).api.get("payments/imp_448280090638")),
  ],
];
const FAILURES = CALLS.flatMap(([provider, call]) =>
  (["token", "api"] as const).map((place) => ({ endpoint: `${provider}.${place}` as const, call })),
);

describe.each(FAILURES)("an error of $endpoint in a framework's default handler (case 56)", ({ endpoint, call }) => {
  /** Runs the failing call, on an emulator that answers it with 403. */
  async function failingCall(): Promise<unknown> {
    const emulator = await startEmulator();
    try {
      emulator.fault({ endpoint, kind: "status", status: 403 } as Parameters<Emulator["fault"]>[0]);
      return await call(emulator);
    } finally {
      await emulator.close();
    }
  }

  it("has no property that a framework would answer with", async () => {
    const error = await failingCall().catch((thrown: object) => thrown);
    expect(error).toMatchObject({ providerStatus: 403 });
    for (const name of ["status", "statusCode", "headers", "expose"]) expect(error).not.toHaveProperty(name);
  });

  it("is a 500 in Express, without our message in production", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const app = express().get("/", async (_, response) => void response.json(await failingCall()));
    app.set("env", "production");
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.stringMatching(/<pre>Internal Server Error<\/pre>/),
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  // Fastify shows the message of any error: the README says which handler to set.
  it("is a 500 in Fastify, without our message by the README's handler", async () => {
    const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
    const [setHandler = ""] = /^app\.setErrorHandler\(.*?^\}\);$/ms.exec(readme) ?? [];
    expect(setHandler).not.toBe("");
    const app = fastify();
    new Function("app", setHandler)(app);
    app.get("/", failingCall);
    const response = await app.inject("/");
    expect([response.statusCode, response.json()]).toEqual([500, { error: "Something went wrong." }]);
    await app.close();
  });
});
