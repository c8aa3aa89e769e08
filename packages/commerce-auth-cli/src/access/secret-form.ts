import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { Access } from "./access.ts";

const PLACEHOLDER = /^(<.*>|\{.*\}|\[.*\]|your[-_ ].*|my[-_ ].*|x{4,}|changeme|imp_apikey|REST API.*|.*_here)$/i;

/** The form of the user's credentials, without a request. Shows no character of a secret. */
export function secretForm({ profile, target, credentials }: Access): Finding[] {
  if (target.emulator !== undefined) return [];
  const findings = profile.fields.flatMap(({ name, variable, label, isOptional, form }) => {
    const value = credentials[name];
    if (value === undefined || value === "") return isOptional ? [] : [finding("secret.missing", { variable, label })];
    const values: Values = { variable, length: [...value].length };
    return [damage(value, values) ?? form?.(value, values) ?? finding("secret.plain", values)];
  });
  const faults = findings.filter(({ verdict }) => verdict !== "secret.ok" && verdict !== "secret.plain");
  return faults.some(({ verdict }) => verdict !== "secret.escaped") ? faults : findings;
}

/** What copying, shells and loaders do to any value. */
function damage(value: string, values: Values): Finding | undefined {
  if (/^(["'`]).*\1$|^["'`]|["'`]$/s.test(value)) return finding("secret.quoted", values);
  if (PLACEHOLDER.test(value.trim())) return finding("secret.placeholder", values);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[^\x00-\x7f]|[\x00-\x08\x0e-\x1f\x7f]/.test(value)) return finding("secret.invisible", values);
  return /\s/.test(value) ? finding("secret.space", values) : undefined;
}
