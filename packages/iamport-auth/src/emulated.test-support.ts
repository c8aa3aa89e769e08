import { type EmulatedLifeOptions, startEmulatedLife } from "@x/testing/emulated-life";
import { createIamportAuth, type IamportAuthOptions } from "./index.ts";

/** An emulator and a client whose time passes only when the test says so. */
export async function emulated(options?: EmulatedLifeOptions) {
  const life = await startEmulatedLife(options);
  const { tokenUrl, apiBaseUrl, credentials } = life.emulator.iamport;
  return {
    ...life,
    tokenUrl,
    credentials,
    createAuth: (changes: IamportAuthOptions = {}) =>
      createIamportAuth({ ...credentials, tokenUrl, apiBaseUrl, cache: life.cache, rateLimit: false, ...changes }),
    callApi: (token: { readonly value: string }) => life.statusOf(`${apiBaseUrl}/payments/imp_448280090638`, token),
  };
}
