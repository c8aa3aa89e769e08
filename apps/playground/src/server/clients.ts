import type { Emulator, Provider } from "@x/commerce-auth-emulator";
import { createIamportAuth, type IamportAuth } from "@x/iamport-auth";
import { createNaverCommerceAuth, type NaverCommerceAuth } from "@x/naver-commerce-auth";
import type { TokenAuthOptions } from "@x/token-cache-core/provider";
import { createTossShoppingAuth, type TossShoppingAuth } from "@x/toss-shopping-auth";
import { eachProvider } from "../each-provider.ts";

export type ProviderAuth = TossShoppingAuth | NaverCommerceAuth | IamportAuth;

/** What the page offers for one provider. */
export interface Client {
  readonly auth: ProviderAuth;
  /** The documents' own first call, by `auth.api`. Its answer as a sentence. */
  callApi(): Promise<string>;
  /** The same identity with a mistyped secret. Only against the emulator. */
  withWrongSecret?(): ProviderAuth;
}

type Common = Pick<TokenAuthOptions, "cache" | "fetch" | "timeoutMs">;

/** Clients of the emulated providers. */
export function emulatedClients(
  emulator: Emulator,
  commonFor: (provider: Provider) => Common,
  unobserved: () => Common,
) {
  const { toss, naver, iamport } = emulator;
  return {
    toss: {
      ...tossClient({ ...toss.options, ...commonFor("toss") }),
      withWrongSecret: () => createTossShoppingAuth({ ...toss.options, secretKey: "mistyped", ...unobserved() }),
    },
    naver: {
      ...naverClient({ ...naver.options, ...commonFor("naver") }),
      withWrongSecret: () =>
        createNaverCommerceAuth({ ...naver.options, clientSecret: "$2a$04$mistypedmistypedmistyp", ...unobserved() }),
    },
    iamport: {
      ...iamportClient({ ...iamport.options, ...commonFor("iamport") }),
      withWrongSecret: () => createIamportAuth({ ...iamport.options, impSecret: "mistyped", ...unobserved() }),
    },
  } satisfies Record<Provider, Client>;
}

/** What each provider's client needs in the environment. */
const VARIABLES: Readonly<Record<Provider, readonly string[]>> = {
  toss: ["TOSS_SHOPPING_ACCESS_KEY", "TOSS_SHOPPING_SECRET_KEY", "TOSS_SHOPPING_SOLUTION_CODE"],
  naver: ["NAVER_COMMERCE_CLIENT_ID", "NAVER_COMMERCE_CLIENT_SECRET"],
  iamport: ["IAMPORT_IMP_KEY", "IAMPORT_IMP_SECRET"],
};

/** The environment variables that are not set, by provider. */
export function missingVariables(environment: NodeJS.ProcessEnv): Record<Provider, readonly string[]> {
  return eachProvider((provider) => VARIABLES[provider].filter((name) => !environment[name]));
}

/** Clients of the real providers, with the keys of the environment; none for a provider without keys. */
export function liveClients(environment: NodeJS.ProcessEnv, commonFor: (provider: Provider) => Common) {
  const missing = missingVariables(environment);
  const isReady = (provider: Provider) => missing[provider].length === 0;
  const naverType = environment["NAVER_COMMERCE_ACCOUNT_ID"] ? ({ type: "SELLER" } as const) : {};
  return {
    ...(isReady("toss") && { toss: tossClient(commonFor("toss")) }),
    ...(isReady("naver") && { naver: naverClient({ ...naverType, ...commonFor("naver") }) }),
    ...(isReady("iamport") && { iamport: iamportClient(commonFor("iamport")) }),
  } satisfies Partial<Record<Provider, Client>>;
}

function tossClient(options: Parameters<typeof createTossShoppingAuth>[0]): Client {
  const auth = createTossShoppingAuth(options);
  return { auth, callApi: () => answerTo(auth.api.get("products/categories/children", CALL)) };
}

function naverClient(options: Parameters<typeof createNaverCommerceAuth>[0]): Client {
  const auth = createNaverCommerceAuth(options);
  return { auth, callApi: () => answerTo(auth.api.get("v1/seller/account", CALL)) };
}

function iamportClient(options: Parameters<typeof createIamportAuth>[0]): Client {
  const auth = createIamportAuth(options);
  return { auth, callApi: () => answerTo(auth.api.get("payments/imp_448280090638", CALL)) };
}

/** Any answer is shown, errors too. */
const CALL = { throwHttpErrors: false, retry: 0 };

async function answerTo(call: Promise<Response>): Promise<string> {
  const response = await call;
  const { pathname } = new URL(response.url);
  await response.body?.cancel();
  return `HTTP ${response.status} from ${pathname.replace(/^\/(toss|naver|iamport)\//, "/")}`;
}
