import { mutant } from "./mutant.ts";

/** Credentials that a function fetches. */
export const credentials = [
  mutant(
    "refused credentials are not fetched again",
    "cache/credentials-in-use.ts",
    "if (next.key === current.key) throw error;",
    "throw error;",
  ),
  mutant(
    "credentials are fetched once",
    "credentials/fetched-credentials.ts",
    "    if (this.#known === undefined) return true;\n",
    "    return this.#known === undefined;\n",
  ),
  mutant(
    "each caller fetches the credentials",
    "credentials/fetched-credentials.ts",
    "if (context.sharedFlights) this.#running = running;",
    "",
  ),
  mutant(
    "a refusal that another process's token made up for is forgotten",
    "cache/credentials-in-use.ts",
    `if (error?.code === "invalid_credentials") {`,
    `if (error?.code === "closed") {`,
  ),
  mutant(
    "credentials are fetched without a pause",
    "credentials/fetched-credentials.ts",
    "if (this.#isRefused) return !isOn(this.#refusalPause, now);",
    "if (this.#isRefused) return true;",
  ),
];
