import type { Text } from "../language.ts";

/** The words of the help pages. Examples are shown line by line. */
export const HELP = {
  program: {
    ko: "토스쇼핑, 네이버 커머스API, 아임포트(포트원 V1)의 토큰 문제를 찾아 줍니다.",
    en: "Finds out what is wrong with tokens of Toss Shopping, the Naver Commerce API and iamport (PortOne V1).",
  },
  doctor: {
    ko: "인증 정보부터 API 권한까지 차례로 진단하고 원인을 한 문장으로 알려 줍니다.",
    en: "Examines everything from the credentials to the API groups, and names the cause in one sentence.",
  },
  lint: {
    ko: "다른 프로그램의 토큰 요청(curl, HAR, HTTP 원문)이 네이버 규칙을 지키는지 검사합니다. 아무것도 보내지 않습니다.",
    en: "Checks another program's token request (curl, HAR, raw HTTP) against Naver's rules. Sends nothing.",
  },
  token: {
    ko: "스크립트에 쓸 토큰을 출력합니다. 공유 저장소를 지정하면 거기 있는 토큰을 씁니다.",
    en: "Prints a token for scripts, from the shared store if one is configured.",
  },
  emulator: {
    ko: "세 제공사를 흉내 내는 서버를 이 컴퓨터에서 켭니다. 실제 키가 필요 없습니다.",
    en: "Starts a server on this machine that plays the three providers. No real keys are needed.",
  },
  provider: { ko: "toss, naver 또는 iamport.", en: "toss, naver or iamport." },
  doctorProvider: {
    ko: "toss, naver 또는 iamport. 없으면 인증 정보가 있는 제공사를 모두 진단합니다.",
    en: "toss, naver or iamport. Default: all whose credentials are set.",
  },
  lang: { ko: "언어. 기본값은 시스템 언어입니다.", en: "Language. Default: the locale's." },
  json: { ko: "프로그램이 읽을 수 있는 JSON으로 출력합니다.", en: "Print JSON, for programs." },
  envFile: {
    ko: "인증 정보를 읽을 .env 파일. 환경 변수가 우선합니다. 여러 번 쓸 수 있습니다.",
    en: "A .env file with credentials. The environment wins. Repeatable.",
  },
  tokenUrl: { ko: "다른 토큰 URL.", en: "Another token URL." },
  apiUrl: {
    ko: "다른 API URL. 예: 대행사의 …/partner, https://static-api.iamport.kr",
    en: "Another API URL, such as an agency's …/partner or https://static-api.iamport.kr.",
  },
  test: { ko: "토스의 테스트 서버를 씁니다.", en: "Use Toss's test hosts." },
  timeout: { ko: "응답을 기다리는 시간(초). 기본값 10.", en: "Seconds to wait for an answer. Default 10." },
  probe: {
    ko: "문서에 없는 동작을 요청 몇 번으로 확인하고, 비밀이 없는 보고서를 출력합니다. 토큰을 새로 발급받으므로 테스트 키로 실행하세요.",
    en: "Find out what the documents leave open, by a few requests, and print a report without secrets. It issues tokens: run it with test keys.",
  },
  slow: {
    ko: "--probe에서 최대 40분이 걸리는 질문도 확인합니다 (아임포트의 5분 연장).",
    en: "With --probe: also what takes up to 40 minutes (iamport's 5-minute extension).",
  },
  file: {
    ko: "검사할 파일. 없거나 -이면 표준 입력에서 읽습니다.",
    en: "The file to check. Without it, or with -, the standard input is read.",
  },
  header: { ko: "Authorization 헤더 한 줄로 출력합니다.", en: "Print it as an Authorization header." },
  store: {
    ko: "공유 저장소: SQLite 파일 경로 또는 redis:// URL. 기본값은 COMMERCE_AUTH_STORE.",
    en: "The shared store: an SQLite file's path or a redis:// URL. Default: COMMERCE_AUTH_STORE.",
  },
  exitCodes: {
    ko: "종료 코드: 0 문제 없음(주의는 문제가 아님), 1 문제 발견, 2 잘못된 사용법이나 입력, 3 명령 자체의 오류, 130 중단.",
    en: "Exit codes: 0 no problem (a warning is none), 1 a problem was found, 2 wrong usage or input, 3 the command itself failed, 130 interrupted.",
  },
  secrets: {
    ko: "인증 정보는 환경 변수, --dotenv 파일, 또는 터미널의 질문으로만 받습니다. 명령줄 인자는 다른 사용자가 볼 수 있습니다.",
    en: "Credentials come from the environment, a --dotenv file or a prompt only: other users can read a command line.",
  },
} as const satisfies Readonly<Record<string, Text>>;

/** The help library's own words, in Korean. */
export const BUILT_IN: Readonly<Record<string, string>> = {
  "Usage:": "사용법:",
  "Examples:": "예시:",
  "Error:": "오류:",
  "Show help information.": "도움말을 봅니다.",
  "Show version information.": "버전을 봅니다.",
  "Generate shell completion script or provide completions.":
    "셸 자동 완성 스크립트를 만듭니다 (bash, zsh, fish, pwsh, nu).",
};

/** Lines to try, for each help page. */
export const EXAMPLES = {
  program: [
    "commerce-auth doctor",
    "commerce-auth doctor naver --dotenv .env",
    "pbpaste | commerce-auth lint",
    'curl -H "$(commerce-auth token toss --header)" https://…',
    "commerce-auth emulator",
  ],
  doctor: [
    "commerce-auth doctor",
    "commerce-auth doctor naver --dotenv .env.production",
    "commerce-auth doctor iamport --json | jq .conclusion",
    "commerce-auth doctor naver --probe --json > report.json",
  ],
  lint: ["commerce-auth lint request.har", "commerce-auth lint request.txt --json", "pbpaste | commerce-auth lint"],
  token: [
    "TOKEN=$(commerce-auth token naver)",
    'curl -H "$(commerce-auth token toss --header)" https://…',
    "commerce-auth token naver --store /var/lib/shop/tokens.db",
  ],
  emulator: [
    "commerce-auth emulator",
    "commerce-auth emulator --port 0 --any-credentials",
    "commerce-auth emulator --toss-lifetime year --json",
  ],
} as const;
