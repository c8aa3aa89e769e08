import type { Verdict } from "../verdict.ts";

/** The emulator, and the form of ids and secrets. */
export const credentialVerdicts = {
  "emulator.in_use": {
    topic: "emulator",
    level: "note",
    ko: [
      "COMMERCE_AUTH_EMULATOR={origin}",
      "모든 요청이 실제 서버가 아니라 에뮬레이터로 갑니다. 인증 정보도 에뮬레이터의 것을 씁니다.",
      "실제 서버를 진단하려면 이 환경 변수를 지우세요.",
    ],
    en: [
      "COMMERCE_AUTH_EMULATOR={origin}",
      "All requests go to the emulator, with its credentials, and none to the provider.",
      "To examine the provider, remove this variable.",
    ],
  },
  "emulator.unreachable": {
    topic: "emulator",
    level: "problem",
    ko: [
      "COMMERCE_AUTH_EMULATOR={origin} ({code})",
      "환경 변수가 가리키는 에뮬레이터가 응답하지 않습니다.",
      "'commerce-auth emulator'로 에뮬레이터를 켜거나, 환경 변수를 지우세요.",
    ],
    en: [
      "COMMERCE_AUTH_EMULATOR={origin} ({code})",
      "The emulator that this variable names does not answer.",
      "Start it with 'commerce-auth emulator', or remove the variable.",
    ],
  },
  "secret.ok": {
    topic: "secret",
    level: "ok",
    ko: ["{variable}: 29자, bcrypt 비용 {cost}", "네이버가 보여 주는 형식 그대로입니다."],
    en: ["{variable}: 29 characters, bcrypt cost {cost}", "This is the form that Naver shows."],
  },
  "secret.plain": {
    topic: "secret",
    level: "ok",
    ko: ["{variable}: {length}자", "따옴표나 공백이 섞이지 않았습니다."],
    en: ["{variable}: {length} characters", "It contains no quotes and no white space."],
  },
  "secret.escaped": {
    topic: "secret",
    level: "ok",
    ko: [
      "{variable}: $ 앞에 \\가 있음",
      "셸과 .env가 $를 건드리지 못하게 막은 형식입니다. 이 패키지들은 \\를 빼고 읽습니다.",
    ],
    en: [
      "{variable}: a \\ before each $",
      "This form protects $ from shells and .env loaders. These packages remove the backslashes.",
    ],
  },
  "secret.missing": {
    topic: "secret",
    level: "problem",
    page: "keys",
    ko: [
      "{variable}: 값이 없음",
      "{label} 값이 환경 변수에도 --dotenv 파일에도 없습니다.",
      "환경 변수를 설정하거나 --dotenv로 파일을 지정하세요.",
    ],
    en: [
      "{variable}: no value",
      "Neither the environment nor a --dotenv file has a value for {label}.",
      "Set the variable, or name a file with --dotenv.",
    ],
  },
  "secret.expanded_by_shell": {
    topic: "secret",
    level: "problem",
    ko: [
      "{variable}: {length}자, $가 하나도 없음",
      "셸이 시크릿의 $2, $0 같은 부분을 변수로 바꿔 버렸습니다.",
      "작은따옴표로 감싸거나 $ 앞에 \\를 붙이세요: {variable}='$2a$04$…'",
    ],
    en: [
      "{variable}: {length} characters, no $ at all",
      "The shell replaced parts of the secret, such as $2 and $0, by variables.",
      "Write it in single quotes, or put a \\ before each $: {variable}='$2a$04$…'",
    ],
  },
  "secret.expanded": {
    topic: "secret",
    level: "problem",
    ko: [
      "{variable}: {length}자, $2a$로 시작하지 않음",
      ".env를 읽는 프로그램(dotenv-expand, Next.js, Docker Compose 등)이 $를 변수로 바꿔 시크릿이 잘렸습니다.",
      ".env에 따옴표 없이 $마다 \\를 붙여 쓰세요: {variable}=\\$2a\\$04\\$…",
    ],
    en: [
      "{variable}: {length} characters, does not begin with $2a$",
      "A .env loader (dotenv-expand, Next.js, Docker Compose) replaced the $ signs by variables and cut the secret.",
      "In .env, write a \\ before each $ and no quotes: {variable}=\\$2a\\$04\\$…",
    ],
  },
  "secret.file_expands": {
    topic: "secret",
    level: "warning",
    ko: [
      "{file}: {variable}의 $ 앞에 \\가 없음",
      "이 명령은 값을 그대로 읽지만, $를 변수로 바꾸는 프로그램(dotenv-expand, Next.js, Docker Compose)은 시크릿을 자릅니다.",
      "$마다 \\를 붙여 쓰세요. 이 저장소의 패키지는 두 형식을 모두 읽습니다.",
    ],
    en: [
      "{file}: no \\ before the $ signs of {variable}",
      "This command reads the value as it is, but loaders that expand variables (dotenv-expand, Next.js, Docker Compose) cut it.",
      "Write a \\ before each $. These packages read both forms.",
    ],
  },
  "secret.quoted": {
    topic: "secret",
    level: "problem",
    ko: [
      "{variable}: 따옴표가 값에 들어 있음",
      "따옴표까지 값으로 읽혔습니다.",
      "따옴표를 빼세요. docker run --env-file과 쿠버네티스 시크릿은 따옴표를 벗기지 않습니다.",
    ],
    en: [
      "{variable}: quotes are part of the value",
      "The quotes were read as part of the value.",
      "Remove them: docker run --env-file and Kubernetes secrets keep quotes.",
    ],
  },
  "secret.space": {
    topic: "secret",
    level: "problem",
    ko: [
      "{variable}: 공백이나 줄바꿈이 들어 있음",
      "복사하거나 파일로 저장할 때 공백 또는 줄바꿈이 붙었습니다.",
      "앞뒤 공백을 지우세요. 파일로 만들 때는 echo 대신 printf '%s'를 쓰세요.",
    ],
    en: [
      "{variable}: contains white space or a line break",
      "White space came along when the value was copied or written to a file.",
      "Remove it. To write a file, use printf '%s' instead of echo.",
    ],
  },
  "secret.invisible": {
    topic: "secret",
    level: "problem",
    page: "keys",
    ko: [
      "{variable}: 보이지 않거나 ASCII가 아닌 문자가 있음",
      "메신저나 문서에서 복사하면서 보이지 않는 문자가 섞였습니다.",
      "발급 화면에서 직접 다시 복사하세요.",
    ],
    en: [
      "{variable}: contains invisible or non-ASCII characters",
      "They come along when a value is copied from a messenger or a document.",
      "Copy it again from the provider's own page.",
    ],
  },
  "secret.placeholder": {
    topic: "secret",
    level: "problem",
    page: "keys",
    ko: ["{variable}: 예시 값", "문서의 예시 값이 그대로 남아 있습니다.", "발급받은 값으로 바꾸세요."],
    en: ["{variable}: an example", "The value is still the example of a document.", "Replace it by your own."],
  },
  "secret.swapped": {
    topic: "secret",
    level: "problem",
    ko: [
      "{variable}: 시크릿 형식의 값",
      "애플리케이션 ID와 시크릿이 서로 바뀌었습니다.",
      "두 환경 변수의 값을 맞바꾸세요.",
    ],
    en: [
      "{variable}: has the form of a secret",
      "The application's id and its secret are exchanged.",
      "Exchange the values of the two variables.",
    ],
  },
  "secret.wrong_form": {
    topic: "secret",
    level: "problem",
    page: "keys",
    ko: [
      "{variable}: $2a$로 시작하지만 {length}자",
      "시크릿은 29자인데 일부가 잘렸거나 덧붙었습니다.",
      "발급 화면에서 전체를 다시 복사하세요.",
    ],
    en: [
      "{variable}: begins with $2a$, but has {length} characters",
      "A secret has 29 characters: a part is missing or was added.",
      "Copy all of it again.",
    ],
  },
  "secret.cost": {
    topic: "secret",
    level: "problem",
    page: "keys",
    ko: [
      "{variable}: bcrypt 비용 {cost}",
      "bcrypt 비용이 네이버 시크릿의 범위(04~12)를 벗어났습니다.",
      "발급 화면에서 다시 복사하세요. 네이버 시크릿은 $2a$04$로 시작합니다.",
    ],
    en: [
      "{variable}: bcrypt cost {cost}",
      "The bcrypt cost is not one of Naver's secrets (04 to 12).",
      "Copy it again: Naver's secrets begin with $2a$04$.",
    ],
  },
  "secret.v2_identifier": {
    topic: "secret",
    level: "problem",
    page: "keys",
    ko: [
      "{variable}: 포트원 V2 식별자 형식",
      "V2의 상점 아이디나 채널 키가 V1 REST API Key 자리에 들어 있습니다.",
      "관리자 콘솔의 V1 API 탭에서 REST API Key를 복사하세요.",
    ],
    en: [
      "{variable}: has the form of a PortOne V2 identifier",
      "A V2 store id or channel key is in the place of the V1 REST API key.",
      "Copy the REST API key from the console's tab V1 API.",
    ],
  },
  "secret.merchant_code": {
    topic: "secret",
    level: "problem",
    page: "keys",
    ko: [
      "{variable}: 'imp'와 숫자",
      "가맹점 식별코드가 REST API Key 자리에 들어 있습니다.",
      "식별코드는 브라우저의 IMP.init()에 씁니다. 서버에는 REST API Key를 쓰세요.",
    ],
    en: [
      "{variable}: 'imp' and digits",
      "The merchant code is in the place of the REST API key.",
      "The code is for IMP.init() in browsers. A server needs the REST API key.",
    ],
  },
} as const satisfies Readonly<Record<string, Verdict>>;
