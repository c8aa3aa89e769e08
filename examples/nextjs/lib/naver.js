import { createNaverCommerceAuth, naverResult, oncePerProcess } from "@x/naver-commerce-auth";

// One client per process: Next.js loads this module once for each of its bundles, and in development after each edit.
// The credentials come from NAVER_COMMERCE_CLIENT_ID and NAVER_COMMERCE_CLIENT_SECRET.
const naver = oncePerProcess("naver", () => createNaverCommerceAuth());

/** The seller's account. */
export function sellerAccount(options) {
  return naverResult(naver.api.get("v1/seller/account", options));
}
