import { type Emulator, type JournalEntry, type Provider, startEmulator } from "@x/commerce-auth-emulator";
import { TokenCache, type TokenEvent } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import { Card, type CardSnapshot } from "./card.ts";
import { type Client, emulatedClients, liveClients, missingVariables, PROVIDERS } from "./clients.ts";

/** Everything that the page shows. */
export interface Snapshot {
  readonly live: boolean;
  /** Epoch ms. `server`: of the emulated providers. */
  readonly clock: { readonly client: number; readonly server: number | undefined };
  readonly cards: readonly CardSnapshot[];
  /** The emulator's requests, newest first. */
  readonly journal: readonly JournalRow[];
}

/** A request in the page's journal. Tokens are identified by their ids. */
type JournalRow = Pick<JournalEntry, "sequence" | "at" | "endpoint" | "method" | "path" | "faults"> & {
  readonly status: number | undefined;
  readonly tokenId: string | undefined;
};

const SHOWN_REQUESTS = 60;

/** A short timeout, so that a user who tries a hung request does not wait long. */
const TIMEOUT_MS = 2_000;

/** Three clients, the providers they talk to, and the clocks of both sides. */
export class Playground implements AsyncDisposable {
  readonly emulator: Emulator | undefined;
  readonly cards: Readonly<Record<Provider, Card>>;
  /** Called after every change that the page shows. */
  onChange: () => void = () => {};
  readonly #clock: ManualClock | undefined;
  readonly #serverClock: ManualClock | undefined;
  readonly #requests: Record<Provider, number> = { toss: 0, naver: 0, iamport: 0 };
  #struckUpTo = 0;

  /** Connects the clients to the emulator. */
  static async emulated(): Promise<Playground> {
    const serverClock = new ManualClock({ ticking: true });
    const emulator = await startEmulator({ clock: { source: () => serverClock.wall() } });
    return new Playground({ emulator, serverClock, clock: new ManualClock({ ticking: true }) }, {});
  }

  /** Connects the clients to the real providers. */
  static live(environment: NodeJS.ProcessEnv): Playground {
    return new Playground({}, environment);
  }

  private constructor(
    emulated: { emulator?: Emulator; clock?: ManualClock; serverClock?: ManualClock },
    environment: NodeJS.ProcessEnv,
  ) {
    this.emulator = emulated.emulator;
    this.#clock = emulated.clock;
    this.#serverClock = emulated.serverClock;
    const missing = this.emulator === undefined ? missingVariables(environment) : NOTHING_MISSING;
    const card = (provider: Provider) =>
      new Card(
        provider,
        missing[provider],
        () => this.now(),
        () => this.tokenRequests(provider),
      );
    this.cards = { toss: card("toss"), naver: card("naver"), iamport: card("iamport") };
    const common = (provider: Provider) => ({
      cache: new TokenCache({ clock: this.#clock, observer: (event) => this.#observe(provider, event) }),
      ...(this.emulator === undefined ? { fetch: this.#countingFetch(provider) } : { timeoutMs: TIMEOUT_MS }),
    });
    const unobserved = () => ({ cache: new TokenCache({ clock: this.#clock }), timeoutMs: TIMEOUT_MS });
    const clients: Partial<Record<Provider, Client>> =
      this.emulator === undefined
        ? liveClients(environment, common)
        : emulatedClients(this.emulator, common, unobserved);
    for (const provider of PROVIDERS) this.cards[provider].client = clients[provider];
  }

  /** Epoch ms by the client's clock. */
  now(): number {
    return this.#clock?.wall() ?? Date.now();
  }

  letPass(ms: number): void {
    this.#clock?.advance(ms);
    this.#serverClock?.advance(ms);
  }

  /** Sets the client's clock `ms` ahead of the server's; a negative number sets it behind. */
  skew(ms: number): void {
    if (this.#clock === undefined || this.emulator === undefined) return;
    this.#clock.stepWall(this.emulator.clock.now() + ms - this.#clock.wall());
  }

  tokenRequests(provider: Provider): number {
    return this.emulator?.requestCount(`${provider}.token`) ?? this.#requests[provider];
  }

  snapshot(): Snapshot {
    this.#noteStruckFaults();
    return {
      live: this.emulator === undefined,
      clock: { client: this.now(), server: this.emulator?.clock.now() },
      cards: PROVIDERS.map((provider) => this.cards[provider].snapshot()),
      journal: (this.emulator?.journal ?? []).slice(-SHOWN_REQUESTS).reverse().map(journalRow),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(PROVIDERS.map((provider) => this.cards[provider].client?.auth.cache.close()));
    await this.emulator?.close();
  }

  #observe(provider: Provider, event: TokenEvent): void {
    this.cards[provider].observe(event);
    this.onChange();
  }

  /** Only the journal knows which requests a fault affected. */
  #noteStruckFaults(): void {
    for (const { sequence, endpoint, faults } of this.emulator?.journal ?? []) {
      if (sequence <= this.#struckUpTo) continue;
      this.#struckUpTo = sequence;
      for (const provider of PROVIDERS) {
        if (endpoint === `${provider}.token`) for (const kind of faults) this.cards[provider].struck(kind);
      }
    }
  }

  #countingFetch(provider: Provider): typeof globalThis.fetch {
    return (input, init) => {
      if (TOKEN_PATH.test(String(input))) this.#requests[provider] += 1;
      return globalThis.fetch(input, init);
    };
  }
}

const NOTHING_MISSING: Readonly<Record<Provider, readonly string[]>> = { toss: [], naver: [], iamport: [] };

/** Matches the end of the three providers' token URLs, and of no API URL. */
const TOKEN_PATH = /\/(token|getToken)$/;

function journalRow({ sequence, at, endpoint, method, path, faults, status, tokenId }: JournalEntry): JournalRow {
  return { sequence, at, endpoint, method, path, faults, status, tokenId };
}
