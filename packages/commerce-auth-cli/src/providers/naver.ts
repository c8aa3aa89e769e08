import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { commonOptions, type ProviderProfile } from "./profile.ts";

const CENTER = {
  ko: "커머스API센터(apicenter.commerce.naver.com) > 애플리케이션 관리 > 애플리케이션",
  en: "Commerce API center (apicenter.commerce.naver.com) > Applications > the application",
};

/** The Naver Commerce API. The groups are those of the Commerce API center. */
export const naver: ProviderProfile = {
  name: "naver",
  title: { ko: "네이버 커머스API", en: "Naver Commerce API" },
  fields: [
    {
      name: "clientId",
      variable: "NAVER_COMMERCE_CLIENT_ID",
      label: { ko: "애플리케이션 ID", en: "Application id" },
      isSecret: false,
    },
    {
      name: "clientSecret",
      variable: "NAVER_COMMERCE_CLIENT_SECRET",
      label: { ko: "애플리케이션 시크릿", en: "Application secret" },
      isSecret: true,
    },
    {
      name: "accountId",
      variable: "NAVER_COMMERCE_ACCOUNT_ID",
      label: { ko: "판매자 ID (SELLER 토큰)", en: "Seller id (SELLER tokens)" },
      isSecret: false,
      isOptional: true,
    },
  ],
  target: {
    tokenUrl: "https://api.commerce.naver.com/external/v1/oauth2/token",
    apiBaseUrl: "https://api.commerce.naver.com/external",
  },
  places: {
    keys: { ko: `${CENTER.ko} > 애플리케이션 ID·시크릿`, en: `${CENTER.en} > id and secret (애플리케이션 ID, 시크릿)` },
    addresses: { ko: `${CENTER.ko} > API 호출 IP`, en: `${CENTER.en} > allowed IPs (API 호출 IP)` },
    permissions: { ko: `${CENTER.ko} > API 그룹`, en: `${CENTER.en} > API groups (API 그룹)` },
    sellers: { ko: `${CENTER.ko} > 사용 동의한 판매자`, en: `${CENTER.en} > sellers who gave consent` },
    support: {
      ko: "https://github.com/commerce-api-naver/commerce-api/discussions",
      en: "https://github.com/commerce-api-naver/commerce-api/discussions",
    },
  },
  createAuth(init) {
    const { clientId, clientSecret, accountId } = init.credentials;
    const application = { ...commonOptions(init), clientId, clientSecret };
    return accountId === undefined
      ? createNaverCommerceAuth(application)
      : createNaverCommerceAuth({ ...application, type: "SELLER", accountId });
  },
  reads: () => [
    { group: { ko: "판매자 정보", en: "seller information (판매자 정보)" }, path: "/v1/seller/account" },
    // These leave a required parameter out: Naver then answers 400 to those who may call, and reads nothing.
    { group: { ko: "상품", en: "products (상품)" }, path: "/v1/product-attributes/attributes" },
    {
      group: { ko: "주문 판매자", en: "orders (주문 판매자)" },
      path: "/v1/pay-order/seller/product-orders/last-changed-statuses",
    },
    { group: { ko: "문의", en: "inquiries (문의)" }, path: "/v1/pay-user/inquiries" },
    { group: { ko: "정산", en: "settlements (정산)" }, path: "/v1/pay-settle/settle/daily" },
  ],
  headers: () => ({}),
};
