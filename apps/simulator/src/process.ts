import { createHash } from "node:crypto";
import { type AccessToken, TokenCache, type TokenStore } from "@x/token-cache-core";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { createAuthenticatedFetch, type TokenSource } from "@x/token-cache-core/provider";
import { rateLimitRules } from "./gateway.ts";
import type { Encryption, Plan, Version } from "./plan.ts";
import { API_URL, type Provider, providerFetch, UPLOAD_URL } from "./provider.ts";
import type { Random } from "./random.ts";
import { keysOf, type SecretsWitness, simulatedSource } from "./source.ts";
import { type StoreServer, storeClient } from "./store.ts";
import { type Call, type CallOptions, type ProcessView, storeWitness, type Witness } from "./told.ts";
import type { Weather } from "./weather.ts";
import type { Machine, World } from "./world.ts";

const keyOf = (name: string) => createHash("sha256").update(name).digest();
const OLD_KEY = keyOf("old");
const NEW_KEY = keyOf("new");
const encryptionKeys: Record<Exclude<Encryption, "none">, Uint8Array[]> = {
  "old key": [OLD_KEY],
  "both keys": [NEW_KEY, OLD_KEY],
  "new key": [NEW_KEY],
};

/** What all processes of a schedule live in. */
export interface Surroundings {
  readonly plan: Plan;
  readonly world: World;
  readonly provider: Provider;
  readonly server: StoreServer | undefined;
  readonly weather: Weather;
  readonly random: Random;
  readonly rules: Witness;
}

/** One life of an application's process: a cache, a client of the store, and its callers. */
export class Process implements ProcessView {
  readonly index: number;
  /** How many processes ran on this machine before. */
  readonly life: number;
  readonly machine: Machine;
  readonly version: Version;
  readonly cache: TokenCache;
  readonly sources: readonly TokenSource[];
  readonly startedAt: number;
  readonly pending = new Set<Call>();
  state: "running" | "closed" | "crashed" = "running";
  listening = 0;
  readonly #in: Surroundings;
  readonly #identityOfKey: ReadonlyMap<string, number>;
  readonly #store: TokenStore | undefined;
  readonly #fetches: readonly (typeof globalThis.fetch)[];
  #calls = 0;

