import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TossSeller } from "@x/commerce-auth-emulator";
import { CrewMember, type StoreChoice } from "./crew.ts";
import { SecretWatch } from "./secret-watch.ts";
import type { Stage } from "./stage.ts";
import { type Chapter, type Step, step } from "./step.ts";

const PROCESSES = 4;
const CALLERS_EACH = 250;

/** Each step's identity is another one, so that none finds another's token. */
const SELLERS = ["one", "two", "three"].map((name) => ({
  accessKey: `toss-access-key-${name}`,
  secretKey: `canary-of-the-toss-secret-key-${name}`,
}));
const [FIRST, SECOND, THIRD] = SELLERS as [TossSeller, TossSeller, TossSeller];

const rules = { toss: { sellers: SELLERS } };

/** One SQLite file for the processes of a machine. */
export function sharingBySqlite(folder: string): Chapter {
  const store: StoreChoice = { kind: "sqlite", path: join(folder, "tokens.db") };
  return {
    title: "Four processes, one SQLite file · 여러 프로세스",
    about: "Real processes, started for this. One of them asks the provider, the others take over its token.",
    rules,
    steps: (stage) => [
      ...oneIssue(stage, "sqlite", store),
      killedHolder(stage, "sqlite", store),
      encrypted(stage, folder),
    ],
  };
}

/** One Redis for the processes of several machines. */
export function sharingByRedis(url: string): Chapter {
  const prefix = `playground-${randomBytes(6).toString("hex")}:`;
  const store: StoreChoice = { kind: "redis", url, prefix };
  return {
    title: "Four processes, one Redis · 여러 서버",
    about: "The same over Redis or Valkey, as between machines.",
    rules,
    steps: (stage) => [...oneIssue(stage, "redis", store), killedHolder(stage, "redis", store)],
  };
}

function oneIssue(stage: Stage, name: string, store: StoreChoice): Step[] {
  let issued: string | undefined;
  return [
    step({
      name: `${name}: one issue for all`,
      shows: "Four processes of 250 callers each ask at the same moment. The token endpoint takes its time.",
      expected: { "callers with a token": PROCESSES * CALLERS_EACH, "different tokens": 1 },
      tokenRequests: { toss: 1 },
      async run() {
        const crew = await CrewMember.start(stage, PROCESSES, store, FIRST);
        const undo = stage.emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 100 });
        const values = (await Promise.all(crew.map((member) => member.ask(CALLERS_EACH)))).flat();
        undo();
        await Promise.all(crew.map((member) => member.end()));
        issued = values[0];
        return { "callers with a token": values.length, "different tokens": new Set(values).size };
      },
    }),
    step({
      name: `${name}: a restart issues nothing`,
      shows: "All four are gone. A new process finds the token where they left it.",
      expected: { "callers with a token": CALLERS_EACH, "with the same token as before": CALLERS_EACH },
      tokenRequests: {},
      async run() {
        const [member] = await CrewMember.start(stage, 1, store, FIRST);
        const values = (await member?.ask(CALLERS_EACH)) ?? [];
        await member?.end();
        const same = values.filter((value) => value === issued).length;
        return { "callers with a token": values.length, "with the same token as before": same };
      },
    }),
  ];
}

function killedHolder(stage: Stage, name: string, store: StoreChoice): Step {
  return step({
    name: `${name}: a killed holder`,
    shows:
      "The process that asks the provider is killed while it waits for the answer; three others wait for it. One of them takes its place.",
    expected: { "callers with a token": 3 * CALLERS_EACH, "different tokens": 1 },
    tokenRequests: { toss: 2 },
    async run() {
      const [holder, ...others] = await CrewMember.start(stage, PROCESSES, store, SECOND);
      const undo = stage.emulator.fault({ endpoint: "toss.token", kind: "hang", times: 1 });
      const before = stage.tokenRequests().toss;
      const lost = holder?.ask(CALLERS_EACH).catch(() => []);
      while (stage.tokenRequests().toss === before) await new Promise((resolve) => setTimeout(resolve, 5));
      const asked = Promise.all(others.map((member) => member.ask(CALLERS_EACH)));
      await holder?.end();
      await lost;
      const values = (await asked).flat();
      undo();
      await Promise.all(others.map((member) => member.end()));
      return { "callers with a token": values.length, "different tokens": new Set(values).size };
    },
  });
}

function encrypted(stage: Stage, folder: string): Step {
  return step({
    name: "sqlite: encrypted",
    shows:
      "With encryptedStore around it, the file is of no use to who reads it; processes that have the key share as before.",
    expected: { "different tokens": 1, "tokens to be read in this file": 0, "in the file above, not encrypted": 1 },
    tokenRequests: { toss: 1 },
    async run() {
      const encryptionKey = randomBytes(32).toString("base64");
      stage.secrets.add("encryption key", encryptionKey);
      const store: StoreChoice = { kind: "sqlite", path: join(folder, "encrypted.db"), encryptionKey };
      const crew = await CrewMember.start(stage, 2, store, THIRD);
      const values: string[] = [];
      for (const member of crew) values.push(...(await member.ask(1)));
      const here = await tokensIn(folder, "encrypted.db", values);
      await Promise.all(crew.map((member) => member.end()));
      const plainly: StoreChoice = { kind: "sqlite", path: join(folder, "tokens.db") };
      const [reader] = await CrewMember.start(stage, 1, plainly, FIRST);
      const there = await tokensIn(folder, "tokens.db", (await reader?.ask(1)) ?? []);
      return {
        "different tokens": new Set(values).size,
        "tokens to be read in this file": here,
        "in the file above, not encrypted": there,
      };
    },
  });
}

/** How many of the tokens can be read in a database and the files beside it, as they are or in base64. */
async function tokensIn(folder: string, database: string, tokens: readonly string[]): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(database));
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), "latin1")));
  return [...new Set(tokens)].filter((token) => {
    const watch = new SecretWatch();
    watch.add("token", token);
    return watch.foundIn(files.join("\n")).length > 0;
  }).length;
}
