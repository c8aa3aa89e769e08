import type { Verdict } from "../verdict.ts";

/** Why the token endpoint issues no token. */
export const tokenRefusalVerdicts = {
  "address.not_allowed": {
    topic: "address",
    level: "problem",
    page: "addresses",
    ko: [
      "HTTP {status} {code}",
      "이 서버의 공인 IP가 제공사의 허용 목록에 없습니다.",
      "서버에서 'curl -4 https://checkip.amazonaws.com'으로 공인 IP를 확인해 등록하세요. 네이버는 3개까지 등록할 수 있습니다.",
    ],
    en: [
      "HTTP {status} {code}",
      "This server's public address is not on the provider's list.",
      "Find it with 'curl -4 https://checkip.amazonaws.com' on this server, and add it. Naver takes up to 3.",
    ],
  },
  "address.not_allowed_known": {
    topic: "address",
    level: "problem",
    page: "addresses",
    ko: [
      "HTTP {status} {code}, 제공사가 본 주소: {address}",
      "이 서버의 공인 IP가 제공사의 허용 목록에 없습니다: {address}.",
      "{address} 주소를 허용 목록에 등록하세요.",
    ],
    en: [
      "HTTP {status} {code}, the provider saw {address}",
      "This server's address {address} is not on the provider's list.",
      "Add {address} to the list.",
    ],
  },
  "token.bad_signature": {
    topic: "token",
    level: "problem",
    page: "keys",
    ko: [
      "HTTP {status}, 거절된 항목: {parameter}",
      "시크릿이 이 애플리케이션의 것이 아니거나 재발급되어 바뀌었습니다.",
      "애플리케이션 ID와 시크릿을 함께 다시 복사하세요. 휴면에서 풀린 애플리케이션은 시크릿이 바뀝니다.",
    ],
    en: [
      "HTTP {status}, rejected: {parameter}",
      "The secret is not this application's, or was reissued since.",
      "Copy id and secret again, both. Waking a dormant application changes its secret.",
    ],
  },
  "token.bad_credentials": {
    topic: "token",
    level: "problem",
    page: "keys",
    ko: [
      "HTTP {status} {code}",
      "제공사가 키와 시크릿을 인정하지 않습니다.",
      "둘 다 다시 복사하고, 운영 키와 테스트 키가 섞이지 않았는지 확인하세요.",
    ],
    en: [
      "HTTP {status} {code}",
      "The provider does not accept the key and the secret.",
      "Copy both again, and check that live and test keys are not mixed.",
    ],
  },
  "token.unknown_account": {
    topic: "token",
    level: "problem",
    page: "sellers",
    ko: [
      "HTTP {status}, 거절된 항목: account_id",
      "이 판매자 ID가 틀렸거나, 판매자가 이 애플리케이션의 사용에 동의하지 않았습니다.",
      "판매자 ID(또는 UID)와 판매자의 동의 상태를 확인하세요.",
    ],
    en: [
      "HTTP {status}, rejected: account_id",
      "The seller id is wrong, or the seller has not given this application consent.",
      "Check the seller's id (or UID), and the seller's consent.",
    ],
  },
  "token.wrong_type": {
    topic: "token",
    level: "problem",
    page: "permissions",
    ko: [
      "HTTP {status}, 거절된 항목: type",
      "이 애플리케이션은 이 유형(SELF 또는 SELLER)의 토큰을 받을 수 없습니다.",
      "내 스토어 애플리케이션은 SELF를, 솔루션 애플리케이션은 SELLER와 판매자 ID를 쓰세요.",
    ],
    en: [
      "HTTP {status}, rejected: type",
      "This application may not have tokens of this type (SELF or SELLER).",
      "An application of one's own store uses SELF, a solution SELLER and the seller's id.",
    ],
  },
  "token.clock_refused": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status}, 거절된 항목: timestamp",
      "서명한 시각이 네이버의 시각과 맞지 않아 거절되었습니다.",
      "NTP로 이 서버의 시각을 맞추세요(timedatectl set-ntp true).",
    ],
    en: [
      "HTTP {status}, rejected: timestamp",
      "Naver rejects the signed time: this machine's clock is wrong.",
      "Synchronize this machine's clock by NTP (timedatectl set-ntp true).",
    ],
  },
  "token.not_permitted": {
    topic: "token",
    level: "problem",
    page: "permissions",
    ko: [
      "HTTP {status} {code}",
      "키는 맞지만 토큰을 받을 권한이 없거나, 허용되지 않은 IP에서 요청했습니다.",
      "계약과 사용 신청 상태, 등록된 서버 IP를 제공사에 확인하세요.",
    ],
    en: [
      "HTTP {status} {code}",
      "The keys are right, but may not have a token, or the address is not allowed.",
      "Ask the provider about contract, activation and the registered addresses.",
    ],
  },
  "token.wrong_scope": {
    topic: "token",
    level: "problem",
    page: "permissions",
    ko: [
      "HTTP {status} invalid_scope",
      "이 키로는 toss-shopping-fep:write 권한을 받을 수 없습니다.",
      "토스쇼핑용으로 발급된 키인지 확인하세요. 같은 서버가 토스의 다른 상품도 인증합니다.",
    ],
    en: [
      "HTTP {status} invalid_scope",
      "These keys are not allowed the scope toss-shopping-fep:write.",
      "Check that the keys are for Toss Shopping: the same host serves other Toss products.",
    ],
  },
  "token.rate_limited": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status} {code}",
      "토큰을 너무 자주 요청하고 있습니다. 어떤 프로그램이 토큰을 캐시하지 않습니다.",
      "잠시 뒤에 다시 실행하세요. 이 키를 쓰는 모든 프로그램이 토큰을 나눠 쓰게 하세요.",
    ],
    en: [
      "HTTP {status} {code}",
      "Too many token requests: some program does not cache its token.",
      "Try again later. Let all programs with these keys share one token.",
    ],
  },
  "token.quota": {
    topic: "token",
    level: "problem",
    page: "support",
    ko: [
      "HTTP {status} GW.QUOTA_LIMIT",
      "시간당 요청량을 모두 썼습니다. 형식이 틀린 토큰 요청 때문에 받은 제한일 수 있습니다.",
      "이 애플리케이션을 쓰는 다른 프로그램의 토큰 요청을 'commerce-auth lint'로 검사하세요.",
    ],
    en: [
      "HTTP {status} GW.QUOTA_LIMIT",
      "The hourly quota is used up. This may be the penalty for token requests of a wrong form.",
      "Check other programs' token requests with 'commerce-auth lint'.",
    ],
  },
  "token.unavailable": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status} {code}",
      "제공사의 토큰 서버에 장애가 있습니다. 이쪽 설정의 문제가 아닙니다.",
      "잠시 뒤에 다시 실행하고, 제공사의 장애 공지를 확인하세요.",
    ],
    en: [
      "HTTP {status} {code}",
      "The provider's token server has an outage. Your settings are not the cause.",
      "Try again later, and look at the provider's notices.",
    ],
  },
  "token.maintenance": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status} GW.BLOCK.02",
      "네이버가 점검 중입니다.",
      "커머스API센터의 점검 공지를 확인하고, 끝난 뒤에 다시 실행하세요.",
    ],
    en: [
      "HTTP {status} GW.BLOCK.02",
      "Naver is under maintenance.",
      "Look at the notices of the Commerce API center, and try again afterwards.",
    ],
  },
  "token.html": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status}, JSON이 아니라 HTML",
      "제공사가 아니라 중간의 프록시나 차단 페이지가 응답했습니다.",
      "프록시와 보안 장비를 확인하고, 토큰 URL이 맞는지 보세요: {url}",
    ],
    en: [
      "HTTP {status}, HTML instead of JSON",
      "A proxy or a block page answered in place of the provider.",
      "Check proxies and security appliances, and the token URL: {url}",
    ],
  },
  "token.none": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status}, 응답에 토큰이 없음",
      "제공사의 응답이 문서와 다릅니다.",
      "토큰 URL을 확인하고({url}), 계속되면 제공사에 문의하세요.",
    ],
    en: [
      "HTTP {status}, no token in the answer",
      "The provider's answer is not the documented one.",
      "Check the token URL ({url}). If it stays, ask the provider.",
    ],
  },
  "token.redirected": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status}, 다른 주소로 보내려 함",
      "토큰 URL이 다른 주소로 리디렉션됩니다. 시크릿은 따라가지 않았습니다.",
      "토큰 URL을 확인하세요: {url}. 사내 로그인 페이지로 보내는 프록시일 수도 있습니다.",
    ],
    en: [
      "HTTP {status}, a redirect",
      "The token URL redirects elsewhere. The secret did not follow.",
      "Check the token URL: {url}. It may also be a proxy's login page.",
    ],
  },
  "token.not_found": {
    topic: "token",
    level: "problem",
    ko: ["HTTP {status}", "이 URL에는 토큰 서버가 없습니다.", "토큰 URL을 확인하세요: {url}"],
    en: ["HTTP {status}", "There is no token endpoint at this URL.", "Check the token URL: {url}"],
  },
  "token.malformed": {
    topic: "token",
    level: "problem",
    ko: [
      "HTTP {status} {code}",
      "제공사가 토큰 요청의 값을 받아들이지 않습니다.",
      "ID와 시크릿에 다른 값이 들어가지 않았는지 확인하세요.",
    ],
    en: [
      "HTTP {status} {code}",
      "The provider does not accept the values of the token request.",
      "Check that id and secret hold the right values.",
    ],
  },
  "token.bad_option": {
    topic: "token",
    level: "problem",
    ko: ["{message}", "설정값이 올바르지 않아 요청을 보내지 않았습니다.", "위의 값을 고치세요."],
    en: ["{message}", "A setting is wrong, so no request was sent.", "Correct the setting above."],
  },
} as const satisfies Readonly<Record<string, Verdict>>;
