import { TokenError } from "@x/token-cache-core";
import { isReadableByAll, storeFaults } from "../plan.ts";
import type { Call, ProcessView } from "../told.ts";
import { isOfTwoSecrets, Lazy, type RuleOfTheBook } from "./rule.ts";

const isStoreFault = (kind: string) => (storeFaults as readonly string[]).includes(kind);
/** What kept a store from answering for less than this is a hiccup. */
const HICCUP_MS = 500;
/** A hiccup may pause the store for a second; the flight that comes upon it has its own time limits. */
const HICCUP_PAUSE_MS = 3_000;
const CALM_MS = 120_000;

export const hiccups: RuleOfTheBook = {
  name: "hiccup of the store",
  statement:
    `A fault of the store that lasts at most ${HICCUP_MS} ms, alone within two minutes, counts once: a flight that starts ` +
    `${HICCUP_PAUSE_MS / 1_000} s after its end or later asks the store first.`,
  allows: "Steady clocks.",
  watch({ plan, world }, broken) {
    const faults = plan.faults.filter(({ kind }) => isStoreFault(kind));
    const isCalm = () =>
      faults.every(({ from, to }) => {
        if (from > world.now) return true;
        const sinceMs = world.now - to;
        return sinceMs > CALM_MS || (to - from <= HICCUP_MS && sinceMs >= HICCUP_PAUSE_MS);
      }) && faults.filter(({ from, to }) => from <= world.now && world.now - to <= CALM_MS).length <= 1;
    /** Flights that have yet to ask the store. */
    const flying = new Set<string>();
    return {
      observed({ process, event }) {
        if (event.type !== "flight_started" || plan.store === undefined) return;
        if (isCalm() && process.machine.isSteady) flying.add(`${process.name} ${event.key}`);
      },
      sent: ({ process, key }) => void flying.delete(`${process.name} ${key}`),
      asked({ process, identity }) {
        const isUnasked = flying.delete(`${process.name} ${process.source(identity).key}`);
        if (isUnasked) broken(`${process.name} does not ask the store, which is well again`);
      },
    };
  },
};

export const sharedTokens: RuleOfTheBook = {
  name: "token in the store",
  statement:
    "A plain call does not fail while the store, without a fault for 35 s and readable for this process, holds a usable " +
    "token that was there before the call and that the process did not drop.",
  allows: "Steady clocks; drift of 100 ppm.",
  watch({ plan, world, server, provider }, broken) {
    const dropped = new Lazy<ProcessView, Set<string>>(() => new Set());
    const faults = plan.faults.filter(({ kind }) => isStoreFault(kind));
    const isWatched =
      server !== undefined && isReadableByAll(plan) && plan.actions.every(({ what }) => what !== "garble");
    const isWell = () => faults.every(({ from, to }) => from > world.now || world.now - to > 35_000);
    const usableMs = (lifetimeMs: number) => {
      const { hardWindow } = plan.regime.policy;
      return Math.min("ms" in hardWindow ? hardWindow.ms : hardWindow.share * lifetimeMs, lifetimeMs / 10);
    };
    if (!isWatched) return {};
    return {
      called({ process, kind, refused }) {
        if (kind === "refused" && refused !== undefined) dropped.of(process).add(refused);
      },
      invalidated: ({ process, id }) => void dropped.of(process).add(id),
      noticed({ process, change }) {
        if (change.refusedTokenId !== undefined) dropped.of(process).add(change.refusedTokenId);
      },
      async settled({ process, identity, kind, outcome, startedAt, number }) {
        if (kind !== "plain" || outcome === undefined || !("error" in outcome) || process.state !== "running") return;
        if (!TokenError.is(outcome.error) || !isWell() || !process.machine.isSteady) return;
        const found = await server.store.get(process.source(identity).key);
        const token = found && provider.token(found.id);
        if (token === undefined || found === undefined || dropped.of(process).has(token.id)) return;
        // It may have been written while the call was waiting.
        const isOld = token.sentAt < startedAt - 1_000;
        const leftMs = Math.min(found.remainingMs, token.endsAt - world.now);
        if (!isOld || leftMs < 1.1 * usableMs(plan.regime.lifetimeS * 1_000) + 1_000) return;
        broken(`call ${number} of ${process.name} fails with ${outcome.error.code}, and ${token.id} is in the store`);
      },
    };
  },
};

/** A deletion's way to the store. */
const DELETED_WITHIN_MS = 1_000;
/** The policies' `propagationMs`, and a request's way. */
const YOUNG_MS = 2_500;

