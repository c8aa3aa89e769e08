import type { Action, Fault, Plan } from "./plan.ts";
import { run } from "./run.ts";

/** Runs that shrinking takes at most. */
const MOST_RUNS = 600;

/** The shortest plan found that still breaks the rule: fewer actions, faults, machines and identities. */
export async function shrink(plan: Plan, rule: string): Promise<Plan> {
  let runs = 0;
  const stillBreaks = async (candidate: Plan) =>
    ++runs <= MOST_RUNS && (await run(candidate)).breaches.some((breach) => breach.rule === rule);

  let best = plan;
  for (let before: Plan | undefined; before !== best; ) {
    before = best;
    for (const machines = () => best.machines.length; machines() > 1; ) {
      const fewer = withMachines(best, machines() - 1);
      if (!(await stillBreaks(fewer))) break;
      best = fewer;
    }
    best = await fewerOf<Action>(best.actions, (actions) => ({ ...best, actions }), stillBreaks, best);
    best = await fewerOf<Fault>(best.faults, (faults) => ({ ...best, faults }), stillBreaks, best);
  }
  return best;
}

function withMachines(plan: Plan, count: number): Plan {
  const actions = plan.actions.map((action) => ({ ...action, process: action.process % count }));
  return { ...plan, machines: plan.machines.slice(0, count), actions };
}

/** Leaves out parts of a list, large ones first, as long as the plan without them breaks the rule. */
async function fewerOf<T>(
  all: readonly T[],
  planWith: (some: readonly T[]) => Plan,
  stillBreaks: (plan: Plan) => Promise<boolean>,
  plan: Plan,
): Promise<Plan> {
  let [left, best] = [all, plan];
  for (
    let size = Math.ceil(left.length / 2);
    size >= 1 && left.length > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let start = 0; start < left.length; ) {
      const fewer = [...left.slice(0, start), ...left.slice(start + size)];
      const candidate = planWith(fewer);
      if (await stillBreaks(candidate)) [left, best] = [fewer, candidate];
      else start += size;
    }
  }
  return best;
}
