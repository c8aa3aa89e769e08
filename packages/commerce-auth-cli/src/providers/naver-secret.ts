import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";

/** A bcrypt salt, which is what Naver calls the application's secret. */
const SALT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{22}$/;

export const SALT_LENGTH = 29;

/** Whether a bcrypt cost may be one of Naver's: its own secrets have 4, and 12 takes a third of a second. */
export function isPlausibleCost(cost: string): boolean {
  return Number(cost) >= 4 && Number(cost) <= 12;
}

/** What the form of a client secret tells: shells and `.env` loaders cut it at its `$` signs. */
export function clientSecretForm(value: string, values: Values): Finding {
  const secret = value.replaceAll("\\$", "$");
  const cost = SALT.exec(secret)?.[1];
  if (cost !== undefined) {
    if (!isPlausibleCost(cost)) return finding("secret.cost", { ...values, cost });
    return finding(secret === value ? "secret.ok" : "secret.escaped", { ...values, cost });
  }
  if (/^\$2[aby]\$/.test(secret)) return finding("secret.wrong_form", values);
  // bash replaces $2 by nothing and $0 by its own name: "$2a$04$abc…" becomes "a" + "bash" + "4" and what is left.
  if (/^a[\w./-]{0,80}4/.test(value)) return finding("secret.expanded_by_shell", values);
  return finding("secret.expanded", values);
}
