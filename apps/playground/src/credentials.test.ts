// The recipes of docs/credentials.md, each against a fake of the client that it uses, through a rotation.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Emulator, startEmulator } from "@x/commerce-auth-emulator";
import { codeBlocks, run } from "@x/testing/readme";
import { afterAll, beforeAll, expect, test } from "vitest";

const recipes = await codeBlocks(new URL("../../../docs/credentials.md", import.meta.url), "js");

/** The parts of `@aws-sdk/client-secrets-manager` that the recipes use. */
const AWS = `
import { readFileSync } from "node:fs";
export class GetSecretValueCommand {
  constructor(input) { this.input = input; }
}
export class SecretsManagerClient {
  constructor(configuration) { if (typeof configuration !== "object") throw new TypeError("configuration"); }
  async send(command, { abortSignal }) {
    if (!(command instanceof GetSecretValueCommand) || command.input.SecretId !== "shop/naver") throw new TypeError("command");
    abortSignal.throwIfAborted();
    const SecretString = readFileSync("secret.json", "utf8");
    return { $metadata: { httpStatusCode: 200 }, ARN: "arn", Name: "shop/naver", SecretString, VersionStages: ["AWSCURRENT"] };
  }
}`;

/** The parts of `@google-cloud/secret-manager` that the recipes use. */
const GOOGLE = `
import { readFileSync } from "node:fs";
export class SecretManagerServiceClient {
  async accessSecretVersion({ name }) {
    if (!/^projects\\/[^/]+\\/secrets\\/[^/]+\\/versions\\/latest$/.test(name)) throw new TypeError("name");
    return [{ name, payload: { data: readFileSync("secret.json"), dataCrc32c: "1" } }, undefined, undefined];
  }
}`;

let folder = "";
let emulator: Emulator;
const vault = createServer((request, response) => {
  const isRight = request.url === "/v1/secret/data/shop/naver" && request.headers["x-vault-token"] === "vault-token";
  const body = { request_id: "1", data: { data: emulator.naver.credentials, metadata: { version: 1 } } };
  response.writeHead(isRight ? 200 : 403, { "Content-Type": "application/json" }).end(JSON.stringify(body));
});

beforeAll(async () => {
  // Below the packages of this app, which the recipes import.
  const cache = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "recipes-"));
  for (const [name, code] of Object.entries({
    "@aws-sdk/client-secrets-manager": AWS,
    "@google-cloud/secret-manager": GOOGLE,
  })) {
    const fake = join(folder, "node_modules", name);
    await mkdir(fake, { recursive: true });
    await writeFile(join(fake, "package.json"), JSON.stringify({ name, type: "module", exports: "./index.js" }));
    await writeFile(join(fake, "index.js"), code);
  }
  await mkdir(join(folder, "mounted"));
  await new Promise<void>((resolve) => vault.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  vault.close();
  await rm(folder, { recursive: true, force: true });
});

test("there is a recipe for each secret manager", () => {
  expect(
    recipes.map(
      (code) => /SecretsManagerClient|SecretManagerServiceClient|VAULT_ADDR|credentialsFromFile/.exec(code)?.[0],
    ),
  ).toEqual(["SecretsManagerClient", "SecretManagerServiceClient", "VAULT_ADDR", "credentialsFromFile"]);
});

test.each(recipes.map((code, index) => [index + 1, code] as const))(
  "recipe %i gets a token, and another after a rotation",
  async (_nth, code) => {
    await using started = await startEmulator();
    emulator = started;
    const program = `
    import { writeFileSync } from "node:fs";
    const emulator = ${JSON.stringify(emulator.origin)};
    process.env.VAULT_ADDR = "http://127.0.0.1:${(vault.address() as AddressInfo).port}";
    process.env.VAULT_TOKEN = "vault-token";
    const keep = (credentials) => {
      writeFileSync("secret.json", JSON.stringify(credentials));
      for (const [name, value] of Object.entries(credentials)) writeFileSync("mounted/" + name, value + "\\n");
    };
    const credentials = ${JSON.stringify(emulator.naver.credentials)};
    keep(credentials);
    ${code
      .replace(
        "createNaverCommerceAuth({",
        `createNaverCommerceAuth({ tokenUrl: ${JSON.stringify(emulator.naver.tokenUrl)},`,
      )
      .replace("/run/secrets/naver", "mounted")}
    await naver.getToken();
    const rotation = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"provider":"naver"}' };
    const { secret } = await (await fetch(emulator + "/_emulator/rotate-secret", rotation)).json();
    keep({ ...credentials, clientSecret: secret });
    await naver.getToken({ forceRefresh: true });
    console.log((await naver.check()).credentials);
    await naver.close();
  `;
    expect(await run(program, pathToFileURL(`${folder}/`))).toBe("known\n");
    const statuses = emulator.journal.filter(({ endpoint }) => endpoint === "naver.token").map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses.length).toBeLessThanOrEqual(3);
  },
);
