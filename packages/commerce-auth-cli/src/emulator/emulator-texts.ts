import type { EmulatorFlags, GuideWords } from "@x/commerce-auth-emulator/command";
import type { Text } from "../language.ts";

/** The emulator's flags in Korean. It describes them itself in English. */
export const KOREAN_FLAGS: Readonly<Record<keyof EmulatorFlags, string>> = {
  port: "포트. 0이면 빈 포트를 씁니다. 기본값 4010.",
  host: "요청을 받을 주소. 기본값 127.0.0.1.",
  "allow-host":
    "클라이언트가 에뮬레이터를 부르는 이름. 예: Docker Compose의 서비스 이름. 여러 번 쓸 수 있습니다. 다른 컴퓨터가 접속할 수 있는 --host에는 꼭 필요합니다. 비밀번호 없이 요청 기록을 읽고 에뮬레이터를 바꿀 수 있습니다.",
  "any-credentials": "어떤 키와 애플리케이션이든 받습니다.",
  skew: "서버 시각에서 이 컴퓨터의 시각을 뺀 값(ms). 예: --skew=-60000. 기본값 0.",
  frozen: "옮기기 전까지 서버 시각을 멈춥니다.",
  speed: "서버 시각이 실제보다 N배 빠르게 갑니다. 기본값 1.",
  "no-date": "응답에 Date 헤더를 넣지 않습니다.",
  "rate-limits":
    "API 호출을 제한합니다. 네이버는 API마다 초당 2회, 토스는 초당 조회 50회, 변경 30회, 상품 변경 10회입니다.",
  "toss-lifetime": "토스 토큰의 수명. 기본값 hour (3599초).",
  "toss-reissue": "토스에 만료 전에 다시 요청하면 받는 토큰. 기본값 new-token.",
  "toss-previous-token": "토스의 새 토큰이 나온 뒤의 이전 토큰. 기본값 lives.",
  "toss-error-status": "토스 invalid_client의 HTTP 상태. 기본값 401.",
  "naver-expires-in": "네이버가 다시 돌려주는 토큰의 expires_in. 기본값 remaining.",
  "naver-clock-refusal": "네이버가 timestamp를 거절할 때의 HTTP 상태. 기본값 400.",
  "naver-penalty": "형식이 틀린 네이버 토큰 요청의 제재. 기본값 next-day.",
  "naver-missing-permission": '네이버에서 권한이 없을 때의 응답: GW.AUTHN(기본값), GW.AUTHZ, "403 GW.AUTHN".',
  "naver-denied-route":
    "네이버에서 권한이 없는 API: seller-account, channel-product, product-orders, product-images, product-attributes, order-changes, inquiries, settlements. 여러 번 쓸 수 있습니다.",
  "iamport-extension": "아임포트가 만료 1분 전에 주는 5분 연장. 기본값 repeats.",
  "iamport-echo-credentials": "아임포트 401 응답의 메시지에 보낸 키를 그대로 넣습니다.",
};

/** The emulator's guide in Korean. It has its own English words. */
export const KOREAN_GUIDE: GuideWords = {
  listens: "에뮬레이터가 켜졌습니다:",
  oneLine: ".env에 이 한 줄을 넣으면 세 제공사의 클라이언트가 에뮬레이터를 씁니다",
  otherClients: "다른 클라이언트에는 에뮬레이터만 받는 이 가짜 값을 쓰세요",
  backslashes: "\\는 지우지 마세요. 셸과 .env 로더가 $를 변수로 바꿉니다",
  endpoints: "제공사마다 토큰 URL과 API 호출 하나",
  curl: "curl로 바로 해 보기",
  control: "시계, 장애, 요청 기록",
};

/** What follows the guide. */
export const NEXT_STEPS: Text = {
  ko: "네이버의 토큰 요청에는 서명이 필요합니다. 다른 터미널에서 실행하세요",
  en: "Naver's token request needs a signature. Run this in another terminal",
};

export const STOP: Text = { ko: "Ctrl+C로 끕니다.", en: "Press Ctrl+C to stop." };
