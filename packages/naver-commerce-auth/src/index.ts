export {
  NaverApiError,
  type NaverRateLimit,
  naverRateLimit,
  naverResult,
} from "./api-answer.ts";
export { createNaverCommerceAuth, type NaverCommerceAuth } from "./auth.ts";
export type {
  BcryptHash,
  NaverApplicationOptions,
  NaverCommerceAuthOptions,
  NaverSelfOptions,
  NaverSellerOptions,
} from "./options.ts";
export type { NaverInvalidInput } from "./schemas.ts";
