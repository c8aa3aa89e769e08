import { TokenError } from "@x/token-cache-core";
import type { Call, Process } from "./process.ts";
import type { Rule } from "./rules/rule.ts";
import type { World } from "./world.ts";

/** One line of a trace: when, and what was told. The same seed gives the same lines, byte for byte. */
export function traceLine(world: World, what: keyof Rule, told: unknown): string {
  return `${(world.now / 1_000).toFixed(4).padStart(14)} s  ${what.padEnd(11)} ${describe(told)}`;
}

function describe(told: unknown): string {
  if (Array.isArray(told)) return "";
  const call = told as Partial<Call>;
  if (call.number !== undefined) return describeCall(told as Call);
  const { process, ...rest } = told as { process?: Process };
  if (process === undefined) return (told as Process).name;
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
