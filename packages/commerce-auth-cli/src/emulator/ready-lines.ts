import type { EmulatorUrls } from "@x/commerce-auth-emulator";
import type { Language } from "../language.ts";

const WORDS = {
  ko: {
    listens: "에뮬레이터가 켜졌습니다",
    env: ".env에 이 한 줄을 넣으면 세 제공사의 클라이언트가 에뮬레이터를 씁니다",
    own: "다른 클라이언트에는 이 값을 쓰세요 (에뮬레이터만 받는 가짜 값입니다)",
    curl: "curl로 바로 해 보기",
    signed: "네이버의 토큰 요청에는 서명이 필요합니다",
    stop: "Ctrl+C로 끕니다. 시계, 장애, 요청 기록",
  },
  en: {
    listens: "The emulator listens on",
    env: "This line in .env sends the clients of all three providers to it",
    own: "For other clients, with made-up values that only the emulator accepts",
    curl: "Try it with curl",
    signed: "Naver's token request needs a signature",
    stop: "Stop it with Ctrl+C. Clock, faults, journal",
  },
} as const;

/** Lines to copy into `.env` and into a shell. */
export function emulatorLines({ origin, toss, naver, iamport }: EmulatorUrls, language: Language): string {
  const words = WORDS[language];
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: toss.credentials.accessKey,
    client_secret: toss.credentials.secretKey,
    scope: "toss-shopping-fep:write",
  });
  const keys = JSON.stringify({ imp_key: iamport.credentials.impKey, imp_secret: iamport.credentials.impSecret });
  return `${words.listens}: ${origin}

# ${words.env}
COMMERCE_AUTH_EMULATOR=${origin}

# ${words.own}
TOSS_SHOPPING_ACCESS_KEY=${toss.credentials.accessKey}
TOSS_SHOPPING_SECRET_KEY=${toss.credentials.secretKey}
TOSS_SHOPPING_SOLUTION_CODE=${toss.credentials.solutionCode}
NAVER_COMMERCE_CLIENT_ID=${naver.credentials.clientId}
NAVER_COMMERCE_CLIENT_SECRET=${naver.credentials.clientSecret.replaceAll("$", "\\$")}
IAMPORT_IMP_KEY=${iamport.credentials.impKey}
IAMPORT_IMP_SECRET=${iamport.credentials.impSecret}

# ${words.curl}
curl ${toss.tokenUrl} -d '${form}'
curl ${iamport.tokenUrl} -H 'Content-Type: application/json' -d '${keys}'

# ${words.signed}
COMMERCE_AUTH_EMULATOR=${origin} commerce-auth token naver

# ${words.stop}: ${origin}/_emulator
`;
}
