import { join } from "node:path";
import type { Provider } from "@x/commerce-auth-emulator";
import { createIamportAuth } from "@x/iamport-auth";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import type { ManualClock } from "@x/token-cache-core/testing";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import type { StoreChoice } from "../processes/order.ts";
import { RedisServer } from "../processes/redis-server.ts";
import type { Worker } from "../processes/worker.ts";
import { firstCall, many } from "../story/scenes.ts";
import type { Stage } from "../story/stage.ts";
import { iamportByHand } from "./by-hand/iamport.js";
import { naverByHand } from "./by-hand/naver.js";
import { tossByHand } from "./by-hand/toss.js";
import { type Client, clientByHand, packageClient } from "./client.ts";
import { Recorder } from "./recorder.ts";
import type { SideName, TimelineRecord } from "./timeline.ts";
import type { Words } from "./words.ts";

/** What a play may use on this machine. */
export interface Means {
  /** An empty folder, for what is stored. */
  readonly folder: string;
  /** The program of a Redis server, if there is one. */
  readonly redisProgram: string | undefined;
}

/** How a side's client is opened. */
interface OpenOptions {
  /** Of the machine on which it runs. */
  readonly clock?: ManualClock;
  /** The package's client fetches Toss's keys when it needs them; the hand-written lines read them once, at the start. */
  readonly secretManager?: boolean;
}

/** What a side needs besides its stage. */
export interface SideMeans extends Means {
  readonly provider: Provider;
  /** Resolves when the other side has come to the same point. */
  meet(): Promise<void>;
}

/** One side of a play: its own emulator and clock, and a client to send the traffic through. */
export class Side {
  readonly name: SideName;
  readonly stage: Stage;
  readonly records: TimelineRecord[] = [];
  readonly #means: SideMeans;
  readonly #onRecord: (record: TimelineRecord) => void;
  readonly #startedAt = performance.timeOrigin + performance.now();
  #jumpedMs = 0;
  #client: Client | undefined;
  #recorder: Recorder | undefined;

  constructor(name: SideName, stage: Stage, means: SideMeans, onRecord: (record: TimelineRecord) => void) {
    this.name = name;
    this.stage = stage;
    this.#means = means;
    this.#onRecord = (record) => {
      this.records.push(record);
      onRecord(record);
    };
  }

  /** Opens this side's client, in this process. */
  open({ clock = this.stage.clock, secretManager = false }: OpenOptions = {}): void {
    const time = { now: () => this.#now(), jumpedMs: () => this.#jumpedMs, wall: () => clock.wall() };
    const recorder = new Recorder("app", time, this.#onRecord);
    this.#recorder = recorder;
    this.#client = this.name === "ours" ? this.#ours(recorder, clock, secretManager) : this.#byHand(recorder, clock);
    this.stage.onClose(() => this.#opened().client.close());
  }

  /** The given number of callers ask for a token at once. */
  async ask(callers: number): Promise<void> {
    const { record, client } = this.#opened();
    await many(callers, () => record(client.getToken));
  }

  /** Callers ask `rounds` times, every `everyMs`, whether the earlier ones got their tokens or not. */
  async askSteadily(callers: number, rounds: number, everyMs: number): Promise<void> {
    const asked: Promise<void>[] = [];
    for (let round = 0; round < rounds; round++) {
      asked.push(this.ask(callers));
      await pause(everyMs);
    }
    await Promise.all(asked);
  }

  /** The given number of callers call the API at once. */
  async call(callers: number): Promise<void> {
    const url = firstCall(this.stage, this.#means.provider);
    const { record, client } = this.#opened();
    await many(callers, () => record(() => client.call(url)));
  }

  /** Calls the API the given number of times, one call after the other. */
  async callInTurn(times: number): Promise<void> {
    for (let call = 0; call < times; call++) await this.call(1);
  }

  /** Gets the first token, which is not part of the comparison. */
  async prepare(): Promise<void> {
    await this.#opened().client.getToken();
  }

  /** Moves the clocks of the clients and of the provider, on both sides at the same moment. */
  async letPass(ms: number): Promise<void> {
    await this.#means.meet();
    this.#onRecord({ type: "jump", at: this.#now(), ms });
    this.#jumpedMs += ms;
    this.stage.letPass(ms);
  }

  /** Notes what was done to the provider, a process or a store. */
  mark(text: Words): void {
    this.#onRecord({ type: "mark", at: this.#now(), text });
  }

  /** Starts real processes, which share tokens by this store. */
  async startWorkers(count: number, store: StoreChoice | undefined): Promise<Worker[]> {
    return many(count, (index) => this.startWorker(`${index + 1}`, store));
  }

  /** Starts one real process. */
  async startWorker(lane: string, store: StoreChoice | undefined): Promise<Worker> {
    const opening = { lane, store, side: this.name, startedAt: this.#startedAt };
    const worker = await this.stage.startWorker(opening, (records) => records.forEach(this.#onRecord));
    this.#onRecord({ type: "process", lane, at: this.#now(), state: "started" });
    return worker;
  }

  async kill(worker: Worker): Promise<void> {
    await worker.kill();
    this.#onRecord({ type: "process", lane: worker.lane, at: this.#now(), state: "killed" });
  }

  /** The file that the processes of this side share. */
  sqlite(): StoreChoice {
    return { kind: "sqlite", path: join(this.#means.folder, `${this.name}-${Math.round(this.#startedAt)}.db`) };
  }

  /** A private Redis for this side. */
  async startRedis(): Promise<RedisServer> {
    if (this.#means.redisProgram === undefined) throw new Error("There is no program of a Redis server.");
    const redis = await RedisServer.start(this.#means.redisProgram, this.#means.folder);
    this.stage.onClose(() => redis.stop());
    return redis;
  }

  #ours(recorder: Recorder, clock: ManualClock, secretManager: boolean): Client {
    const { emulator, fetch } = this.stage;
    const { tokenUrl, apiBaseUrl, solutionCode } = emulator.toss.options;
    const toss = secretManager
      ? { tokenUrl, apiBaseUrl, solutionCode, credentials: async () => emulator.toss.credentials }
      : emulator.toss.options;
    const cache = { clock, observer: this.stage.observe.bind(this.stage) };
    return {
      toss: () => packageClient(createTossShoppingAuth, toss, recorder, fetch, cache),
      naver: () => packageClient(createNaverCommerceAuth, emulator.naver.options, recorder, fetch, cache),
      iamport: () => packageClient(createIamportAuth, emulator.iamport.options, recorder, fetch, cache),
    }[this.#means.provider]();
  }

  #byHand(recorder: Recorder, clock: ManualClock): Client {
    const { emulator, fetch } = this.stage;
    const wall = () => clock.wall();
    return {
      toss: () => clientByHand(tossByHand, emulator.toss.options, recorder, fetch, wall),
      naver: () => clientByHand(naverByHand, emulator.naver.options, recorder, fetch, wall),
      iamport: () => clientByHand(iamportByHand, emulator.iamport.options, recorder, fetch, wall),
    }[this.#means.provider]();
  }

  #opened() {
    const [client, recorder] = [this.#client, this.#recorder];
    if (client === undefined || recorder === undefined) throw new Error("This side has no client yet.");
    return { client, record: recorder.call.bind(recorder) };
  }

  #now(): number {
    return performance.timeOrigin + performance.now() - this.#startedAt;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
