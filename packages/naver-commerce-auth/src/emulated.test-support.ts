import { type EmulatedLifeOptions, startEmulatedLife } from "@x/testing/emulated-life";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions } from "./index.ts";

/** An emulator and a client whose time passes only when the test says so. */
export async function emulated(options?: EmulatedLifeOptions) {
  const life = await startEmulatedLife(options);
  const { tokenUrl, apiBaseUrl, credentials } = life.emulator.naver;
  const { accountId, ...application } = credentials;
  const createAuth = (changes: NaverCommerceAuthOptions = {}) =>
    createNaverCommerceAuth({ ...application, tokenUrl, apiBaseUrl, cache: life.cache, rateLimit: false, ...changes });
  return {
    ...life,
    tokenUrl,
    credentials: application,
    createAuth,
    createSellerAuth: (seller = accountId, changes: Pick<NaverCommerceAuthOptions, "bcryptHash"> = {}) =>
      createAuth({ type: "SELLER", accountId: seller, ...changes }),
    callApi: (token: { readonly value: string }) => life.statusOf(`${apiBaseUrl}/v1/seller/account`, token),
  };
}
