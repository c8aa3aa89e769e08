import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TossSeller } from "@x/commerce-auth-emulator";
import type { StoreChoice } from "../processes/order.ts";
import type { Worker } from "../processes/worker.ts";
import { many } from "./scenes.ts";
import { SecretWatch } from "./secret-watch.ts";
import type { Stage } from "./stage.ts";
import { type Chapter, type Step, step } from "./step.ts";

const PROCESSES = 4;
const CALLERS_EACH = 250;

/** Each step has its own identity, so that no step finds another's token. */
const SELLERS = ["one", "two"].map((name) => ({
  accessKey: `toss-access-key-${name}`,
  secretKey: `canary-of-the-toss-secret-key-${name}`,
}));
const [FIRST, SECOND] = SELLERS as [TossSeller, TossSeller];

const rules = { toss: { sellers: SELLERS } };

/** One SQLite file for the processes of a machine. */
export function sharingBySqlite(folder: string): Chapter {
  const store: StoreChoice = { kind: "sqlite", path: join(folder, "tokens.db") };
  return {
    title: { en: "Four processes, one SQLite file", ko: "프로세스 네 개와 SQLite 파일 하나" },
    about: {
      en: "Real processes, started for this. One of them asks the provider, and the others adopt its token.",
      ko: "실제로 프로세스를 띄웁니다. 하나만 토큰을 요청하고 나머지는 그 토큰을 받아 씁니다.",
    },
    rules,
    steps: (stage) => [...oneIssue(stage, "sqlite", store), encrypted(stage, folder)],
  };
}

/** One Redis for the processes of several machines. */
export function sharingByRedis(url: string): Chapter {
  const prefix = `playground-${randomBytes(6).toString("hex")}:`;
  const store: StoreChoice = { kind: "redis", url, prefix };
  return {
    title: { en: "Four processes, one Redis", ko: "프로세스 네 개와 Redis 하나" },
    about: {
      en: "The same over Redis or Valkey, as between machines.",
      ko: "서버 여러 대처럼 Redis나 Valkey로 공유합니다.",
    },
    rules,
    steps: (stage) => oneIssue(stage, "redis", store),
  };
}

function oneIssue(stage: Stage, name: string, store: StoreChoice): Step[] {
  let issued: string | undefined;
  return [
    step({
      name: `${name}: one issue for all`,
      shows: {
        en: "Four processes of 250 callers each ask at the same moment, and the token endpoint is slow.",
        ko: "프로세스 네 개에서 호출 250건씩 동시에 요청하고, 토큰 발급은 느립니다.",
      },
      expected: { "callers with a token": PROCESSES * CALLERS_EACH, "different tokens": 1 },
      tokenRequests: { toss: 1 },
      async run() {
        const workers = await startWorkers(stage, PROCESSES, store, FIRST);
        const undo = stage.emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 100 });
        const values = (await Promise.all(workers.map((worker) => worker.ask(CALLERS_EACH)))).flat();
        undo();
        await Promise.all(workers.map((worker) => worker.kill()));
        issued = values[0];
        return { "callers with a token": values.length, "different tokens": new Set(values).size };
      },
    }),
    step({
      name: `${name}: a restart issues nothing`,
      shows: {
        en: "All four have ended. A new process finds their token in the store.",
        ko: "네 프로세스가 모두 끝난 뒤 새 프로세스가 저장된 토큰을 찾아 씁니다.",
      },
      expected: { "callers with a token": CALLERS_EACH, "with the same token as before": CALLERS_EACH },
      tokenRequests: {},
      async run() {
        const [worker] = await startWorkers(stage, 1, store, FIRST);
        const values = (await worker?.ask(CALLERS_EACH)) ?? [];
        await worker?.kill();
        const same = values.filter((value) => value === issued).length;
        return { "callers with a token": values.length, "with the same token as before": same };
      },
    }),
  ];
}

function encrypted(stage: Stage, folder: string): Step {
  return step({
    name: "sqlite: encrypted",
    shows: {
      en: "encryptedStore encrypts the file; processes that have the key share tokens as before.",
      ko: "encryptedStore로 파일을 암호화합니다. 키가 있는 프로세스는 전처럼 토큰을 공유합니다.",
    },
    expected: { "different tokens": 1, "tokens to be read in this file": 0, "in the file above, not encrypted": 1 },
    tokenRequests: { toss: 1 },
    async run() {
      const encryptionKey = randomBytes(32).toString("base64");
      stage.secrets.add("encryption key", encryptionKey);
      const store: StoreChoice = { kind: "sqlite", path: join(folder, "encrypted.db"), encryptionKey };
      const workers = await startWorkers(stage, 2, store, SECOND);
      const values: string[] = [];
      for (const worker of workers) values.push(...(await worker.ask(1)));
      const here = await tokensIn(folder, "encrypted.db", values);
      await Promise.all(workers.map((worker) => worker.kill()));
      const plainly: StoreChoice = { kind: "sqlite", path: join(folder, "tokens.db") };
      const [reader] = await startWorkers(stage, 1, plainly, FIRST);
      const there = await tokensIn(folder, "tokens.db", (await reader?.ask(1)) ?? []);
      return {
        "different tokens": new Set(values).size,
        "tokens to be read in this file": here,
        "in the file above, not encrypted": there,
      };
    },
  });
}

/** Starts processes of a seller that share a store, and waits until all are ready. */
function startWorkers(stage: Stage, count: number, store: StoreChoice, seller: TossSeller): Promise<Worker[]> {
  const toss = { ...stage.emulator.toss.options, ...seller };
  return many(count, () => stage.startWorker({ store, toss }));
}

/** How many of the tokens a database and the files beside it contain, as they are or in base64. */
async function tokensIn(folder: string, database: string, tokens: readonly string[]): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(database));
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), "latin1")));
  return [...new Set(tokens)].filter((token) => {
    const watch = new SecretWatch();
    watch.add("token", token);
    return watch.foundIn(files.join("\n")).length > 0;
  }).length;
}
