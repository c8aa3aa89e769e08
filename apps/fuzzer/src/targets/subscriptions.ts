import { EventEmitter } from "node:events";
import { setImmediate as macrotask } from "node:timers/promises";
import { TokenError } from "@x/token-cache-core";
import { type RedisSubscriber, redisStore } from "@x/token-cache-core/redis";
import fc from "fast-check";
import { must, type Target } from "../target.ts";

const CHANNEL = "access-token:changed";

/** What happens to a connection: the result of its next subscription. Then the connection is ready again. */
const histories = fc.record({
  answers: fc.array(fc.constantFrom("taken", "refused", "lost", "thrown"), { maxLength: 6 }),
  isCluster: fc.boolean(),
  autoResubscribe: fc.constantFrom(undefined, true, false),
});

export const subscriptions: Target = {
  name: "subscriptions",
  input: "Connections whose subscriptions are taken, refused, lost or never sent, time and again.",
  rule: "A connection that comes and goes ends no process, and notices come again when it is back.",
  shortRuns: 150,
  open() {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    return {
      property: fc.asyncProperty(histories, async ({ answers, isCluster, autoResubscribe }) => {
        unhandled.length = 0;
        const connection = new Connection(answers, isCluster, autoResubscribe);
        const client = { evalsha: async () => 1, eval: async () => 1 };
        let store: ReturnType<typeof redisStore>;
        try {
          store = redisStore({ client, subscriber: connection as unknown as RedisSubscriber });
        } catch (error) {
          // Nobody can catch the rejection when ioredis itself subscribes again.
          const isRight = autoResubscribe === true && !isCluster && TokenError.is(error);
          return must(isRight, `The subscriber is refused: ${String(error)}`);
        }
        must(autoResubscribe !== true || isCluster, "A connection that subscribes again by itself is taken.");
        let heard = 0;
        store.changed?.(() => heard++);
        for (const _ of answers) {
          await macrotask();
          connection.emit("ready");
        }
        await macrotask();
        connection.emit("ready");
        await macrotask();
        connection.publish('{"key":"seller"}');
        await store.close?.();
        await macrotask();
        must(unhandled.length === 0, `An unhandled rejection ends the process: ${String(unhandled[0])}`);
        must(heard === 1, "A notice is not heard, although the connection is back.");
      }),
      async close() {
        process.off("unhandledRejection", note);
      },
    };
  },
};

/** As ioredis behaves without its own way to subscribe again: a new connection has no subscription. */
class Connection extends EventEmitter {
  readonly options: { autoResubscribe?: boolean };
  readonly isCluster: boolean;
  readonly #answers: string[];
  #isSubscribed = false;

  constructor(answers: readonly string[], isCluster: boolean, autoResubscribe: boolean | undefined) {
    super();
    this.#answers = [...answers];
    this.isCluster = isCluster;
    this.options = autoResubscribe === undefined ? {} : { autoResubscribe };
    this.on("ready", () => (this.#isSubscribed = false));
  }

  psubscribe(): never {
    throw new Error("The store subscribes to one channel.");
  }

  subscribe(): Promise<unknown> {
    const answer = this.#answers.shift() ?? "taken";
    if (answer === "thrown") throw new Error("The connection is closed.");
    if (answer === "refused") return Promise.reject(new Error("Command timed out"));
    if (answer === "lost") return new Promise(() => {});
    this.#isSubscribed = true;
    return Promise.resolve(1);
  }

  publish(message: string): void {
    if (this.#isSubscribed) this.emit("message", CHANNEL, message);
  }
}
