import type { AccessToken } from "@x/token-cache-core";
import { type Action, type Plan, settleMs } from "./plan.ts";
import { Process, type Surroundings } from "./process.ts";
import { Random } from "./random.ts";
import type { Call, CallOptions } from "./told.ts";
import { Machine } from "./world.ts";

/** A machine, and the process that runs on it now. */
interface Place {
  process: Process;
  life: number;
  version: 0 | 1;
}

/** What applications and operators do: the plan's actions, and after them a caller that comes again and again. */
export class Callers {
  readonly #in: Surroundings;
  readonly #places: Place[];
  readonly #random: Random;
  /** The tokens that callers have seen, the latest last. */
  readonly #seen = new Map<string, string[]>();
  readonly everyProcess: Process[] = [];

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
    const { plan, world } = surroundings;
    this.#random = new Random(plan.seed, "callers");
    this.#places = plan.machines.map((clock, index) => {
      const version = plan.isMixed && index % 2 === 1 ? 1 : 0;
      const machine = new Machine(world, clock);
      return {
        process: this.#started(new Process(surroundings, index, 0, machine, plan.versions[version])),
        life: 0,
        version,
      };
    });
    for (const action of plan.actions) world.at(action.at, () => this.#act(action));
    for (const place of this.#places) {
      for (let identity = 0; identity < plan.identities; identity++) {
        world.at(plan.quietFrom + this.#random.between(0, 5_000), () => this.#comeAgain(place, identity));
      }
    }
  }

  /** The processes that run now. */
  get running(): Process[] {
    return this.#places.map(({ process }) => process).filter(({ state }) => state === "running");
  }

  #act(action: Action): void {
    const place = this.#places[action.process];
    if (place === undefined) return;
    const { process } = place;
    const { identity, ms, what } = action;
    const { provider, server, rules } = this.#in;
    switch (what) {
      case "revoke":
        provider.revoke(identity);
        break;
      case "evict":
        void server?.evict(process.source(identity).key);
        break;
      case "garble":
        void server?.garble(process.source(identity).key, this.#random);
        break;
      case "step":
        process.machine.stepWall(ms);
        rules.tell("confused", process);
        break;
      case "sleep":
        // No process sends a request and sleeps in the same instant of its monotonic clock.
        this.#in.world.after(1, () => this.#sleep(process, ms));
        break;
      case "force and sleep":
        if (process.state !== "running" || !process.machine.isAwake) break;
        void this.#ask(process, identity, { kind: "forced" });
        this.#in.world.after(this.#random.between(1, 300), () => this.#sleep(process, ms));
        break;
      case "close":
      case "crash":
      case "deploy":
        this.#restart(place, action);
        break;
      default:
        // A sleeping machine's callers come when it wakes.
        process.machine.whenAwake(() => {
          if (process.state === "running") this.#call(process, action);
        });
    }
  }

  #sleep(process: Process, ms: number): void {
    process.machine.sleep(ms);
    this.#in.rules.tell("confused", process);
  }

  #call(process: Process, { what, identity, ms }: Action): void {
    const [firstId] = this.#idsSeen(process, identity);
    const lastId = process.peek(identity)?.id ?? this.#idsSeen(process, identity).at(-1);
    switch (what) {
      case "get":
        void this.#ask(process, identity, { kind: "plain" });
        break;
      case "get all":
        for (const each of process.sources.keys()) void this.#ask(process, each, { kind: "plain" });
        break;
      case "get and abort":
        void this.#ask(process, identity, { kind: "plain" }, ms / 20);
        break;
      case "force":
        void this.#ask(process, identity, { kind: "forced" });
        break;
      case "fetch":
        void this.#ask(process, identity, { kind: "fetch" });
        break;
      case "read":
        void this.#ask(process, identity, { kind: "fetch", lane: "reads" });
        break;
      case "read and abort":
        void this.#ask(process, identity, { kind: "fetch", lane: "reads" }, ms);
        break;
      case "order":
        void this.#ask(process, identity, { kind: "fetch", lane: "orders" });
        break;
      case "upload":
        void this.#ask(process, identity, { kind: "fetch", lane: "uploads" });
        break;
      case "upload and abort":
        void this.#ask(process, identity, { kind: "fetch", lane: "uploads" }, ms);
        break;
      case "use":
        void this.#use(process, identity);
        break;
      case "invalidate":
        if (lastId !== undefined) void process.invalidate(identity, lastId);
        break;
      case "refuse": {
        // Sometimes late news: a token from before.
        const refused = this.#random.chance(0.2) ? firstId : lastId;
        if (refused !== undefined) void this.#ask(process, identity, { kind: "refused", refused }, ms / 10);
        break;
      }
      case "refuse the first":
        if (firstId !== undefined) void this.#ask(process, identity, { kind: "refused", refused: firstId });
    }
  }

  /** Gets a token, calls the API with it, and reports it where it was refused. */
  async #use(process: Process, identity: number): Promise<void> {
    const token = await this.#ask(process, identity, { kind: "plain" });
    if (token === undefined) return;
    process.machine.after(this.#random.between(1, 100), () => {
      const { status } = this.#in.provider.answerApiCall(`Bearer ${token.value}`);
      if (status !== 401) return;
      process.machine.after(this.#random.magnitude(1, 1_000), () => {
        if (process.state === "running") void this.#ask(process, identity, { kind: "refused", refused: token.id });
      });
    });
  }

  async #ask(
    process: Process,
    identity: number,
    options: CallOptions,
    abortAfterMs?: number,
  ): Promise<AccessToken | undefined> {
    const abort = abortAfterMs === undefined ? undefined : new AbortController();
    const { rules } = this.#in;
    const started = process.call(identity, { ...options, signal: abort?.signal });
    const [call] = [...process.pending].slice(-1);
    if (abort !== undefined && abortAfterMs !== undefined) {
      process.machine.after(abortAfterMs, () => {
        if (call === undefined || !process.pending.has(call)) return;
        abort.abort(new Error("The caller has gone."));
        rules.tell("aborted", call);
      });
    }
    const { outcome } = await started;
    if (outcome === undefined || !("token" in outcome)) return undefined;
    const seen = this.#idsSeen(process, identity);
    if (seen.at(-1) !== outcome.token.id) seen.push(outcome.token.id);
    return outcome.token;
  }

  #idsSeen({ name }: Process, identity: number): string[] {
    const of = `${name}/${identity}`;
    const ids = this.#seen.get(of) ?? [];
    this.#seen.set(of, ids);
    return ids;
  }

  #restart(place: Place, { what, identity, ms }: Action): void {
    const { world, plan, rules } = this.#in;
    const { process } = place;
    if (process.state !== "running") return;
    if (what === "crash") {
      process.crash();
      rules.tell("crashed", process);
    } else {
      // Requests that are still being served.
      const heldId = process.peek(identity)?.id;
      if (heldId !== undefined) void this.#ask(process, identity, { kind: "refused", refused: heldId });
      process.close();
      for (const kind of ["plain", "forced", "fetch"] as const) void this.#ask(process, identity, { kind });
    }
    if (what === "deploy") place.version = 1;
    // What it sent off in its last moments is still answered.
    world.after(2_000 + ms / 10, () => {
      const life = ++place.life;
      const machine = process.machine.restarted();
      place.process = this.#started(new Process(this.#in, process.index, life, machine, plan.versions[place.version]));
    });
  }

  #started(process: Process): Process {
    this.everyProcess.push(process);
    this.#in.rules.tell("started", process);
    return process;
  }

  /** The steady caller of one identity: seldom while its token is fresh, several times in every soft window. */
  #comeAgain(place: Place, identity: number): void {
    const { world, plan, provider } = this.#in;
    const { process } = place;
    const again = (delayMs: number) => world.after(delayMs, () => this.#comeAgain(place, identity));
    if (process.state !== "running") {
      again(5_000);
      return;
    }
    process.machine.whenAwake(async () => {
      const call: Call = await process.call(identity, { kind: "plain" });
      const token = call.outcome !== undefined && "token" in call.outcome ? call.outcome.token : undefined;
      const isSettling = world.now < plan.quietFrom + settleMs(plan.faults);
      // What the token says is by a wall clock that may have been stepped since.
      const trueLeftMs = (provider.token(token?.id ?? "")?.endsAt ?? 0) - world.now;
      const leftMs = Math.min(trueLeftMs, (token?.expiresAt ?? 0) - process.machine.wall());
      again(token === undefined || isSettling ? 20_000 : nextVisitMs(plan, leftMs));
    });
  }
}

/** When a caller comes again who comes in every soft window. */
function nextVisitMs({ regime: { policy, lifetimeS } }: Plan, leftMs: number): number {
  const lifetimeMs = lifetimeS * 1_000;
  const inMs = (span: { ms: number } | { share: number }) => ("ms" in span ? span.ms : span.share * lifetimeMs);
  const hardMs = Math.min(inMs(policy.hardWindow), lifetimeMs / 10);
  const widestMs = Math.min(inMs(policy.softWindow), lifetimeMs / 2);
  const narrowestMs = (widestMs - hardMs) * (1 - (policy.jitter ?? 0.5));
  const stepMs = Math.max(3_000, narrowestMs / 4);
  return leftMs - widestMs > stepMs ? Math.min(leftMs - widestMs, lifetimeMs / 5) : stepMs;
}
