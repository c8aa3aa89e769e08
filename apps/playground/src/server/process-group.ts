import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Side } from "../chapters/side.ts";
import type { Words } from "../chapters/words.ts";
import type { StoreChoice } from "../processes/order.ts";
import { findRedisProgram, type RedisServer } from "../processes/redis-server.ts";
import type { Worker } from "../processes/worker.ts";
import { firstCall } from "../story/scenes.ts";
import { SecretWatch } from "../story/secret-watch.ts";
import { Stage } from "../story/stage.ts";
import type { SidedRecord } from "./story-player.ts";

export type SharedStore = "sqlite" | "redis";

/** What the page shows of the processes. */
export interface ProcessSnapshot {
  readonly store: SharedStore;
  readonly hasRedis: boolean;
  readonly redisRuns: boolean;
  readonly processes: readonly {
    readonly lane: string;
    readonly pid: number | undefined;
    readonly state: "starting" | "running" | "killed";
  }[];
}

interface Member {
  readonly lane: string;
  worker: Worker | undefined;
  state: ProcessSnapshot["processes"][number]["state"];
}

const MOST_PROCESSES = 8;
const CALLERS_EACH = 250;
const CALLS_EACH = 15;
const PROVIDER_TAKES_MS = 400;

/** Real processes that share Toss tokens by a store, to start, kill and restart. They have an emulator of their own. */
export class ProcessGroup implements AsyncDisposable {
  onChange: () => void = () => {};
  onRecord: (record: SidedRecord) => void = () => {};
  /** Called when a timeline starts again. */
  onReset: () => void = () => {};
  readonly #folder = mkdtempSync(join(tmpdir(), "playground-"));
  readonly #redisProgram = findRedisProgram(process.env);
  #members: Member[] = [];
  #side: Side | undefined;
  #store: SharedStore = "sqlite";
  #redis: RedisServer | undefined;
  #redisRuns = false;

  snapshot(): ProcessSnapshot {
    return {
      store: this.#store,
      hasRedis: this.#redisProgram !== undefined,
      redisRuns: this.#redisRuns,
      processes: this.#members.map(({ lane, state, worker }) => ({ lane, state, pid: worker?.pid })),
    };
  }

  /** Starts one more process. */
  async start(): Promise<void> {
    if (this.#members.length >= MOST_PROCESSES) return;
    const member: Member = { lane: `${this.#members.length + 1}`, worker: undefined, state: "starting" };
    this.#members.push(member);
    await this.#run(member);
  }

  async kill(lane: string): Promise<void> {
    const member = this.#running().find((each) => each.lane === lane);
    if (member === undefined) return;
    member.state = "killed";
    await this.#side?.kill(member.worker);
    this.onChange();
  }

  async restart(lane: string): Promise<void> {
    const member = this.#members.find((each) => each.lane === lane && each.state === "killed");
    if (member !== undefined) await this.#run(member);
  }

  /** Lets callers in every process ask for a token. */
  async ask(): Promise<void> {
    await this.#everywhere((worker) => worker.ask(CALLERS_EACH));
  }

  /** Lets every process call the API. */
  async call(): Promise<void> {
    const side = await this.#opened();
    await this.#everywhere((worker) => worker.call(CALLS_EACH, firstCall(side.stage, "toss")));
  }

  async revoke(): Promise<void> {
    const side = await this.#opened();
    side.stage.emulator.revoke("toss");
    side.mark(REVOKED);
  }

  /** Ends all processes and starts again with this store. */
  async useStore(store: SharedStore): Promise<void> {
    if (store === "redis" && this.#redisProgram === undefined) return;
    await this.reset();
    this.#store = store;
    this.onChange();
  }

  async killRedis(): Promise<void> {
    if (!this.#redisRuns) return;
    this.#redisRuns = false;
    this.#side?.mark(REDIS_KILLED);
    this.onChange();
    await this.#redis?.stop();
  }

  async restartRedis(): Promise<void> {
    if (this.#redisRuns || this.#redis === undefined) return;
    await this.#redis.restart();
    this.#redisRuns = true;
    this.#side?.mark(REDIS_BACK);
    this.onChange();
  }

  /** Ends all processes and forgets what they did. */
  async reset(): Promise<void> {
    const stage = this.#side?.stage;
    this.#side = undefined;
    this.#members = [];
    this.#redis = undefined;
    this.#redisRuns = false;
    this.onReset();
    this.onChange();
    await stage?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#side?.stage[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(member: Member): Promise<void> {
    member.state = "starting";
    this.onChange();
    const side = await this.#opened();
    const worker = await side.startWorker(member.lane, await this.#choice(side));
    if (this.#side !== side) return worker.kill();
    member.worker = worker;
    member.state = "running";
    this.onChange();
  }

  async #opened(): Promise<Side> {
    if (this.#side !== undefined) return this.#side;
    const stage = await Stage.open(new SecretWatch(), { toss: { rateLimit: "seen" } });
    stage.emulator.fault({ endpoint: "toss.token", kind: "delay", ms: PROVIDER_TAKES_MS });
    const means = { folder: this.#folder, redisProgram: this.#redisProgram, provider: "toss" as const, meet };
    this.#side ??= new Side("ours", stage, means, (record) => this.onRecord(["ours", record]));
    if (this.#side.stage !== stage) await stage[Symbol.asyncDispose]();
    return this.#side;
  }

  async #choice(side: Side): Promise<StoreChoice> {
    if (this.#store === "sqlite") return side.sqlite();
    if (this.#redis === undefined) {
      this.#redis = await side.startRedis();
      this.#redisRuns = true;
    }
    return { kind: "redis", url: this.#redis.url, prefix: "playground:" };
  }

  async #everywhere(work: (worker: Worker) => Promise<unknown>): Promise<void> {
    // The user may kill a process meanwhile: that is a feature of the page.
    await Promise.allSettled(this.#running().map(({ worker }) => work(worker)));
  }

  #running(): (Member & { readonly worker: Worker })[] {
    return this.#members.filter((member): member is Member & { worker: Worker } => member.state === "running");
  }
}

/** There is no other side. */
async function meet(): Promise<void> {}

const REVOKED: Words = { en: "revoked", ko: "폐기" };
const REDIS_KILLED: Words = { en: "Redis killed", ko: "Redis 종료" };
const REDIS_BACK: Words = { en: "Redis is back", ko: "Redis 복구" };
