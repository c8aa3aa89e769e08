import { type Emulator, type JournalEntry, type Provider, startEmulator } from "@x/commerce-auth-emulator";
import { TokenError, type TokenEvent } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import { type Action, type ActionName, actions } from "./actions.ts";
import { Card, type CardSnapshot } from "./card.ts";
import { type Client, emulatedClients, liveClients, missingVariables, PROVIDERS } from "./clients.ts";

/** Everything that the page shows. */
export interface Snapshot {
  readonly live: boolean;
  /** Epoch ms. `server`: of the emulated providers. */
  readonly clock: { readonly client: number; readonly server: number | undefined };
  readonly cards: readonly CardSnapshot[];
  /** What arrived at the emulator, newest first. */
  readonly journal: readonly JournalRow[];
}

/** A request as the journal shows it: tokens by their ids. */
type JournalRow = Pick<JournalEntry, "sequence" | "at" | "endpoint" | "method" | "path" | "faults"> & {
  readonly status: number | undefined;
  readonly tokenId: string | undefined;
};

const SHOWN_REQUESTS = 60;

/** A hung request is given up after this long, so that somebody who tries it need not wait. */
const TIMEOUT_MS = 2_000;

/** Three clients, the providers they talk to, and the clocks of both sides. */
export class Playground implements AsyncDisposable {
  readonly emulator: Emulator | undefined;
  readonly cards: Readonly<Record<Provider, Card>>;
  /** Called when there is something new to show. */
  onChange: () => void = () => {};
  readonly #clock: ManualClock | undefined;
  readonly #serverClock: ManualClock | undefined;
  readonly #requests: Record<Provider, number> = { toss: 0, naver: 0, iamport: 0 };
  #struckUpTo = 0;

  /** Against the emulator. */
  static async emulated(): Promise<Playground> {
    const serverClock = new ManualClock({ ticking: true });
    const emulator = await startEmulator({ clock: { source: () => serverClock.wall() } });
    return new Playground({ emulator, serverClock, clock: new ManualClock({ ticking: true }) }, {});
  }

  /** Against the real providers. */
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
      observer: (event: TokenEvent) => this.#observe(provider, event),
      clock: this.#clock,
      ...(this.emulator === undefined ? { fetch: this.#countingFetch(provider) } : { timeoutMs: TIMEOUT_MS }),
    });
    const clients: Partial<Record<Provider, Client>> =
      this.emulator === undefined ? liveClients(environment, common) : emulatedClients(this.emulator, common);
    for (const provider of PROVIDERS) this.cards[provider].client = clients[provider];
  }

  /** Does what a button says. What it came to is shown on the card. */
  async act(name: ActionName, provider: Provider | undefined): Promise<void> {
    const action: Action = actions[name];
    if (action.needsEmulator && this.emulator === undefined) return;
    const targets = provider === undefined ? [] : [this.cards[provider]];
    for (const card of targets) card.outcome = undefined;
    this.onChange();
    for (const card of targets) {
      try {
        card.outcome = { text: await action.run(this, card), tone: "good" };
      } catch (error) {
        const text = TokenError.is(error) ? `${error.code}. ${error.message}` : `It failed: ${String(error)}`;
        card.outcome = { text, tone: "bad" };
      }
    }
    if (provider === undefined) await action.run(this, this.cards.toss);
    this.onChange();
  }

  /** Epoch ms by the client's clock. */
  now(): number {
    return this.#clock?.wall() ?? Date.now();
  }

  letPass(ms: number): void {
    this.#clock?.advance(ms);
    this.#serverClock?.advance(ms);
  }

  /** Sets the client's clock so much ahead of the server's; negative for behind. */
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
    await Promise.allSettled(PROVIDERS.map((provider) => this.cards[provider].client?.auth.close()));
    await this.emulator?.close();
  }

  #observe(provider: Provider, event: TokenEvent): void {
    this.cards[provider].observe(event);
    this.onChange();
  }

  /** The journal is the only one to know which requests a fault has struck. */
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

/** How the three providers' token URLs end, and none of their API URLs. */
const TOKEN_PATH = /\/(token|getToken)$/;

function journalRow({ sequence, at, endpoint, method, path, faults, status, bearerTokenId }: JournalEntry): JournalRow {
  return { sequence, at, endpoint, method, path, faults, status, tokenId: bearerTokenId };
}
