import type { EmulatorUrls } from "./emulator.ts";
import type { IamportEmulation } from "./iamport/iamport.ts";
import { IAMPORT_CREDENTIALS } from "./iamport/options.ts";
import type { NaverEmulation } from "./naver/naver.ts";
import { NAVER_CREDENTIALS } from "./naver/options.ts";
import type { ProviderEmulation } from "./provider/provider.ts";
import { TOSS_CREDENTIALS } from "./toss/options.ts";
import type { TossEmulation } from "./toss/toss.ts";

/** The emulated providers. */
export interface Emulations {
  readonly toss: TossEmulation;
  readonly naver: NaverEmulation;
  readonly iamport: IamportEmulation;
}

/**
 * Each provider's URLs, its first credentials, and the options of a client. After a rotation, they are the new ones.
 */
export function emulatorUrls(origin: string, { toss, naver, iamport }: Emulations): EmulatorUrls {
  const solutionCode = firstOf(toss.rules.solutionCodes) ?? TOSS_CREDENTIALS.solutionCode;
  const accounts = typeof naver.rules.accounts === "function" ? "any" : naver.rules.accounts;
  const accountId = firstOf(accounts) ?? NAVER_CREDENTIALS.accountId;
  const seller = () => ({ ...(toss.accepted.first ?? TOSS_CREDENTIALS), solutionCode });
  const application = () => {
    const { clientId, clientSecret } = naver.accepted.first ?? NAVER_CREDENTIALS;
    return { clientId, clientSecret };
  };
  const account = () => ({ ...(iamport.accepted.first ?? IAMPORT_CREDENTIALS) });
  return {
    origin,
    toss: address(origin, toss, seller, seller),
    naver: address(origin, naver, () => ({ ...application(), accountId }), application),
    iamport: address(origin, iamport, account, account),
  };
}

function address<Credentials, Options>(
  origin: string,
  { tokenPath, apiPath }: ProviderEmulation,
  credentials: () => Credentials,
  clientCredentials: () => Options,
) {
  const urls = { tokenUrl: origin + tokenPath, apiBaseUrl: origin + apiPath };
  return {
    ...urls,
    get credentials() {
      return credentials();
    },
    get options() {
      return { ...urls, ...clientCredentials() };
    },
  };
}

function firstOf<Item>(list: readonly Item[] | "any"): Item | undefined {
  return list === "any" ? undefined : list[0];
}
