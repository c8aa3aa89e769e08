import { TokenError } from "@x/token-cache-core";
import type { Plan } from "./plan.ts";
import type { Call, Listener, ProcessView } from "./told.ts";
import type { World } from "./world.ts";

/** One line of a trace: when, and what was told. The same seed gives the same lines, byte for byte. */
export function traceLine(world: World, what: keyof Listener, told: unknown): string {
  return `${(world.now / 1_000).toFixed(4).padStart(14)} s  ${what.padEnd(11)} ${describe(told)}`;
}

/** A plan, for a reader. */
export function describePlan(plan: Plan): string {
  const { seed, regime, identities, store, machines, versions, isMixed, exchanges, limits, rotation, faults, actions } =
    plan;
  const { policy: _, ...behaviour } = regime;
  const ms = (at: number) => `${(at / 1_000).toFixed(4).padStart(14)} s`;
  return [
    `seed ${seed}: ${identities} identities, ${exchanges ? "exchangeToken over a fake fetch" : "a source alone"}`,
    `provider   ${JSON.stringify(behaviour)}`,
    ...(limits === undefined ? [] : [`limits     ${JSON.stringify(limits)}`]),
    ...(rotation === undefined ? [] : [`rotation   ${JSON.stringify(rotation)}`]),
    `store      ${store === undefined ? "none" : JSON.stringify(store)}`,
    ...machines.map((clock, index) => `machine p${index} ${JSON.stringify(clock)}`),
    ...versions.map(
      (version) => `version    ${JSON.stringify(version)}${isMixed ? ", half of the processes each" : ""}`,
    ),
    ...faults.map(
      ({ kind, from, to, share, ms: each }) =>
        `${ms(from)} to ${ms(to)}  ${kind}, share ${share}, ${each.toFixed(0)} ms`,
    ),
    ...[...actions]
      .sort((one, other) => one.at - other.at)
      .map(
        ({ at, process, identity, what, ms: each }) =>
          `${ms(at)}  p${process} ${what} ${identity} (${each.toFixed(1)} ms)`,
      ),
    `${ms(plan.quietFrom)}  all is quiet, until${ms(plan.endsAt)}`,
    "",
  ].join("\n");
}

function describe(told: unknown): string {
  if (Array.isArray(told)) return "";
  const call = told as Partial<Call>;
  if (call.number !== undefined) return describeCall(told as Call);
  const { process, ...rest } = told as { process?: ProcessView };
  if (process === undefined) return (told as ProcessView).name;
  return `${process.name} ${JSON.stringify(rest, plain)}`;
}

/** Keys say the same for all of them; entries of an encrypted store are noise. */
function plain(name: string, value: unknown): unknown {
  if (name === "key" || name === "payload" || name === "value" || name === "provider") return undefined;
  return typeof value === "number" ? Math.round(value) : value;
}

function describeCall({ process, number, identity, kind, refused, heldId, outcome }: Call): string {
  const asks = `${process.name} #${number} ${kind} ${identity}${refused === undefined ? "" : ` refuses ${refused}`}`;
  if (outcome === undefined) return heldId === undefined ? asks : `${asks} holding ${heldId}`;
  if ("token" in outcome) return `${asks} -> ${outcome.token.id}`;
  if ("status" in outcome) return `${asks} -> HTTP ${outcome.status}`;
  return `${asks} -> ${TokenError.is(outcome.error) ? outcome.error.code : String(outcome.error)}`;
}
