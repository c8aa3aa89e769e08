import { Callers } from "./callers.ts";
import { withoutChance } from "./chance.ts";
import type { Plan } from "./plan.ts";
import { Provider } from "./provider.ts";
import { Random } from "./random.ts";
import { type Breach, Rules } from "./rules.ts";
import { memoryServer } from "./store.ts";
import { traceLine } from "./trace.ts";
import { Weather } from "./weather.ts";
import { World } from "./world.ts";

/** What came of a schedule. */
export interface Outcome {
  readonly breaches: readonly Breach[];
  readonly happenings: number;
  /** How often what was told. */
  readonly told: Readonly<Record<string, number>>;
}

/** How long the processes have, at the end, to go in peace. */
const FAREWELL_MS = 5_000;

/** Runs one schedule from its start to its end, in virtual time. */
export function run(plan: Plan, trace?: (line: string) => void): Promise<Outcome> {
  return withoutChance(new Random(plan.seed, "library"), async () => {
    const world = new World();
    const weather = new Weather(world, plan.faults, new Random(plan.seed, "weather"));
    const provider = new Provider(world, plan, new Random(plan.seed, "provider"), weather);
    const clocks = new Random(plan.seed, "store");
    const server = plan.store && memoryServer(world, clocks.between(-1e-4, 1e-4));
    const rules = new Rules(
      { plan, world, provider, server },
      trace && ((what, told) => trace(traceLine(world, what, told))),
    );
    const unhandled = (reason: unknown) => rules.unhandled(reason);
    process.on("unhandledRejection", unhandled);
    try {
      const random = new Random(plan.seed, "network");
      const callers = new Callers({ plan, world, provider, server, weather, random, rules });
      const settledDown = () => rules.tell("settledDown", undefined);
      await world.run(plan.endsAt, settledDown);
      rules.tell("ended", callers.everyProcess);
      world.after(0, () => {
        for (const each of callers.running) each.close();
      });
      await world.run(plan.endsAt + FAREWELL_MS, settledDown);
    } finally {
      process.off("unhandledRejection", unhandled);
    }
    return { breaches: rules.breaches, happenings: world.happened, told: rules.told };
  });
}
