import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";

// One client per process: Next.js loads this module once for each of its bundles, so it is kept on globalThis.
// The credentials come from NAVER_COMMERCE_CLIENT_ID and NAVER_COMMERCE_CLIENT_SECRET.
globalThis.naver ??= createNaverCommerceAuth({
  // Without these two variables it is the real Naver.
  tokenUrl: process.env.NAVER_TOKEN_URL,
  apiBaseUrl: process.env.NAVER_API_BASE_URL,
});

/** The seller's account. */
export function sellerAccount(options) {
  return naverResult(globalThis.naver.api.get("v1/seller/account", options));
}