export const deletedTokens: RuleOfTheBook = {
  name: "deleted token",
  statement:
    `Where nothing fails, ${DELETED_WITHIN_MS} ms after a call reported the token in memory as refused, or after ` +
    "`invalidate`, the store does not hold this token, unless the provider sent it since. If the store held it until then, " +
    "and sends notices, no process holds it either. A store that holds another token already tells nobody.",
  allows:
    `Skew and drift. A token that the provider sent less than ${YOUNG_MS} ms before; a refusal that is answered with ` +
    "an error; a crash, and `close()`. Processes that may hold fewer identities than they use. A token that was sent for two " +
    "secrets of a rotation is two.",
  watch(view, broken) {
    const { plan, world, server, provider } = view;
    const isSteady = plan.actions.every(({ what }) => what !== "step" && !what.endsWith("sleep"));
    const forgets = plan.identities > plan.versions[0].maxIdentities;
    if (server === undefined || plan.faults.length > 0 || !isSteady || forgets) return {};
    const processes: ProcessView[] = [];
    /** When the store deleted a token as refused, last. */
    const deletedAt = new Map<string, number>();
    server.store.changed?.(({ refusedTokenId }) => {
      if (refusedTokenId !== undefined) deletedAt.set(refusedTokenId, world.now);
    });
    const sentAt = (id: string) => provider.token(id)?.sentAt ?? world.now;
    const expectDeleted = (process: ProcessView, identity: number, id: string, call?: Call) => {
      const at = world.now;
      if (sentAt(id) > at - YOUNG_MS) return;
      world.after(DELETED_WITHIN_MS, async () => {
        const isDenied = call?.outcome !== undefined && "error" in call.outcome;
        if (process.state !== "running" || isDenied || sentAt(id) >= at || isOfTwoSecrets(view, id)) return;
        const found = await server.store.get(process.source(identity).key);
        if (found?.id === id) broken(`${process.name} reported ${id}, and the store still holds it`);
        if (!plan.store?.notices || !((deletedAt.get(id) ?? -1) >= at)) return;
        for (const other of processes) {
          if (other.state === "running" && other.peek(identity)?.id === id) {
            broken(`${process.name} reported ${id}, and ${other.name} still holds it`);
          }
        }
      });
    };
    return {
      started: (process) => void processes.push(process),
      called(call) {
        const { process, identity, kind, refused, heldId } = call;
        if (kind === "refused" && refused !== undefined && refused === heldId) {
          expectDeleted(process, identity, refused, call);
        }
      },
      invalidated: ({ process, identity, id }) => expectDeleted(process, identity, id),
    };
  },
};

/** A lease's way to its process, and one operation of the store that hangs. */
const IDLE_LEASE_MS = 1_000;
const ENDS: ReadonlySet<string> = new Set(["issued", "unchanged", "adopted", "renewal_failed"]);

export const leases: RuleOfTheBook = {
  name: "lease",
  statement:
    `A process that got a lease sends its token request within ${IDLE_LEASE_MS} ms, and gives the lease back within ` +
    `${IDLE_LEASE_MS} ms after its flight's end, whatever state the store is in.`,
  allows:
    "Steady clocks. A crash, and `close()`. The second half for processes that share flights. In a rotation, a process may " +
    "have two flights of an identity at once.",
  watch({ plan, world }, broken) {
    if (plan.rotation !== undefined) return {};
    interface Held {
      hasAsked: boolean;
    }
    const held = new Map<string, Held>();
    const later = (process: ProcessView, of: string, isLate: (lease: Held) => boolean, what: string) => {
      const lease = held.get(of);
      if (lease === undefined) return;
      world.after(IDLE_LEASE_MS, () => {
        if (held.get(of) !== lease || !isLate(lease)) return;
        if (process.state === "running" && process.machine.isSteady) broken(`${process.name} ${what}`);
      });
    };
    return {
      got({ process, identity }) {
        // An upload's lease is of no identity's token.
        if (identity < 0) return;
        const of = `${process.name}/${identity}`;
        held.set(of, { hasAsked: false });
        later(process, of, ({ hasAsked }) => !hasAsked, "holds a lease and sends no request");
      },
      sent({ process, identity, operation }) {
        if (operation === "release") held.delete(`${process.name}/${identity}`);
      },
      asked({ process, identity }) {
        const lease = held.get(`${process.name}/${identity}`);
        if (lease !== undefined) lease.hasAsked = true;
      },
      observed({ process, event }) {
        if (!("key" in event && ENDS.has(event.type)) || !process.version.sharedFlights) return;
        later(
          process,
          `${process.name}/${process.identityOf(event.key)}`,
          () => true,
          "keeps a lease after its flight",
        );
      },
    };
  },
};
