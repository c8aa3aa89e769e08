import { createIamportAuth } from "@x/iamport-auth";
import { commonOptions, type ProviderProfile } from "./profile.ts";

const CONSOLE = {
  ko: "포트원 관리자 콘솔(admin.portone.io) > 연동 정보 > 식별코드·API Keys > V1 API",
  en: "PortOne admin console (admin.portone.io) > 연동 정보 > 식별코드·API Keys > V1 API",
};

const HELP = { ko: "https://help.portone.io", en: "https://help.portone.io" };

/** The payment of the documents' example. A shop does not have it, so nothing of a customer is read. */
const DOCUMENTED_PAYMENT = "/payments/imp_448280090638";

/** iamport (PortOne V1). */
export const iamport: ProviderProfile = {
  name: "iamport",
  title: { ko: "아임포트(포트원 V1)", en: "iamport (PortOne V1)" },
  fields: [
    { name: "impKey", variable: "IAMPORT_IMP_KEY", label: { ko: "REST API Key", en: "REST API key" }, isSecret: false },
    {
      name: "impSecret",
      variable: "IAMPORT_IMP_SECRET",
      label: { ko: "REST API Secret", en: "REST API secret" },
      isSecret: true,
    },
    {
      name: "tier",
      variable: "IAMPORT_TIER",
      label: { ko: "하위 상점 Tier 코드", en: "Tier code" },
      isSecret: false,
      isOptional: true,
    },
  ],
  target: { tokenUrl: "https://api.iamport.kr/users/getToken", apiBaseUrl: "https://api.iamport.kr" },
  hasSlowQuestion: true,
  places: { keys: CONSOLE, addresses: HELP, permissions: CONSOLE, sellers: CONSOLE, support: HELP },
  createAuth(init) {
    const { impKey, impSecret, tier } = init.credentials;
    return createIamportAuth({ ...commonOptions(init), impKey, impSecret, tier });
  },
  reads: () => [{ group: { ko: "결제 조회", en: "payments" }, path: DOCUMENTED_PAYMENT }],
  headers: (credentials) => {
    const tier = credentials["tier"];
    return tier === undefined ? {} : { Tier: tier };
  },
};
