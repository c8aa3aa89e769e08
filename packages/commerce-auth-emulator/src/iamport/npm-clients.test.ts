import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { startFrozen } from "../clients.test-support.ts";

/** The project with the four V1 clients of the npm registry. It has a lockfile of its own. */
const PROJECT = fileURLToPath(new URL("../../clients/", import.meta.url));
const INSTALL_TIMEOUT_MS = 180_000;

/** Installs the clients if their lockfile has changed since the last time. */
function install(): void {
  const stamp = `${PROJECT}node_modules/.installed`;
  const lockfile = readFileSync(`${PROJECT}pnpm-lock.yaml`, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockfile) return;
  const options = { cwd: PROJECT, encoding: "utf8", stdio: "pipe", timeout: INSTALL_TIMEOUT_MS } as const;
  execFileSync("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], options);
  writeFileSync(stamp, lockfile);
}

interface Account {
  /** In place of `https://api.iamport.kr`. */
  readonly host: string;
  readonly impKey: string;
  readonly impSecret: string;
}

const IMP_UID = "imp_448280090638";
const load = createRequire(PROJECT);

/** Each client reads one payment, in the way that its documentation shows. */
const CLIENTS: readonly [name: string, read: (account: Account) => Promise<unknown>][] = [
  [
    "iamport",
    async ({ host, impKey, impSecret }) => {
      const Iamport = load("iamport");
      Iamport.DEFAULT_HOST = host;
      return new Iamport({ impKey, impSecret }).payment.getByImpUid({ imp_uid: IMP_UID });
    },
  ],
  [
    "iamporter",
    async ({ host, impKey, impSecret }) => {
      const { Iamporter } = load("iamporter");
      return (await new Iamporter({ apiKey: impKey, secret: impSecret, host }).findByImpUid(IMP_UID)).data;
    },
  ],
  [
    "iamport-rest-client-nodejs",
    async ({ host, impKey, impSecret }) => {
      const { Iamport, Request } = load("iamport-rest-client-nodejs");
      const client = new Iamport({ apiKey: impKey, apiSecret: impSecret, baseUrl: host });
      return (await Request.Payments.getByImpUid({ imp_uid: IMP_UID }).request(client)).data.response;
    },
  ],
  [
    "iamport-server-api",
    async ({ host, impKey, impSecret }) => {
      const { IamportConnector, functional } = load("iamport-server-api");
      const connection = await new IamportConnector(host, { imp_key: impKey, imp_secret: impSecret }).get();
      return (await functional.payments.at(connection, IMP_UID, {})).response;
    },
  ],
];

describe("the V1 clients of the npm registry", () => {
  beforeAll(install, INSTALL_TIMEOUT_MS);

  it.each(CLIENTS)("read a payment: %s", async (_name, read) => {
    // A running clock: the clients compare the expiry with the real time.
    await using emulator = await startFrozen({ clock: {} });
    const payment = await read({ host: emulator.iamport.apiBaseUrl, ...emulator.iamport.credentials });
    expect(payment).toMatchObject({ imp_uid: IMP_UID, status: "paid" });
    expect(emulator.journal.map(({ endpoint, status }) => [endpoint, status])).toEqual([
      ["iamport.token", 200],
      ["iamport.api", 200],
    ]);
    expect(emulator.issuedCount("iamport")).toBe(1);
  });

  it.each(CLIENTS)("get an error for a wrong secret: %s", async (_name, read) => {
    await using emulator = await startFrozen({ clock: {} });
    const { apiBaseUrl: host, credentials } = emulator.iamport;
    const outcome = await read({ host, ...credentials, impSecret: "wrong" }).then(
      () => "a payment",
      () => "an error",
    );
    expect(outcome).toBe("an error");
    expect(emulator.journal[0]).toMatchObject({ endpoint: "iamport.token", status: 401 });
    expect(emulator.issuedCount("iamport")).toBe(0);
  });
});
