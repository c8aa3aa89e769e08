import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { ProviderName } from "../providers/profile.ts";
import type { Access } from "./access.ts";

/** A bcrypt salt, which is what Naver calls the application's secret. */
const SALT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{22}$/;
const COSTS = { lowest: 4, highest: 12 };

const PLACEHOLDER = /^(<.*>|\{.*\}|\[.*\]|your[-_ ].*|my[-_ ].*|x{4,}|changeme|imp_apikey|REST API.*|.*_here)$/i;

/** The form of the user's credentials, without a request. Shows no character of a secret. */
export function secretForm({ profile, target, credentials }: Access): Finding[] {
  if (target.emulator !== undefined) return [];
  const findings = profile.fields.flatMap(({ name, variable, label, isOptional }) => {
    const value = credentials[name];
    if (value === undefined || value === "") return isOptional ? [] : [finding("secret.missing", { variable, label })];
    const values: Values = { variable, length: [...value].length };
    return [damage(value, values) ?? ownForm(profile.name, name, value, values)].filter((each) => each !== undefined);
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

function ownForm(provider: ProviderName, field: string, value: string, values: Values): Finding | undefined {
  if (provider === "naver" && field === "clientId" && value.startsWith("$2")) return finding("secret.swapped", values);
  if (provider === "naver" && field === "clientSecret") return naverSecret(value, values);
  if (provider === "iamport" && field === "impKey") {
    if (/^(store|channel-key)-/.test(value)) return finding("secret.v2_identifier", values);
    if (/^imp\d{6,12}$/.test(value)) return finding("secret.merchant_code", values);
  }
  return finding("secret.plain", values);
}

function naverSecret(value: string, values: Values): Finding {
  const secret = value.replaceAll("\\$", "$");
  const cost = SALT.exec(secret)?.[1];
  if (cost !== undefined) {
    if (Number(cost) < COSTS.lowest || Number(cost) > COSTS.highest) return finding("secret.cost", { ...values, cost });
    return finding(secret === value ? "secret.ok" : "secret.escaped", { ...values, cost });
  }
  if (/^\$2[aby]\$/.test(secret)) return finding("secret.wrong_form", values);
  // bash replaces $2 by nothing and $0 by its own name: "$2a$04$abc…" becomes "a" + "bash" + "4" and what is left.
  if (/^a[\w./-]{0,80}4/.test(value)) return finding("secret.expanded_by_shell", values);
  return finding("secret.expanded", values);
}
