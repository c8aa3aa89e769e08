import type { EmulatorUrls } from "./emulator.ts";

/** The sentences of the guide. */
export interface GuideWords {
  readonly listens: string;
  readonly oneLine: string;
  readonly otherClients: string;
  readonly backslashes: string;
  readonly endpoints: string;
  readonly curl: string;
  readonly control: string;
}

const ENGLISH: GuideWords = {
  listens: "commerce-auth-emulator listens on",
  oneLine: "One line in .env connects the clients of all three providers",
  otherClients: "For other clients: credentials that only the emulator accepts",
  backslashes: "keep the backslashes: shells and .env loaders expand $",
  endpoints: "Token endpoints, and an API call of each provider",
  curl: "To try it with curl",
  control: "Clock, faults, journal",
};

/**
 * What a user needs to begin, as lines for `.env` and for a shell. It shows the credentials, which are made up: the
 * emulator is the only server that accepts them.
 */
export function connectionGuide({ origin, toss, naver, iamport }: EmulatorUrls, words: GuideWords = ENGLISH): string {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: toss.credentials.accessKey,
    client_secret: toss.credentials.secretKey,
    scope: "toss-shopping-fep:write",
  });
  const keys = JSON.stringify({ imp_key: iamport.credentials.impKey, imp_secret: iamport.credentials.impSecret });
  return `${words.listens} ${origin}.

# ${words.oneLine}
COMMERCE_AUTH_EMULATOR=${origin}

# ${words.otherClients} (${words.backslashes})
TOSS_SHOPPING_ACCESS_KEY=${toss.credentials.accessKey}
TOSS_SHOPPING_SECRET_KEY=${toss.credentials.secretKey}
TOSS_SHOPPING_SOLUTION_CODE=${toss.credentials.solutionCode}
NAVER_COMMERCE_CLIENT_ID=${naver.credentials.clientId}
NAVER_COMMERCE_CLIENT_SECRET=${naver.credentials.clientSecret.replaceAll("$", "\\$")}
# type=SELLER: NAVER_COMMERCE_ACCOUNT_ID=${naver.credentials.accountId}
IAMPORT_IMP_KEY=${iamport.credentials.impKey}
IAMPORT_IMP_SECRET=${iamport.credentials.impSecret}

# ${words.endpoints}
# POST ${toss.tokenUrl}
# GET  ${toss.apiBaseUrl}/${toss.credentials.solutionCode}/products/categories/children
# POST ${naver.tokenUrl}
# GET  ${naver.apiBaseUrl}/v1/seller/account
# POST ${iamport.tokenUrl}
# GET  ${iamport.apiBaseUrl}/payments/imp_448280090638

# ${words.curl}
curl ${toss.tokenUrl} -d '${form}'
curl ${iamport.tokenUrl} -H 'Content-Type: application/json' -d '${keys}'

# ${words.control}: GET ${origin}/_emulator
`;
}
