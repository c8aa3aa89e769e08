import {
  type Emulator,
  type EmulatorOptions,
  type Fault,
  type Provider,
  startEmulator,
} from "@x/commerce-auth-emulator";
import { createIamportAuth, type IamportAuthOptions } from "@x/iamport-auth";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions } from "@x/naver-commerce-auth";
import { TokenCache, type TokenEvent } from "@x/token-cache-core";
import type { TokenAuth } from "@x/token-cache-core/provider";
import { ManualClock } from "@x/token-cache-core/testing";
import { createTossShoppingAuth, type TossShoppingAuthOptions } from "@x/toss-shopping-auth";
import { eachProvider } from "../each-provider.ts";
import type { Opening } from "../processes/order.ts";
import { Worker, type WorkerListener } from "../processes/worker.ts";
import type { SecretWatch } from "./secret-watch.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How a chapter's emulator differs from the documented behaviour. */
export type Rules = Pick<EmulatorOptions, Provider>;

/** Canary credentials: easy to find in any output that must not contain them. */
const CANARY_RULES = {
  toss: { sellers: [{ accessKey: "toss-access-key", secretKey: "canary-of-the-toss-secret-key" }] },
  naver: { applications: [{ clientId: "naverApplication01", clientSecret: "$2a$04$CanaryOfTheNaverSecrt." }] },
  iamport: { accounts: [{ impKey: "imp-key", impSecret: "canary-of-the-imp-secret" }] },
} as const;

const LONGEST_WAIT_MS = 5_000;

/** An emulator, and clients whose clocks move together with its clock. */
export class Stage implements AsyncDisposable {
  readonly emulator: Emulator;
  readonly clock: ManualClock;
  readonly events: TokenEvent[] = [];
  readonly errors: unknown[] = [];
  /** The output of other processes. */
  readonly outputs: string[] = [];
  /** Calls of `getToken` in other processes. */
  callsElsewhere = 0;
  readonly secrets: SecretWatch;
  /** Remembers the tokens and signatures that pass. */
  readonly fetch: typeof globalThis.fetch;
  readonly #clocks: ManualClock[];
  readonly #listeners = new Set<(event: TokenEvent) => void>();
  readonly #closers: (() => Promise<void>)[] = [];

  static async open(secrets: SecretWatch, rules: Rules = {}, faults: readonly Fault[] = []): Promise<Stage> {
    const clock = new ManualClock({ ticking: true });
    const emulator = await startEmulator({
      toss: { ...CANARY_RULES.toss, ...rules.toss },
      naver: { ...CANARY_RULES.naver, ...rules.naver },
      iamport: { ...CANARY_RULES.iamport, ...rules.iamport },
      clock: { source: () => clock.wall() },
    });
    try {
      for (const fault of faults) emulator.fault(fault);
      return new Stage(emulator, clock, secrets, rules);
    } catch (error) {
      await emulator.close();
      throw error;
    }
  }

  private constructor(emulator: Emulator, clock: ManualClock, secrets: SecretWatch, rules: Rules) {
    this.emulator = emulator;
    this.clock = clock;
    this.secrets = secrets;
    this.fetch = secrets.watching(globalThis.fetch);
    this.#clocks = [clock];
    const { sellers } = { ...CANARY_RULES.toss, ...rules.toss };
    if (sellers !== "any") for (const { secretKey } of sellers) secrets.add("Toss Shopping secret key", secretKey);
    secrets.add("Naver client secret", emulator.naver.credentials.clientSecret);
    secrets.add("iamport secret", emulator.iamport.credentials.impSecret);
  }

  /** Advances every clock. */
  letPass(ms: number): void {
    for (const clock of this.#clocks) clock.advance(ms);
  }

  /** The clock of a machine that is wrong by `ms`. */
  clockOffBy(ms: number): ManualClock {
    const clock = new ManualClock({ ticking: true, startAt: this.clock.wall() + ms });
    this.#clocks.push(clock);
    return clock;
  }

  toss(options: TossShoppingAuthOptions = {}) {
    return this.#keep(createTossShoppingAuth({ ...this.emulator.toss.options, ...this.#common(), ...options }));
  }

  /** `clock`: of the machine on which the client runs. */
  naver(options: NaverCommerceAuthOptions = {}, clock = this.clock) {
    return this.#keep(createNaverCommerceAuth({ ...this.emulator.naver.options, ...this.#common(clock), ...options }));
  }

  iamport(options: IamportAuthOptions = {}) {
    return this.#keep(createIamportAuth({ ...this.emulator.iamport.options, ...this.#common(), ...options }));
  }

  observe(event: TokenEvent): void {
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Resolves with the next event of one of these types. Call it before the action that causes the event. */
  next(...types: TokenEvent["type"][]): Promise<TokenEvent> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#listeners.delete(listener);
        reject(new Error(`There was no event "${types.join('" or "')}" within ${LONGEST_WAIT_MS} ms.`));
      };
      const timer = setTimeout(giveUp, LONGEST_WAIT_MS);
      const listener = (event: TokenEvent) => {
        if (!types.includes(event.type)) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve(event);
      };
      this.#listeners.add(listener);
    });
  }

  /** The number of events of this type, counted from the event with index `since`. */
  count(type: TokenEvent["type"], since = 0): number {
    return this.events.slice(since).filter((event) => event.type === type).length;
  }

  tokenRequests(): Record<Provider, number> {
    return eachProvider((provider) => this.emulator.requestCount(`${provider}.token`));
  }

  /** Starts a process that shares tokens with others, and ends with the stage. Default: the package's client. */
  async startWorker(
    opening: Pick<Opening, "store"> & Partial<Opening>,
    onRecords?: WorkerListener["onRecords"],
  ): Promise<Worker> {
    const own = { lane: "1", side: "ours", toss: this.emulator.toss.options, startedAt: 0 } as const;
    const worker = await Worker.start(
      { ...own, ...opening },
      {
        ...(onRecords && { onRecords }),
        onOutput: (text) => this.outputs.push(text),
        onTokens: (tokens) => {
          this.callsElsewhere += tokens.length;
          for (const token of new Set(tokens)) this.secrets.add("token", token);
        },
      },
    );
    this.onClose(() => worker.kill());
    return worker;
  }

  /** Registers a function to call when the stage closes. */
  onClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()));
    await this.emulator.close();
  }

  #common(clock = this.clock) {
    return { cache: new TokenCache({ clock, observer: (event) => this.observe(event) }), fetch: this.fetch };
  }

  #keep<Auth extends TokenAuth>(auth: Auth): Auth {
    this.onClose(() => auth.cache.close());
    return auth;
  }
}
