// The code behind every button, as a user of the packages would write it. A test runs each of these.

import type { Provider } from "@x/commerce-auth-emulator";
import type { ActionName } from "../server/actions.ts";
import type { ProcessActionName } from "../server/show.ts";
import type { ChapterId } from "./chapter-ids.ts";

const CREATE: Readonly<Record<Provider, string>> = {
  toss: `import { createTossShoppingAuth } from "@x/toss-shopping-auth";

const auth = createTossShoppingAuth(); // keys from the environment
`,
  naver: `import { createNaverCommerceAuth } from "@x/naver-commerce-auth";

const auth = createNaverCommerceAuth(); // keys from the environment
`,
  iamport: `import { createIamportAuth } from "@x/iamport-auth";

const auth = createIamportAuth(); // keys from the environment
`,
};

const FIRST_CALL: Readonly<Record<Provider, string>> = {
  toss: "products/categories/children",
  naver: "v1/seller/account",
  iamport: "payments/imp_448280090638",
};

const GET_TOKEN = `
const token = await auth.getToken();
console.log(token.id, new Date(token.expiresAt));
`;

const THOUSAND = `
const callers = Array.from({ length: 1_000 }, () => auth.getToken());
const tokens = await Promise.all(callers); // one request, one token
`;

const call = (provider: Provider) => `
const response = await auth.api.get("${FIRST_CALL[provider]}");
console.log(response.status);
`;

/** Each process runs this. */
const BY_SQLITE = `import { TokenCache } from "@x/token-cache-core";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";

const cache = new TokenCache({ store: sqliteStore({ path: "tokens.db" }) });
const auth = createTossShoppingAuth({ cache });
`;

const BY_REDIS = `import { TokenCache } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { createClient } from "redis";

const client = createClient({ url: process.env.REDIS_URL });
client.on("error", console.error); // it reconnects by itself
await client.connect();
const subscriber = await client.duplicate().on("error", console.error).connect();

const cache = new TokenCache({ store: redisStore({ client, subscriber }) });
const auth = createTossShoppingAuth({ cache });
`;

const EMULATOR = `import { startEmulator } from "@x/commerce-auth-emulator";

const emulator = await startEmulator();
`;

/** What a chapter shows, in the code of a user. */
export const CHAPTER_CODE: Readonly<Record<ChapterId, string>> = {
  "thousand-callers": CREATE.toss + THOUSAND,
  "background-renewal": CREATE.naver + GET_TOKEN,
  "failed-renewal": CREATE.iamport + GET_TOKEN,
  "revoked-in-flight": CREATE.iamport + call("iamport"),
  "same-token": `import { createNaverCommerceAuth, TokenError } from "@x/naver-commerce-auth";

const auth = createNaverCommerceAuth(); // keys from the environment

try {
  await auth.fetch("https://api.commerce.naver.com/external/v1/seller/account");
} catch (error) {
  if (!TokenError.is(error) || error.code !== "token_refused") throw error;
  console.error(error.message); // says what to check
}
`,
  "clock-off": CREATE.naver + GET_TOKEN,
  "off-form": CREATE.naver + call("naver"),
  "killed-process": BY_SQLITE + GET_TOKEN,
  "redis-killed": BY_REDIS + GET_TOKEN,
  "call-limit": BY_SQLITE + call("toss"),
  "rotated-secret": `import { readFile } from "node:fs/promises";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";

// From a mounted file, or from a secret manager. Called again when the provider refuses the keys.
const credentials = async () => JSON.parse(await readFile("toss-keys.json", "utf8"));
const auth = createTossShoppingAuth({ credentials });
${GET_TOKEN}`,
};

type CardActionName = Exclude<ActionName, `pass-${number}` | `skew-${string}` | "reset">;

/** The code of a button on a provider's card. */
export function cardCode(provider: Provider, action: CardActionName): string {
  const endpoint = `"${provider}.token"`;
  const codes: Readonly<Record<CardActionName, string>> = {
    get: CREATE[provider] + GET_TOKEN,
    thousand: CREATE[provider] + THOUSAND,
    call: CREATE[provider] + call(provider),
    refresh: `${CREATE[provider]}\nconst token = await auth.getToken({ forceRefresh: true });\n`,
    revoke: `${EMULATOR}emulator.revoke("${provider}");\n`,
    fail: `${EMULATOR}emulator.fault({ endpoint: ${endpoint}, kind: "status", status: 500, times: 3 });\n`,
    hang: `${EMULATOR}emulator.fault({ endpoint: ${endpoint}, kind: "hang", times: 1 });\n`,
    wrong: wrongSecret(provider),
  };
  return codes[action];
}

function wrongSecret(provider: Provider): string {
  const secret = {
    toss: 'secretKey: "mistyped"',
    naver: 'clientSecret: "$2a$04$mistypedmistypedmistyp"',
    iamport: 'impSecret: "mistyped"',
  }[provider];
  const create = { toss: "createTossShoppingAuth", naver: "createNaverCommerceAuth", iamport: "createIamportAuth" };
  const imported = CREATE[provider].split("\n")[0];
  return `import { startEmulator } from "@x/commerce-auth-emulator";
${imported}

const emulator = await startEmulator();
const auth = ${create[provider]}({ ...emulator.${provider}.options, ${secret} });
const error = await auth.getToken().catch((error) => error);
console.log(error.code, error.message);
`;
}

/** The code of the clock's buttons. */
export const CLOCK_CODE: Readonly<Record<Exclude<ActionName, CardActionName>, string>> = {
  "pass-1": `${EMULATOR}emulator.clock.advance(60_000);\n`,
  "pass-30": `${EMULATOR}emulator.clock.advance(30 * 60_000);\n`,
  "pass-180": `${EMULATOR}emulator.clock.advance(180 * 60_000);\n`,
  "skew-behind": `${EMULATOR}emulator.clock.skew(10 * 60_000); // this machine is 10 min slow\n`,
  "skew-none": `${EMULATOR}emulator.clock.skew(0);\n`,
  "skew-ahead": `${EMULATOR}emulator.clock.skew(-10 * 60_000); // this machine is 10 min fast\n`,
  reset: `${EMULATOR}emulator.reset();\n`,
};

/** The code that a process runs, and the code that starts and kills processes. */
export const PROCESS_CODE: Readonly<Record<ProcessActionName, string>> = {
  "process-start": BY_SQLITE,
  "process-restart": BY_SQLITE,
  "process-kill":
    'import { fork } from "node:child_process";\n\nconst server = fork("server.js");\nserver.kill("SIGKILL");\n',
  "process-ask": BY_SQLITE + THOUSAND,
  "process-call": BY_SQLITE + call("toss"),
  "process-revoke": `${EMULATOR}emulator.revoke("toss");\n`,
  "process-reset": `${EMULATOR}emulator.reset();\n`,
  "use-sqlite": BY_SQLITE,
  "use-redis": BY_REDIS,
  "redis-kill": "redis-cli shutdown nosave\n",
  "redis-restart": "redis-server --port 6379\n",
};
