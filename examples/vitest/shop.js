import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";

/** The credentials come from NAVER_COMMERCE_CLIENT_ID and NAVER_COMMERCE_CLIENT_SECRET. */
export function createShop() {
  const naver = createNaverCommerceAuth();
  return {
    async accountId() {
      const account = await naverResult(naver.api.get("v1/seller/account"));
      return account.accountId;
    },
    close: () => naver.close(),
  };
}
