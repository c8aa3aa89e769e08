import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { commonOptions, type ProviderProfile } from "./profile.ts";

const PARTNERS = {
  ko: "토스쇼핑 파트너스 > 사이드바 상단 '상점 이름' > 가맹점·계정 관리 > 페이지 하단 '자체 개발'",
  en: "Toss Shopping partners > the shop's name in the side bar > 가맹점·계정 관리 > 자체 개발, at the page's end",
};

const MAIL = { ko: "toss-shopping-partners-connect@toss.im", en: "toss-shopping-partners-connect@toss.im" };

/** Toss Shopping. */
export const toss: ProviderProfile = {
  name: "toss",
  title: { ko: "토스쇼핑", en: "Toss Shopping" },
  fields: [
    {
      name: "accessKey",
      variable: "TOSS_SHOPPING_ACCESS_KEY",
      label: { ko: "Access Key", en: "Access Key" },
      isSecret: false,
    },
    {
      name: "secretKey",
      variable: "TOSS_SHOPPING_SECRET_KEY",
      label: { ko: "Secret Key", en: "Secret Key" },
      isSecret: true,
    },
    {
      name: "solutionCode",
      variable: "TOSS_SHOPPING_SOLUTION_CODE",
      label: { ko: "통합솔루션 code", en: "Solution code" },
      isSecret: false,
      isOptional: true,
    },
  ],
  target: {
    tokenUrl: "https://oauth2.cert.toss.im/token",
    apiBaseUrl: "https://shopping-fep.toss.im/api/v3/shopping-fep",
  },
  testTarget: {
    tokenUrl: "https://oauth2-alpha.cert.toss.im/token",
    apiBaseUrl: "https://shopping-fep-alpha.toss.im/api/v3/shopping-fep",
  },
  places: { keys: PARTNERS, addresses: MAIL, permissions: MAIL, sellers: PARTNERS, support: MAIL },
  createAuth(init) {
    const { accessKey, secretKey, solutionCode } = init.credentials;
    return createTossShoppingAuth({ ...commonOptions(init), accessKey, secretKey, solutionCode });
  },
  reads: (credentials) => [
    {
      group: { ko: "상품 카테고리", en: "product categories" },
      path: `${solutionPath(credentials["solutionCode"])}/products/categories/children`,
    },
  ],
  headers: () => ({}),
};

/** Sellers who develop for their own shop call without a code. */
function solutionPath(code: string | undefined): string {
  return code === undefined ? "" : `/${encodeURIComponent(code)}`;
}
