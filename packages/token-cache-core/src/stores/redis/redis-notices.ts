import { TokenError } from "../../contract/token-error.ts";
import type { StoreChange } from "../../contract/token-store.ts";
import { backoffMs } from "../../time/backoff.ts";
import { systemClock, type Timer } from "../../time/clock.ts";
import { Listeners } from "../listeners.ts";

/** What the store uses of an ioredis connection, version 5 or 6, to receive messages. */
export interface IoRedisSubscriber {
  /** Identifies a connection as one of ioredis. */
  psubscribe(pattern: string): Promise<unknown>;
  /** Subscribes to a channel. */
  subscribe(channel: string): Promise<unknown>;
  /** Calls back with each message. */
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  /** Calls back whenever the connection is made. */
  on(event: "ready", listener: () => void): unknown;
  /** Ends calling back. */
  removeListener(event: "message", listener: (channel: string, message: string) => void): unknown;
  /** Ends calling back. */
  removeListener(event: "ready", listener: () => void): unknown;
}

/** What the store uses of a node-redis connection, version 5 or 6, to receive messages: as text or as bytes. */
export interface NodeRedisSubscriber {
  /** Whether it is connected. Clients with several connections do not have it. */
  readonly isReady?: boolean;
  /** Identifies a connection as one of node-redis. */
  pSubscribe(pattern: string, listener: (message: unknown) => void): Promise<unknown>;
  /** Subscribes to a channel. */
  subscribe(channel: string, listener: (message: unknown) => void): Promise<unknown>;
  /** Ends a subscription. */
  unsubscribe(channel: string, listener: (message: unknown) => void): Promise<unknown>;
}

/** A connection of its own to receive messages: most clients send no commands on a connection that subscribes. */
export type RedisSubscriber = IoRedisSubscriber | NodeRedisSubscriber;

const RETRY = { baseMs: 200, capMs: 30_000 };

/**
 * Change notices by Redis pub/sub. One channel serves all keys. It is subscribed to once, when the first listener
 * comes, and stays so. A subscription per waiter would miss the notices before its confirmation.
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

  /** Stops listening. The connection stays open: it belongs to the caller. */
  async close(): Promise<void> {
    this.#listeners.clear();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#retry?.cancel();
    const subscriber = this.#subscriber;
    if ("pSubscribe" in subscriber) {
      // Not awaited: a client without a connection keeps the command until it has one.
      subscriber.unsubscribe(this.#channel, this.#onNotice).catch(() => {});
    } else {
      // ioredis has one subscription per connection and channel: to end it here could end it for another store.
      subscriber.removeListener("message", this.#onMessage);
      subscriber.removeListener("ready", this.#onReady);
    }
  }

  #open(): void {
    this.#isOpen = true;
    if (!("pSubscribe" in this.#subscriber)) {
      this.#subscriber.on("message", this.#onMessage);
      this.#subscriber.on("ready", this.#onReady);
    }
    this.#subscribe();
  }

  /**
   * Subscribes, and tries a failed subscription again; until then, waiters poll. node-redis renews a confirmed subscription
   * by itself. ioredis would do so too, but ends the process by an unhandled rejection when that fails.
   */
  #subscribe(failures = 0): void {
    this.#retry?.cancel();
    this.#send().catch(() => {
      if (!this.#isOpen) return;
      this.#retry?.cancel();
      this.#retry = systemClock.setTimer(() => this.#subscribe(failures + 1), backoffMs(failures + 1, RETRY));
    });
  }

  async #send(): Promise<void> {
    const subscriber = this.#subscriber;
    if (!("pSubscribe" in subscriber)) return void (await subscriber.subscribe(this.#channel));
    // node-redis 5 resolves a subscription that it queued without a connection, and then receives nothing.
    if (subscriber.isReady === false) throw new Error("Not connected.");
    await subscriber.subscribe(this.#channel, this.#onNotice);
  }

  readonly #onReady = () => this.#subscribe();

  readonly #onNotice = (message: unknown) => {
    const change = readNotice(String(message));
    if (change !== undefined) this.#listeners.notify(change);
  };

  readonly #onMessage = (channel: string, message: string) => {
    if (channel === this.#channel) this.#onNotice(message);
  };
}

/** The change that a message describes; `undefined` for any other message, since every client can publish any text. */
function readNotice(message: string): StoreChange | undefined {
  try {
    const { key, refusedTokenId } = JSON.parse(message) as Record<string, unknown>;
    if (typeof key !== "string") return undefined;
    return typeof refusedTokenId === "string" ? { key, refusedTokenId } : { key };
  } catch {
    return undefined;
  }
}

/** @throws TokenError `invalid_options` */
export function checkRedisSubscriber(subscriber: unknown, client: unknown): RedisSubscriber | undefined {
  if (subscriber === undefined) return undefined;
  const isClient = typeof subscriber === "object" && subscriber !== null;
  if (!isClient || !("pSubscribe" in subscriber || "psubscribe" in subscriber)) {
    const message = "The option subscriber must be an ioredis or node-redis connection, made by client.duplicate().";
    throw new TokenError("invalid_options", { message });
  }
  // ioredis refuses commands on a connection that subscribes. A Cluster keeps another connection for subscriptions.
  if (subscriber === client && "psubscribe" in subscriber && !isCluster(subscriber)) {
    const message =
      "The option subscriber must be another connection than client: client.duplicate({ autoResubscribe: false }).";
    throw new TokenError("invalid_options", { message });
  }
  const { options } = subscriber as { options?: { autoResubscribe?: unknown } };
  if (options?.autoResubscribe === true && !isCluster(subscriber)) {
    const message =
      "The option subscriber must be made by client.duplicate({ autoResubscribe: false }). The store subscribes again " +
      "itself: where ioredis does and fails, an unhandled rejection ends the process.";
    throw new TokenError("invalid_options", { message });
  }
  return subscriber as RedisSubscriber;
}

function isCluster(client: object): boolean {
  return (client as { isCluster?: boolean }).isCluster === true;
}
