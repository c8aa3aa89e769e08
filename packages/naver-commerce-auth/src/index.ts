export {
  NaverApiError,
  type NaverRateLimit,
  naverRateLimit,
  naverResult,
} from "./api-result.ts";
export { createNaverCommerceAuth, type NaverCommerceAuth } from "./auth.ts";
export type {
  BcryptHash,
  NaverApplicationOptions,
  NaverCommerceAuthOptions,
  NaverSelfOptions,
  NaverSellerOptions,
} from "./options.ts";
export type { NaverInvalidInput } from "./schemas.ts";
