import type { Verdict } from "../verdict.ts";

/** Reads of the API, and the limits that its answers tell. */
export const apiVerdicts = {
  "api.granted": {
    topic: "api",
    level: "ok",
    ko: ["{group}: HTTP {status}", "호출할 수 있습니다."],
    en: ["{group}: HTTP {status}", "It may be called."],
  },
  "api.parameter_missing": {
    topic: "api",
    level: "ok",
    ko: [
      "{group}: HTTP 400, 필수 항목 누락",
      "호출할 수 있습니다. 데이터를 읽지 않도록 필수 항목을 일부러 빼고 호출했습니다.",
    ],
    en: [
      "{group}: HTTP 400, a parameter is missing",
      "It may be called. The parameter was left out on purpose, to read nothing.",
    ],
  },
  "api.no_payment": {
    topic: "api",
    level: "ok",
    ko: ["{group}: HTTP 404, 없는 결제", "호출할 수 있습니다. 문서의 예시 결제를 조회했으므로 없는 것이 정상입니다."],
    en: [
      "{group}: HTTP 404, no such payment",
      "It may be called. The payment is the documents' example, which no shop has.",
    ],
  },
  "api.not_granted": {
    topic: "api",
    level: "warning",
    page: "permissions",
    ko: [
      "{group}: HTTP {status} {code}",
      "애플리케이션에 이 API 그룹의 권한이 없습니다: {group}. 토큰은 정상이므로 다시 발급해도 달라지지 않습니다.",
      "필요한 그룹이면 애플리케이션에 추가하세요.",
    ],
    en: [
      "{group}: HTTP {status} {code}",
      "The application was not granted this API group: {group}. The token is good: a new one changes nothing.",
      "If you need the group, add it to the application.",
    ],
  },
  "api.refused": {
    topic: "api",
    level: "problem",
    page: "permissions",
    ko: [
      "모든 조회: HTTP {status} {code}",
      "API가 방금 발급된 토큰을 거절합니다: 애플리케이션에 API 그룹이 하나도 없거나, 스토어가 이용 정지 상태입니다.",
      "API 그룹과 스토어의 상태를 확인하세요.",
    ],
    en: [
      "all reads: HTTP {status} {code}",
      "The API refuses a token just issued: the application has no API group, or the store is suspended.",
      "Check the API groups and the store's state.",
    ],
  },
  "api.address": {
    topic: "api",
    level: "problem",
    page: "addresses",
    ko: [
      "{group}: HTTP {status} {code}",
      "토큰은 나오지만 API는 이 서버의 IP를 허용하지 않습니다.",
      "'curl -4 https://checkip.amazonaws.com'으로 공인 IP를 확인해 등록하세요.",
    ],
    en: [
      "{group}: HTTP {status} {code}",
      "A token is issued, but the API does not allow this server's address.",
      "Find it with 'curl -4 https://checkip.amazonaws.com', and add it.",
    ],
  },
  "api.rate_limited": {
    topic: "api",
    level: "warning",
    ko: [
      "{group}: HTTP {status} {code}",
      "초당 호출 한도에 걸렸습니다. 같은 애플리케이션을 쓰는 다른 프로그램이 한도를 함께 씁니다.",
      "다른 프로그램의 호출을 줄이고 다시 실행하세요.",
    ],
    en: [
      "{group}: HTTP {status} {code}",
      "The rate limit is reached. Other programs of the same application spend it too.",
      "Slow the other programs down, and try again.",
    ],
  },
  "api.unavailable": {
    topic: "api",
    level: "problem",
    ko: [
      "{group}: HTTP {status} {code}",
      "제공사의 API에 장애가 있습니다. 토큰과 설정은 정상입니다.",
      "잠시 뒤에 다시 실행하고, 제공사의 장애 공지를 확인하세요.",
    ],
    en: [
      "{group}: HTTP {status} {code}",
      "The provider's API has an outage. The token and your settings are good.",
      "Try again later, and look at the provider's notices.",
    ],
  },
  "api.no_answer": {
    topic: "api",
    level: "problem",
    ko: [
      "{group}: 응답 없음 ({code})",
      "토큰 서버에는 닿지만 API 서버에는 닿지 않습니다.",
      "방화벽에서 {host}로 나가는 연결을 허용하세요.",
    ],
    en: [
      "{group}: no answer ({code})",
      "The token server can be reached, the API server cannot.",
      "Let the firewall pass connections to {host}.",
    ],
  },
  "api.not_found": {
    topic: "api",
    level: "problem",
    ko: ["{group}: HTTP {status}", "이 주소에는 API가 없습니다.", "API URL을 확인하세요: {url}"],
    en: ["{group}: HTTP {status}", "There is no API at this address.", "Check the API URL: {url}"],
  },
  "api.redirected": {
    topic: "api",
    level: "problem",
    ko: [
      "{group}: HTTP {status}, 다른 주소로 보내려 함",
      "API URL이 다른 주소로 리디렉션됩니다. 토큰은 따라가지 않았습니다.",
      "API URL을 확인하세요: {url}. 사내 로그인 페이지로 보내는 프록시일 수도 있습니다.",
    ],
    en: [
      "{group}: HTTP {status}, a redirect",
      "The API URL redirects elsewhere. The token did not follow.",
      "Check the API URL: {url}. It may also be a proxy's login page.",
    ],
  },
  "api.solution_code": {
    topic: "api",
    level: "problem",
    page: "support",
    ko: [
      "{group}: HTTP {status} {code}",
      "통합솔루션 code가 틀렸거나 등록되지 않았습니다.",
      "토스에서 메일로 받은 code를 TOSS_SHOPPING_SOLUTION_CODE에 넣으세요.",
    ],
    en: [
      "{group}: HTTP {status} {code}",
      "The solution code is wrong or not registered.",
      "Put the code that Toss sent by mail into TOSS_SHOPPING_SOLUTION_CODE.",
    ],
  },
  "api.tier": {
    topic: "api",
    level: "problem",
    page: "sellers",
    ko: [
      "{group}: HTTP {status}",
      "Tier 코드가 이 계정의 하위 상점이 아닙니다.",
      "관리자 콘솔에 등록한 하위 상점의 Tier 코드를 IAMPORT_TIER에 넣으세요.",
    ],
    en: [
      "{group}: HTTP {status}",
      "The Tier code is not of one of this account's sub-merchants.",
      "Put the code that the console shows into IAMPORT_TIER.",
    ],
  },
  "api.failed": {
    topic: "api",
    level: "problem",
    page: "support",
    ko: [
      "{group}: HTTP {status} {code}",
      "토큰은 발급되었지만 조회가 실패했습니다.",
      "코드의 뜻을 제공사의 문서에서 확인하세요. 코드가 없으면 중간의 프록시나 방화벽이 응답했을 수 있습니다.",
    ],
    en: [
      "{group}: HTTP {status} {code}",
      "A token is issued, but the read failed.",
      "Look the code up in the provider's documents. Without a code, the answer may come from a proxy or a firewall.",
    ],
  },
  "limits.rate": {
    topic: "limits",
    level: "ok",
    ko: ["초당 {perSecond}회, 남은 호출 {remaining}회", "API마다 따로 세는 평소의 한도입니다."],
    en: ["{perSecond} calls a second, {remaining} left", "This is the usual limit, counted per API."],
  },
  "limits.none": {
    topic: "limits",
    level: "ok",
    ko: ["한도를 알려 주는 헤더가 없음", "문서에 적힌 한도: {documented}."],
    en: ["no header tells a limit", "Documented limits: {documented}."],
  },
  "limits.herald": {
    topic: "limits",
    level: "warning",
    page: "support",
    ko: [
      "초당 {perSecond}회 (평소에는 2회)",
      "한도가 절반으로 줄었습니다: 형식이 틀린 토큰 요청 때문에 다음 날 시간당 1회로 제한될 전조입니다.",
      "이 애플리케이션을 쓰는 다른 프로그램의 토큰 요청을 오늘 안에 'commerce-auth lint'로 검사하세요.",
    ],
    en: [
      "{perSecond} call a second (usually 2)",
      "The rate was halved: an early sign of the penalty for token requests of a wrong form, one call an hour on the next day.",
      "Check other programs' token requests with 'commerce-auth lint' today.",
    ],
  },
  "limits.penalty": {
    topic: "limits",
    level: "problem",
    page: "support",
    ko: [
      "시간당 {limit}회, 남은 호출 {remaining}회",
      "어제 이 애플리케이션으로 형식이 틀린 토큰 요청이 있어 시간당 1회로 제한되었습니다.",
      "그 프로그램을 찾아 고치세요: 'commerce-auth lint'. 고치면 다음 날 풀립니다.",
    ],
    en: [
      "{limit} call an hour, {remaining} left",
      "A program of this application sent token requests of a wrong form yesterday: the penalty is one call an hour.",
      "Find and correct it: 'commerce-auth lint'. The penalty ends on the day after.",
    ],
  },
  "limits.quota": {
    topic: "limits",
    level: "ok",
    ko: ["{period} {limit}회, 남은 호출 {remaining}회", "할당량이 남아 있습니다."],
    en: ["{limit} calls per {period}, {remaining} left", "The quota is not used up."],
  },
  "limits.quota_used": {
    topic: "limits",
    level: "problem",
    ko: [
      "{period} {limit}회, 남은 호출 0회",
      "이 기간의 할당량을 모두 썼습니다.",
      "기간이 끝나면 다시 호출할 수 있습니다. 다른 프로그램의 호출도 함께 셉니다.",
    ],
    en: [
      "{limit} calls per {period}, none left",
      "The quota of this period is used up.",
      "Calls work again when the period ends. Other programs' calls count too.",
    ],
  },
} as const satisfies Readonly<Record<string, Verdict>>;
