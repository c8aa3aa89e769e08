import { Callers } from "../callers.ts";
import type { Process } from "../process.ts";
import { Provider } from "../provider.ts";
import { Random } from "../random.ts";
import { type Breach, Rules } from "../rules.ts";
import { traceLine } from "../trace.ts";
import { Weather } from "../weather.ts";
import type { RealPlan } from "./plan.ts";
import { realBook } from "./rules.ts";
import type { RealStores } from "./server.ts";
import { RealWorld } from "./world.ts";

/** What came of a schedule. */
export interface RealOutcome {
  readonly breaches: readonly Breach[];
  readonly trace: readonly string[];
  /** How often what was told. */
  readonly told: Readonly<Record<string, number>>;
}

/** After all faults, every process gets a token for each identity within this time. */
const RECOVERY_MS = 20_000;
const TRY_AGAIN_MS = 300;
/** How long the processes have, at the end, to go in peace. */
const FAREWELL_MS = 1_500;

/** Runs one schedule with a store that runs outside of it, in real time. */
export async function runReal(plan: RealPlan, stores: RealStores): Promise<RealOutcome> {
  const world = new RealWorld();
  const weather = new Weather(world, plan.faults, new Random(plan.seed, "weather"));
  const provider = new Provider(world, plan, new Random(plan.seed, "provider"), weather);
  const { server, close } = await stores.open(world, plan.cuts);
  const trace: string[] = [];
  const note = (what: Parameters<typeof traceLine>[1], told: unknown) => trace.push(traceLine(world, what, told));
  const rules = new Rules({ plan, world, provider, server }, note, realBook);
  const unhandled = (reason: unknown) => rules.unhandled(reason);
  process.on("unhandledRejection", unhandled);
  try {
    const random = new Random(plan.seed, "network");
    const callers = new Callers({ plan, world, provider, server, weather, random, rules });
    const settledDown = () => rules.tell("settledDown", undefined);
    await world.run(plan.endsAt, settledDown);
    await Promise.all(callers.running.flatMap((each) => each.sources.map((_, identity) => recovers(each, identity))));
    rules.tell("ended", callers.everyProcess);
    for (const each of callers.running) each.close();
    await world.run(world.now + FAREWELL_MS, settledDown);
    if (rules.told.closed !== rules.told.closing) rules.broken("nothing after close", "close() does not resolve");
  } finally {
    world.end();
    await close();
    process.off("unhandledRejection", unhandled);
  }
  return { breaches: rules.breaches, trace, told: rules.told };

  /** Whether the provider truly issued the token that a plain call gets, and whether it still lives. */
  async function recovers(process: Process, identity: number): Promise<void> {
    const until = world.now + RECOVERY_MS;
    for (;;) {
      const { outcome } = await process.call(identity, { kind: "plain" });
      const token = outcome !== undefined && "token" in outcome ? provider.token(outcome.token.id) : undefined;
      if (token !== undefined && token.endsAt > world.now) return;
      if (world.now > until) return rules.broken("recovery", `${process.name} gets no token of identity ${identity}`);
      await new Promise<void>((resolve) => world.after(TRY_AGAIN_MS, resolve));
    }
  }
}
