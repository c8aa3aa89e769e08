import { inspect } from "node:util";
import { SECRET_MARK } from "../provider.ts";
import type { ProcessView } from "../told.ts";
import { Lazy, type RuleOfTheBook } from "./rule.ts";

const ENDS: ReadonlySet<string> = new Set(["issued", "unchanged", "adopted", "renewal_failed"]);

export const oneEvent: RuleOfTheBook = {
  name: "one event for each flight",
  statement:
    "Every `flight_started` is followed by exactly one of `issued`, `unchanged`, `adopted` and `renewal_failed`, and where " +
    "flights are shared by that one before the next flight starts. Flights that `close()` ends have none.",
  allows: "Any clock behaviour. A crash ends flights without an event.",
  watch({ world }, broken) {
    const flying = new Lazy<ProcessView, Map<string, number[]>>(() => new Map());
    return {
      observed({ process, event }) {
        if (!("provider" in event && "key" in event)) return;
        const open = flying.of(process).get(event.key) ?? [];
        flying.of(process).set(event.key, open);
        if (event.type === "flight_started") {
          open.push(world.now);
          if (open.length > 1 && process.version.sharedFlights) broken(`${process.name} has two flights at once`);
        } else if (ENDS.has(event.type) && open.shift() === undefined) {
          broken(`${process.name} reports ${event.type}, and no flight is under way`);
        }
      },
      ended(processes) {
        for (const process of processes) {
          if (process.state !== "running") continue;
          for (const open of flying.of(process).values()) {
            const [since] = open;
            if (since !== undefined && world.now - since > 60_000)
              broken(`a flight of ${process.name} ends in no event`);
          }
        }
      },
    };
  },
};

/** Releasing leases and timing out store operations may take so long after `close()`. */
const CLEARED_AFTER_MS = 1_000;

export const nothingAfterClose: RuleOfTheBook = {
  name: "nothing after close",
  statement:
    "After `close()` is called, the cache reports no event, sends no token request and starts no write to the store. " +
    `${CLEARED_AFTER_MS} ms later it has no timer left, listens to no store, and its promise has resolved.`,
  allows:
    "Any clock behaviour; time is counted while the machine is awake. A call of a credentials function that is under way has " +
    "one timer until it ends, and an upload, whose lease is extended, has two.",
  watch({ world }, broken) {
    /** The timers of what is under way: calls of credentials functions, and uploads. */
    const timers = new Lazy<ProcessView, number>(() => 0);
    const count = (process: ProcessView, change: number) => timers.set(process, timers.of(process) + change);
    const waiting = new Set<ProcessView>();
    const check = (process: ProcessView, what: string) => {
      if (process.state === "closed") broken(`${process.name} is closed, and ${what}`);
    };
    return {
      closing(process) {
        waiting.add(process);
        const { machine } = process;
        const since = machine.monotonic();
        const look = () => {
          // It may have slept meanwhile: that does not count.
          const leftMs = since + CLEARED_AFTER_MS - machine.monotonic();
          if (leftMs > 1e-3) return void machine.after(leftMs, look);
          if (machine.pendingTimers > timers.of(process)) {
            broken(`${process.name} is closed, and has ${machine.pendingTimers} timers left`);
          }
          if (process.listening > 0) broken(`${process.name} is closed, and listens to its store`);
        };
        machine.after(CLEARED_AFTER_MS, look);
        world.after(60_000, () => {
          if (waiting.has(process) && process.machine.isSteady)
            broken(`${process.name}: the promise of close() never resolves`);
        });
      },
      fetching: ({ process }) => void count(process, 1),
      fetched: ({ process }) => void count(process, -1),
      sentInTurn: ({ process, lane }) => void (lane === "uploads" && count(process, 2)),
      answeredInTurn: ({ process, lane }) => void (lane === "uploads" && count(process, -2)),
      closed: (process) => void waiting.delete(process),
      observed: ({ process, event }) => check(process, `reports ${event.type}`),
      asked: ({ process }) => check(process, "sends a token request"),
      wrote: ({ process }) => check(process, "writes to the store"),
    };
  },
};

export const noSecrets: RuleOfTheBook = {
  name: "no secret",
  statement:
    "No event and no error holds a token or a secret, however it is printed; nor does an entry of an encrypted store, or a key.",
  allows: "Any clock behaviour.",
  watch({ server, plan }, broken) {
    const isEncrypted = plan.versions.every(({ encryption }) => encryption !== "none");
    const keys = new Set<string>();
    /** Tokens that have been printed. */
    const printedIds = new Set<string>();
    return {
      observed({ process, event }) {
        if (JSON.stringify(event).includes(SECRET_MARK))
          broken(`an event of ${process.name} holds a secret: ${event.type}`);
      },
      sent: ({ key }) => void keys.add(key),
      settled({ process, outcome }) {
        if (outcome === undefined || "status" in outcome) return;
        if ("token" in outcome && printedIds.has(outcome.token.id)) return;
        if ("token" in outcome) printedIds.add(outcome.token.id);
        const printed = "error" in outcome ? [outcome.error, (outcome.error as Error).stack] : [outcome.token];
        const text = printed.map((each) => `${inspect(each)} ${each} ${JSON.stringify(each)}`).join();
        if (text.includes(SECRET_MARK)) broken(`${process.name} prints a secret`);
      },
      ended() {
        for (const key of keys) {
          if (key.includes(SECRET_MARK)) broken("a key holds a secret");
          void server?.store.get(key).then((found) => {
            if (isEncrypted && found?.payload.includes(SECRET_MARK))
              broken("an encrypted store holds a token in the clear");
          });
        }
      },
    };
  },
};

export const boundedMemory: RuleOfTheBook = {
  name: "bounded memory",
  statement: "A cache holds tokens of at most `maxIdentities` identities.",
  allows: "Any clock behaviour.",
  watch({ plan }, broken) {
    return {
      settled({ process }) {
        const { maxIdentities } = process.version;
        if (plan.identities <= maxIdentities) return;
        const held = process.sources.filter(
          (source) => process.peek(process.identityOf(source.key)) !== undefined,
        ).length;
        if (held > maxIdentities) broken(`${process.name} holds ${held} tokens, and may ${maxIdentities}`);
      },
    };
  },
};
