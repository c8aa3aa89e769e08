import { TokenError } from "../../contract/token-error.ts";
import type { StoreChange } from "../../contract/token-store.ts";
import { backoffMs } from "../../time/backoff.ts";
import { systemClock, type Timer } from "../../time/clock.ts";
import { Listeners } from "../listeners.ts";

/** What the store needs of an ioredis connection to listen on. */
export interface IoRedisSubscriber {
  /** Tells such a connection from others. */
  psubscribe(pattern: string): Promise<unknown>;
  /** Begins to listen. */
  subscribe(channel: string): Promise<unknown>;
  /** Hears of messages. */
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  /** Hears of them no more. */
  removeListener(event: "message", listener: (channel: string, message: string) => void): unknown;
}

/** What the store needs of a node-redis connection to listen on. Clients can be set to give messages as bytes. */
export interface NodeRedisSubscriber {
  /** Whether it is connected, where it has one connection only. */
  readonly isReady?: boolean;
  /** Tells such a connection from others. */
  pSubscribe(pattern: string, listener: (message: unknown) => void): Promise<unknown>;
  /** Begins to listen. */
  subscribe(channel: string, listener: (message: unknown) => void): Promise<unknown>;
  /** Ends it. */
  unsubscribe(channel: string, listener: (message: unknown) => void): Promise<unknown>;
}

/** A connection of its own to listen on, since most are good for nothing else while they do. */
export type RedisSubscriber = IoRedisSubscriber | NodeRedisSubscriber;

const RETRY = { baseMs: 200, capMs: 30_000 };

/**
 * Hears of changes by other processes. One channel serves all keys: it is subscribed to when somebody first listens,
 * and stays so, because a subscription made only then would come too late for many a notice.
 */
export class RedisNotices {
  readonly #subscriber: RedisSubscriber;
  readonly #channel: string;
  readonly #listeners = new Listeners<StoreChange>();
  #isOpen = false;
  #retry: Timer | undefined;

  constructor(subscriber: RedisSubscriber, channel: string) {
    this.#subscriber = subscriber;
    this.#channel = channel;
  }

  listen(listener: (change: StoreChange) => void): () => void {
    if (!this.#isOpen) this.#open();
    return this.#listeners.add(listener);
  }

  /** Stops listening. The connection is its owner's and stays open. */
  async close(): Promise<void> {
    this.#listeners.clear();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#retry?.cancel();
    // ioredis has one subscription per connection and channel: ending it here could end it for somebody else.
    if ("pSubscribe" in this.#subscriber) await this.#subscriber.unsubscribe(this.#channel, this.#onNotice);
    else this.#subscriber.removeListener("message", this.#onMessage);
  }

  #open(): void {
    this.#isOpen = true;
    if (!("pSubscribe" in this.#subscriber)) this.#subscriber.on("message", this.#onMessage);
    this.#subscribe();
  }

  /** Clients renew a subscription that they once had. One that failed is tried again here; until then, waiters poll. */
  #subscribe(failures = 0): void {
    this.#send().catch(() => {
      if (!this.#isOpen) return;
      this.#retry = systemClock.setTimer(() => this.#subscribe(failures + 1), backoffMs(failures + 1, RETRY));
    });
  }

  async #send(): Promise<void> {
    const subscriber = this.#subscriber;
    if (!("pSubscribe" in subscriber)) return void (await subscriber.subscribe(this.#channel));
    // node-redis 5 says that it subscribed, but hears nothing, where it had to keep the command for a lost connection.
    if (subscriber.isReady === false) throw new Error("Not connected.");
    await subscriber.subscribe(this.#channel, this.#onNotice);
  }

  readonly #onNotice = (message: unknown) => {
    const change = readNotice(String(message));
    if (change !== undefined) this.#listeners.notify(change);
  };

  readonly #onMessage = (channel: string, message: string) => {
    if (channel === this.#channel) this.#onNotice(message);
  };
}

/** Anybody can publish anything. */
function readNotice(message: string): StoreChange | undefined {
  try {
    const { key, deletedId } = JSON.parse(message) as Record<string, unknown>;
    if (typeof key !== "string") return undefined;
    return typeof deletedId === "string" ? { key, deletedId } : { key };
  } catch {
    return undefined;
  }
}

/** @throws TokenError `invalid_options` */
export function checkRedisSubscriber(subscriber: unknown, client: unknown): RedisSubscriber | undefined {
  if (subscriber === undefined) return undefined;
  const isClient = typeof subscriber === "object" && subscriber !== null;
  if (!isClient || !("pSubscribe" in subscriber || "psubscribe" in subscriber)) {
    const message = "The option subscriber must be an ioredis or node-redis connection: client.duplicate().";
    throw new TokenError("invalid_options", { message });
  }
  // ioredis refuses commands on a connection that listens, except for a Cluster, which keeps another one for that.
  if (subscriber === client && "psubscribe" in subscriber && !isCluster(subscriber)) {
    const message = "The option subscriber must be another connection than client: client.duplicate().";
    throw new TokenError("invalid_options", { message });
  }
  return subscriber as RedisSubscriber;
}

function isCluster(client: object): boolean {
  return (client as { isCluster?: boolean }).isCluster === true;
}
