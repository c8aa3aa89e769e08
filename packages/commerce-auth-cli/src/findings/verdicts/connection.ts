import type { Verdict } from "../verdict.ts";

/** The way to the provider, and its clock. */
export const connectionVerdicts = {
  "proxy.unused": {
    topic: "proxy",
    level: "warning",
    ko: [
      "{variable}={proxy}, 하지만 Node는 쓰지 않음",
      "Node의 fetch는 프록시 환경 변수를 무시하므로, 요청이 프록시를 거치지 않고 다른 IP로 나갑니다.",
      "NODE_USE_ENV_PROXY=1을 설정하거나(Node 22.21, 24 이상) 프록시를 쓰는 fetch를 옵션으로 넘기세요.",
    ],
    en: [
      "{variable}={proxy}, but Node does not use it",
      "Node's fetch ignores the proxy variables, so requests leave past the proxy, from another address.",
      "Set NODE_USE_ENV_PROXY=1 (Node 22.21, 24 or later), or pass a fetch that uses the proxy.",
    ],
  },
  "proxy.used": {
    topic: "proxy",
    level: "note",
    ko: [
      "{variable}={proxy}, NODE_USE_ENV_PROXY",
      "요청이 이 프록시를 거칩니다. 제공사의 허용 목록에는 프록시의 IP가 있어야 합니다.",
    ],
    en: [
      "{variable}={proxy}, NODE_USE_ENV_PROXY",
      "Requests go through this proxy. The provider's list has to contain the proxy's address.",
    ],
  },
  "network.ok": {
    topic: "network",
    level: "ok",
    ko: ["{host} → {address}, {ms} ms", "연결됩니다."],
    en: ["{host} → {address}, {ms} ms", "The connection works."],
  },
  "network.dns": {
    topic: "network",
    level: "problem",
    ko: [
      "{host}: 이름을 찾을 수 없음 ({code})",
      "DNS가 호스트 이름을 풀지 못합니다.",
      "DNS 서버, 방화벽의 53번 포트, 컨테이너의 네트워크 설정을 확인하세요.",
    ],
    en: [
      "{host}: the name is unknown ({code})",
      "DNS does not resolve the host's name.",
      "Check the DNS server, port 53 in the firewall, and the container's network.",
    ],
  },
  "network.refused": {
    topic: "network",
    level: "problem",
    ko: [
      "{host}: 연결이 거절됨 ({code})",
      "그 주소에서 아무도 연결을 받지 않습니다.",
      "URL과 포트, 방화벽 설정을 확인하세요.",
    ],
    en: [
      "{host}: connection refused ({code})",
      "Nothing accepts connections at that address.",
      "Check the URL, the port and the firewall.",
    ],
  },
  "network.unreachable": {
    topic: "network",
    level: "problem",
    ko: [
      "{host}: 갈 수 있는 경로가 없음 ({code})",
      "이 서버에서 그 주소로 나가는 길이 없습니다.",
      "인터넷 게이트웨이와 라우팅을 확인하세요. 네이버는 IPv6를 지원하지 않으므로 IPv4가 필요합니다.",
    ],
    en: [
      "{host}: no route ({code})",
      "This server has no way out to that address.",
      "Check gateway and routes. Naver has no working IPv6: the server needs IPv4.",
    ],
  },
  "network.timeout": {
    topic: "network",
    level: "problem",
    ko: [
      "{host}: {seconds}초 안에 응답이 없음",
      "방화벽이 나가는 연결을 조용히 버리거나, 서버가 응답하지 않습니다.",
      "방화벽에서 나가는 443 포트를 열어 주세요. 열려 있다면 잠시 뒤에 다시 실행하세요.",
    ],
    en: [
      "{host}: no answer within {seconds} s",
      "A firewall drops outgoing connections, or the server does not answer.",
      "Open the outgoing port 443. If it is open, try again later.",
    ],
  },
  "network.reset": {
    topic: "network",
    level: "problem",
    ko: [
      "{host}: 연결이 도중에 끊김 ({code})",
      "방화벽, 프록시 또는 서버가 연결을 끊었습니다.",
      "다시 실행해 보고, 계속되면 중간 장비(방화벽, 프록시)를 확인하세요.",
    ],
    en: [
      "{host}: the connection was closed ({code})",
      "A firewall, a proxy or the server closed the connection.",
      "Try again. If it stays, check what is in between: firewall, proxy.",
    ],
  },
  "network.certificate": {
    topic: "network",
    level: "problem",
    ko: [
      "{host}: 인증서를 믿을 수 없음 ({code})",
      "보안 장비가 TLS를 가로채고 있거나, 서버에 루트 인증서가 없습니다.",
      "회사의 루트 인증서를 NODE_EXTRA_CA_CERTS로 지정하세요. 검증을 끄지 마세요.",
    ],
    en: [
      "{host}: the certificate is not trusted ({code})",
      "A security appliance intercepts TLS, or the root certificates are missing.",
      "Name the company's root certificate in NODE_EXTRA_CA_CERTS. Do not switch the check off.",
    ],
  },
  "network.not_tls": {
    topic: "network",
    level: "problem",
    ko: [
      "{host}: TLS가 아닌 응답 ({code})",
      "HTTPS 포트에서 TLS가 아닌 것이 응답합니다.",
      "URL의 https와 포트를 확인하고, 가로채는 프록시가 없는지 보세요.",
    ],
    en: [
      "{host}: an answer that is not TLS ({code})",
      "Something answers at the HTTPS port without TLS.",
      "Check https and the port in the URL, and whether a proxy intercepts.",
    ],
  },
  "clock.ok": {
    topic: "clock",
    level: "ok",
    ko: ["차이 {offset}", "제공사 서버와 시각이 맞습니다."],
    en: ["differs by {offset}", "This machine's clock is right."],
  },
  "clock.ahead": {
    topic: "clock",
    level: "warning",
    ko: [
      "이 서버가 {offset} 빠름",
      "이 서버의 시각이 제공사보다 앞서 있습니다. 네이버는 미래 시각의 서명을 거절합니다.",
      "NTP로 시각을 맞추세요(timedatectl set-ntp true). 이 패키지는 차이를 스스로 보정하지만, 다른 프로그램은 실패합니다.",
    ],
    en: [
      "this machine is {offset} ahead",
      "This machine's clock is ahead of the provider's. Naver rejects signatures from the future.",
      "Synchronize it by NTP (timedatectl set-ntp true). These packages correct the difference, other programs fail.",
    ],
  },
  "clock.behind": {
    topic: "clock",
    level: "warning",
    ko: [
      "이 서버가 {offset} 느림",
      "이 서버의 시각이 뒤처져 있습니다. 5분을 넘으면 네이버가 서명을 만료로 거절합니다.",
      "NTP로 시각을 맞추세요(timedatectl set-ntp true). 이 패키지는 차이를 스스로 보정하지만, 다른 프로그램은 실패합니다.",
    ],
    en: [
      "this machine is {offset} behind",
      "This machine's clock is behind. Naver rejects signatures that are older than 5 minutes.",
      "Synchronize it by NTP (timedatectl set-ntp true). These packages correct the difference, other programs fail.",
    ],
  },
  "clock.unknown": {
    topic: "clock",
    level: "note",
    ko: [
      "응답에 Date 헤더가 없음",
      "제공사의 시각을 알 수 없어 비교하지 못했습니다. 중간 프록시가 헤더를 지웠을 수 있습니다.",
    ],
    en: ["no Date header in the answer", "The provider's time is unknown. A proxy in between may remove the header."],
  },
  "clock.cached": {
    topic: "clock",
    level: "warning",
    ko: [
      "응답에 Age: {age} 헤더가 있음",
      "중간 캐시가 예전 응답을 돌려주고 있습니다. 토큰 응답은 캐시되면 안 됩니다.",
      "프록시나 CDN에서 이 호스트의 캐시를 끄세요.",
    ],
    en: [
      "the answer has the header Age: {age}",
      "A cache in between sends old answers. Token answers must not be cached.",
      "Switch off caching for this host in the proxy or CDN.",
    ],
  },
} as const satisfies Readonly<Record<string, Verdict>>;
