import { type EmulatedLifeOptions, startEmulatedLife } from "@x/testing/emulated-life";
import { createTossShoppingAuth, type TossShoppingAuthOptions } from "./index.ts";

/** An emulator and a client whose time passes only when the test says so. */
export async function emulated(options?: EmulatedLifeOptions) {
  const life = await startEmulatedLife(options);
  const { tokenUrl, apiBaseUrl, credentials } = life.emulator.toss;
  return {
    ...life,
    tokenUrl,
    credentials,
    createAuth: (changes: TossShoppingAuthOptions = {}) =>
      createTossShoppingAuth({ ...credentials, tokenUrl, apiBaseUrl, cache: life.cache, rateLimit: false, ...changes }),
    callApi: (token: { readonly value: string }) =>
      life.statusOf(`${apiBaseUrl}/${credentials.solutionCode}/products/categories/children`, token),
  };
}
