import type { EmulatorUrls } from "./emulator.ts";

/**
 * What a user needs to begin: for the command's output and for `GET /`. It shows the credentials, which are made up:
 * the emulator is the only server that accepts them.
 */
export function connectionGuide({ origin, toss, naver, iamport }: EmulatorUrls): string {
  return `commerce-auth-emulator listens on ${origin}.

One variable connects the clients of all three providers, with credentials that only the emulator accepts:
  COMMERCE_AUTH_EMULATOR=${origin}

Toss Shopping
  token endpoint   POST ${toss.tokenUrl}
  API              GET  ${toss.apiBaseUrl}/${toss.credentials.solutionCode}/products/categories/children
  TOSS_SHOPPING_ACCESS_KEY='${toss.credentials.accessKey}'
  TOSS_SHOPPING_SECRET_KEY='${toss.credentials.secretKey}'

Naver Commerce API
  token endpoint   POST ${naver.tokenUrl}
  API              GET  ${naver.apiBaseUrl}/v1/seller/account
  NAVER_COMMERCE_CLIENT_ID='${naver.credentials.clientId}'
  NAVER_COMMERCE_CLIENT_SECRET=${naver.credentials.clientSecret.replaceAll("$", "\\$")}   (keep the backslashes: shells and .env loaders expand $)
  NAVER_COMMERCE_ACCOUNT_ID='${naver.credentials.accountId}'   (for type=SELLER)

iamport (PortOne V1)
  token endpoint   POST ${iamport.tokenUrl}
  API              GET  ${iamport.apiBaseUrl}/payments/imp_448280090638
  IAMPORT_IMP_KEY='${iamport.credentials.impKey}'
  IAMPORT_IMP_SECRET='${iamport.credentials.impSecret}'

Clock, faults, journal: GET ${origin}/_emulator
`;
}
