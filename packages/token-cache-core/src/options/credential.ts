import { checkText } from "./checks.ts";
import { environmentVariable } from "./environment-variable.ts";
import { invalidOption } from "./invalid-option.ts";

/**
 * A credential: the option, else the environment variable, read when it is first needed.
 *
 * @param advice what to do about an empty environment variable
 * @throws TokenError `invalid_options` naming both
 */
export function credential(
  provider: string,
  option: string,
  value: string | undefined,
  variable: string,
  advice?: string,
): string {
  if (value !== undefined) return value;
  const found = environmentVariable(variable);
  if (found === undefined) {
    throw invalidOption(provider, `Give the option ${option}, or set the environment variable ${variable}.`);
  }
  return checkText(provider, `The environment variable ${variable}`, found, advice);
}