  constructor(surroundings: Surroundings, index: number, life: number, machine: Machine, version: Version) {
    const { plan, world, provider, weather, random, rules, server } = surroundings;
    this.#in = surroundings;
    this.index = index;
    this.life = life;
    this.machine = machine;
    this.version = version;
    this.startedAt = world.now;
    const fetch = providerFetch(provider, machine, random, weather, {
      asked: (identity, secret) => rules.tell("asked", { process: this, identity, secret }),
      answered: (answer) => rules.tell("answered", { process: this, ...answer }),
      sentInTurn: (number) => this.#sentInTurn(number),
      answeredInTurn: (...answer) => this.#answeredInTurn(...answer),
    });
    const witness = {
      fetching: (identity: number) => rules.tell("fetching", { process: this, identity }),
      fetched: (...[identity, secret, calledAt]: Parameters<SecretsWitness["fetched"]>) =>
        rules.tell("fetched", { process: this, identity, secret, calledAt }),
    };
    const init = { plan, world, machine, index, random, weather, fetch, witness };
    const identities = [...Array(plan.identities).keys()];
    this.sources = identities.map((identity) => simulatedSource(init, identity));
    this.#identityOfKey = new Map(identities.flatMap((each) => keysOf(plan, each).map((key) => [key, each])));
    this.#store = server && this.#connected(server);
    this.cache = new TokenCache({
      clock: machine,
      observer: plan.isObserved ? (event) => rules.tell("observed", { process: this, event }) : undefined,
      sharedFlights: version.sharedFlights,
      maxIdentities: version.maxIdentities,
      maxConcurrentIssues: version.maxConcurrentIssues,
      store: this.#store,
    });
    this.#fetches = this.sources.map((source) =>
      createAuthenticatedFetch({
        cache: this.cache,
        source,
        allowedOrigins: [new URL(API_URL).origin],
        isRefused: ({ status }) => status === 401,
        fetch,
        rateLimit: plan.limits && {
          rules: rateLimitRules(plan.limits),
          application: () => "sim",
          maxWaitMs: plan.limits.maxWaitMs,
          resendAnyMethod: false,
        },
      }),
    );
  }

  get name(): string {
    return this.life === 0 ? `p${this.index}` : `p${this.index}.${this.life}`;
  }

  source(identity: number): TokenSource {
    return this.sources[identity] as TokenSource;
  }

  identityOf(key: string): number {
    return this.#identityOfKey.get(key) ?? -1;
  }

  peek(identity: number): AccessToken | undefined {
    return this.cache.peek(this.source(identity));
  }

  /** Calls `getToken`, or the API through the authenticated fetch. The promise resolves whatever comes of it. */
  call(identity: number, options: CallOptions): Promise<Call> {
    const call: Call = {
      ...options,
      process: this,
      identity,
      number: this.#calls++,
      startedAt: this.#in.world.now,
      order: this.#in.world.happened,
      startedMonotonic: this.machine.monotonic(),
      heldId: this.peek(identity)?.id,
      requests: [],
    };
    this.pending.add(call);
    this.#in.rules.tell("called", call);
    const settled = (outcome: NonNullable<Call["outcome"]>) => {
      call.outcome = outcome;
      this.pending.delete(call);
      this.#in.rules.tell("settled", call);
      return call;
    };
    return this.#ask(call).then(settled, (error: unknown) => settled({ error }));
  }

  async #ask({ kind, identity, refused, signal, lane, number }: Call): Promise<NonNullable<Call["outcome"]>> {
    if (kind === "fetch") {
      const url = lane === "uploads" ? UPLOAD_URL : API_URL;
      const method = lane === undefined || lane === "reads" ? "GET" : "POST";
      const response = await this.#fetches[identity]?.(lane === undefined ? url : `${url}?call=${number}`, {
        method,
        signal: signal ?? null,
      });
      return { status: response?.status ?? 0 };
    }
    // Without options where there are none: the hot path.
    const isPlain = kind === "plain" && signal === undefined;
    const options = isPlain ? undefined : { forceRefresh: kind === "forced", refusedTokenId: refused, signal };
    return { token: await this.cache.getToken(this.source(identity), options) };
  }

  #sentInTurn(number: number): void {
    const call = this.#pendingCall(number);
    if (call === undefined) return;
    call.requests.push({ sentAt: this.machine.monotonic() });
    this.#in.rules.tell("sentInTurn", call);
  }

  #answeredInTurn(number: number, status: number, closedForMs: number | undefined): void {
    const call = this.#pendingCall(number);
    const request = call?.requests.at(-1);
    if (call === undefined || request === undefined) return;
    request.answer = { at: this.machine.monotonic(), status, closedForMs };
    this.#in.rules.tell("answeredInTurn", call);
  }

  #pendingCall(number: number): Call | undefined {
    for (const call of this.pending) if (call.number === number) return call;
    return undefined;
  }

  invalidate(identity: number, id: string): Promise<void> {
    this.#in.rules.tell("invalidated", { process: this, identity, id });
    return this.cache.invalidate(this.source(identity), id);
  }

  close(): void {
    this.state = "closed";
    this.#in.rules.tell("closing", this);
    void this.cache.close().then(() => {
      this.#in.rules.tell("closed", this);
      void this.#store?.close?.();
    });
  }

  crash(): void {
    this.state = "crashed";
    this.machine.isOff = true;
    this.pending.clear();
    void this.#store?.close?.();
  }

  #connected(server: StoreServer): TokenStore | undefined {
    const { plan, random, weather, rules } = this.#in;
    if (plan.store === undefined) return undefined;
    const client = storeClient(server, this.machine, plan.store, random, weather, storeWitness(rules, this));
    const { encryption } = this.version;
    const store = encryption === "none" ? client : encryptedStore(client, { keys: encryptionKeys[encryption] });
    const { changed, unreadable } = store;
    return {
      ...store,
      ...(changed && { changed: (listener) => this.#listening(changed(listener)) }),
      ...(unreadable && { unreadable: (listener) => this.#listening(unreadable(listener)) }),
      set: (key, token, remainingMs) => {
        rules.tell("wrote", { process: this, identity: this.identityOf(key) });
        return store.set(key, token, remainingMs);
      },
    };
  }

  #listening(stop: () => void): () => void {
    this.listening++;
    return () => {
      this.listening--;
      stop();
    };
  }
}
