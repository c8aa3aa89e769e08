import { type Emulator, type JournalEntry, PROVIDERS, type Provider, startEmulator } from "@x/commerce-auth-emulator";
import { TokenCache, type TokenEvent } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import { eachProvider } from "../each-provider.ts";
import { Card, type CardSnapshot } from "./card.ts";
import { type Client, emulatedClients, liveClients, missingVariables } from "./clients.ts";

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
  /** The token of an API call, or the one that a token request got. */
  readonly tokenId: string | undefined;
};

/** The clock of the clients' machine, and the providers'. */
interface Clocks {
  client: ManualClock;
  server: ManualClock;
}

function newClocks(): Clocks {
  return { client: new ManualClock({ ticking: true }), server: new ManualClock({ ticking: true }) };
}

async function closeAll(cards: Readonly<Record<Provider, Card>>): Promise<void> {
  await Promise.allSettled(PROVIDERS.map((provider) => cards[provider].client?.auth.cache.close()));
}

const SHOWN_REQUESTS = 60;

/** A short timeout, so that a user who tries a hung request does not wait long. */
const TIMEOUT_MS = 2_000;

/** Three clients, the providers they talk to, and the clocks of both sides. */
export class Playground implements AsyncDisposable {
  readonly emulator: Emulator | undefined;
  /** Called after every change that the page shows. */
  onChange: () => void = () => {};
  readonly #environment: NodeJS.ProcessEnv;
  readonly #clocks: Clocks | undefined;
  #cards: Readonly<Record<Provider, Card>>;
  readonly #requests: Record<Provider, number> = eachProvider(() => 0);
  #struckUpTo = 0;

  /** Connects the clients to the emulator. */
  static async emulated(): Promise<Playground> {
    const clocks = newClocks();
    const emulator = await startEmulator({ clock: { source: () => clocks.server.wall() } });
    return new Playground({ emulator, clocks }, {});
  }

  /** Connects the clients to the real providers. */
  static live(environment: NodeJS.ProcessEnv): Playground {
    return new Playground({}, environment);
  }

  private constructor(emulated: { emulator?: Emulator; clocks?: Clocks }, environment: NodeJS.ProcessEnv) {
    this.emulator = emulated.emulator;
    this.#clocks = emulated.clocks;
    this.#environment = environment;
    this.#cards = this.#newCards();
  }

  get cards(): Readonly<Record<Provider, Card>> {
    return this.#cards;
  }

  /** Starts again: no token, no fault, an empty journal, and the real time. */
  async reset(): Promise<void> {
    if (this.emulator === undefined || this.#clocks === undefined) return;
    const left = this.#cards;
    for (const provider of PROVIDERS) left[provider].disarm();
    this.emulator.reset();
    Object.assign(this.#clocks, newClocks());
    this.#struckUpTo = 0;
    this.#cards = this.#newCards();
    await closeAll(left);
  }

  #newCards(): Readonly<Record<Provider, Card>> {
    const { emulator } = this;
    const clock = this.#clocks?.client;
    const missing = emulator === undefined ? missingVariables(this.#environment) : NOTHING_MISSING;
    const card = (provider: Provider) =>
      new Card(
        provider,
        missing[provider],
        () => this.now(),
        () => this.tokenRequests(provider),
      );
    const cards = eachProvider(card);
    const common = (provider: Provider) => ({
      cache: new TokenCache({ clock, observer: (event) => this.#observe(cards[provider], event) }),
      ...(emulator === undefined ? { fetch: this.#countingFetch(provider) } : { timeoutMs: TIMEOUT_MS }),
    });
    const unobserved = () => ({ cache: new TokenCache({ clock }), timeoutMs: TIMEOUT_MS });
    const clients: Partial<Record<Provider, Client>> =
      emulator === undefined ? liveClients(this.#environment, common) : emulatedClients(emulator, common, unobserved);
    for (const provider of PROVIDERS) cards[provider].client = clients[provider];
    return cards;
  }

  /** Epoch ms by the client's clock. */
  now(): number {
    return this.#clocks?.client.wall() ?? Date.now();
  }

  letPass(ms: number): void {
    this.#clocks?.client.advance(ms);
    this.#clocks?.server.advance(ms);
  }

  /** Sets the client's clock `ms` ahead of the server's; a negative number sets it behind. */
  skew(ms: number): void {
    if (this.#clocks === undefined || this.emulator === undefined) return;
    const { client } = this.#clocks;
    client.stepWall(this.emulator.clock.now() + ms - client.wall());
  }

  tokenRequests(provider: Provider): number {
    return this.emulator?.requestCount(`${provider}.token`) ?? this.#requests[provider];
  }

  snapshot(): Snapshot {
    this.noteStruckFaults();
    return {
      live: this.emulator === undefined,
      clock: { client: this.now(), server: this.emulator?.clock.now() },
      cards: PROVIDERS.map((provider) => this.cards[provider].snapshot()),
      journal: (this.emulator?.journal ?? []).slice(-SHOWN_REQUESTS).reverse().map(journalRow),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeAll(this.#cards);
    await this.emulator?.close();
  }

  #observe(card: Card, event: TokenEvent): void {
    card.observe(event);
    this.onChange();
  }

  /** Brings the cards' faults up to date: only the journal knows which requests a fault affected. */
  noteStruckFaults(): void {
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

const NOTHING_MISSING: Readonly<Record<Provider, readonly string[]>> = eachProvider(() => []);

/** Matches the end of the three providers' token URLs, and of no API URL. */
const TOKEN_PATH = /\/(token|getToken)$/;

function journalRow(entry: JournalEntry): JournalRow {
  const { sequence, at, endpoint, method, path, faults, status } = entry;
  return { sequence, at, endpoint, method, path, faults, status, tokenId: entry.tokenId ?? entry.issuedTokenId };
}
