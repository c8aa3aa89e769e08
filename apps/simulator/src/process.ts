import { createHash } from "node:crypto";
import { type AccessToken, TokenCache, TokenError, type TokenErrorCode, type TokenStore } from "@x/token-cache-core";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import {
  createAuthenticatedFetch,
  createTokenSource,
  exchangeToken,
  type IssueContext,
  retryAfterMs,
  type TokenSource,
} from "@x/token-cache-core/provider";
import { rateLimitRules } from "./gateway.ts";
import type { Encryption, Plan, Version } from "./plan.ts";
import { API_URL, type Provider, providerFetch, SECRET_MARK, TOKEN_URL } from "./provider.ts";
import type { Random } from "./random.ts";
import { type StoreServer, storeClient } from "./store.ts";
import { type Call, type CallOptions, type ProcessView, storeWitness, type Witness } from "./told.ts";
import type { Weather } from "./weather.ts";
import type { Machine, World } from "./world.ts";

const keyOf = (name: string) => createHash("sha256").update(name).digest();
const OLD_KEY = keyOf("old");
const NEW_KEY = keyOf("new");
const keysOf: Record<Exclude<Encryption, "none">, Uint8Array[]> = {
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
      asked: (identity) => rules.tell("asked", { process: this, identity }),
      answered: (answer) => rules.tell("answered", { process: this, ...answer }),
      sentInTurn: (number) => this.#sentInTurn(number),
      answeredInTurn: (...answer) => this.#answeredInTurn(...answer),
    });
    this.sources = Array.from({ length: plan.identities }, (_, identity) => this.#source(identity, fetch));
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
    return this.sources.findIndex((source) => source.key === key);
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

  async #ask({ kind, identity, refused, signal, method, number }: Call): Promise<NonNullable<Call["outcome"]>> {
    if (kind === "fetch") {
      const url = method === undefined ? API_URL : `${API_URL}?call=${number}`;
      const response = await this.#fetches[identity]?.(url, { method: method ?? "GET", signal: signal ?? null });
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
    const store = encryption === "none" ? client : encryptedStore(client, { keys: keysOf[encryption] });
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

  #source(identity: number, fetch: typeof globalThis.fetch): TokenSource {
    const { plan, world } = this.#in;
    const body = new URLSearchParams({ client_id: String(identity), client_secret: `${SECRET_MARK}-${identity}` });
    const send = async (context: IssueContext) => {
      if (plan.exchanges) {
        return exchangeToken(
          { provider: "sim", tokenUrl: TOKEN_URL, request: { body }, fetch, timeoutMs: 5_000 },
          context,
        );
      }
      const sentAt = { wall: this.machine.wall(), monotonic: this.machine.monotonic() };
      const response = await fetch(TOKEN_URL.href, { method: "POST", body, signal: context.signal }).catch(() => {
        throw new TokenError("network", { message: "No connection.", provider: "sim" });
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as unknown, sentAt };
    };
    return createTokenSource({
      provider: "sim",
      tokenUrl: TOKEN_URL,
      policy: plan.regime.policy,
      identity: () => [String(identity)],
      issue: async (context) => {
        const { status, headers, body, sentAt } = await send(context);
        if (status !== 200) throw failure(status, retryAfterMs(headers, world.now));
        const { access_token, expires_in } = body as { access_token: string; expires_in: number };
        // In a token's last second its remaining life is rounded down to nothing: a second later there is another one.
        if (expires_in === 0) throw failure(status, 1_000);
        return { value: access_token, lifetimeMs: expires_in * 1_000, sentAt };
      },
    });
  }
}

function failure(status: number, waitMs: number | undefined): TokenError {
  const codes: Record<number, TokenErrorCode> = { 401: "invalid_credentials", 429: "rate_limited" };
  const code = codes[status] ?? "provider_unavailable";
  return new TokenError(code, {
    message: `HTTP ${status}`,
    provider: "sim",
    providerStatus: status,
    retryAfterMs: waitMs,
  });
}
