import { randomBytes } from "node:crypto";
import { FixedWindows, TokenBuckets } from "../provider/rate-limits.ts";
import { type Answer, jsonAnswer, withHeaders } from "../server/http-message.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import type { CheckedNaverRules } from "./rules.ts";

/** One wrong parameter, in the token endpoint's form of an error. */
export interface InvalidInput {
  name: string;
  type: string;
  message: string;
}

interface GatewayError {
  status: number;
  message: string;
}

/** The gateway's documented codes. The message of GW.QUOTA_LIMIT is the documented one, the others are in its manner. */
const GATEWAY_ERRORS: Readonly<Record<string, GatewayError>> = {
  "GW.AUTHN": { status: 401, message: "요청을 보낼 권한이 없습니다." },
  "GW.AUTHZ": { status: 403, message: "요청한 리소스에 대한 권한이 없습니다." },
  "GW.IP_NOT_ALLOWED": { status: 403, message: "호출이 허용되지 않은 IP입니다." },
  "GW.NOT_FOUND": { status: 404, message: "요청한 리소스를 찾을 수 없습니다." },
  "GW.RATE_LIMIT": { status: 429, message: "요청이 많아 서비스를 일시적으로 사용할 수 없습니다." },
  "GW.QUOTA_LIMIT": { status: 429, message: "할당된 시간당 요청량을 초과하였습니다." },
  "GW.PROXY.01": { status: 500, message: "게이트웨이 내부 오류가 발생하였습니다." },
  "GW.PROXY.02": { status: 500, message: "게이트웨이 내부 오류가 발생하였습니다." },
  "GW.PROXY.03": { status: 500, message: "게이트웨이 내부 오류가 발생하였습니다." },
  "GW.PROXY.04": { status: 500, message: "게이트웨이 내부 오류가 발생하였습니다." },
  "GW.PROXY.05": { status: 500, message: "게이트웨이 내부 오류가 발생하였습니다." },
  "GW.INTERNAL_SERVER_ERROR": { status: 500, message: "서버 내부 오류가 발생하였습니다." },
  "GW.BLOCK.01": { status: 503, message: "서비스가 일시적으로 차단되었습니다." },
  "GW.BLOCK.02": { status: 503, message: "서비스 점검 중입니다." },
  "GW.TIMEOUT.01": { status: 504, message: "응답 시간이 초과되었습니다." },
  "GW.TIMEOUT.02": { status: 504, message: "응답 시간이 초과되었습니다." },
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KOREA_OFFSET_MS = 9 * HOUR_MS;

/** One call an hour is what an application is left with after an off-form token request. */
const QUOTA_HEADERS = {
  "gncp-gw-quota-period": "HOURS",
  "gncp-gw-quota-limit": "1",
  "gncp-gw-quota-remaining": "0",
};

/** Reported where no limit was asked for; no test comes near it. */
const UNLIMITED = { replenishRate: 1_000_000, burstCapacity: 1_000_000 };

/** The gateway before the Naver Commerce API: trace ids, error bodies, rate limits and the off-form penalty. */
export class NaverGateway {
  readonly #rules: CheckedNaverRules;
  readonly #clock: VirtualClock;
  readonly #buckets = new TokenBuckets();
  readonly #hours = new FixedWindows();
  /** Client id → the moment (epoch ms) from which it has one API call an hour. */
  readonly #penalties = new Map<string, number>();

  constructor(rules: CheckedNaverRules, clock: VirtualClock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Any answer that passes the gateway carries a trace id. */
  traced(status: number, body: object, headers: Record<string, string> = {}, traceId = this.#traceId()): Answer {
    return jsonAnswer(status, body, { "GNCP-GW-Trace-ID": traceId, ...headers });
  }

  /** A gateway error with its documented body. An unknown code answers `status`, or 500. */
  error(code: string, message?: string, status?: number): Answer {
    const known = GATEWAY_ERRORS[code];
    const traceId = this.#traceId();
    const body = { code, message: message ?? known?.message ?? code, timestamp: this.timestamp(), traceId };
    const headers = code === "GW.QUOTA_LIMIT" ? QUOTA_HEADERS : {};
    return this.traced(status ?? known?.status ?? 500, body, headers, traceId);
  }

  /** A refusal of the token endpoint (or of a route's body), with the parameters found wrong. */
  invalidInputs(status: 400 | 403, invalidInputs: readonly InvalidInput[]): Answer {
    const code = status === 400 ? "BAD_REQUEST" : "FORBIDDEN";
    return this.ownError(status, code, invalidInputs[0]?.message, invalidInputs);
  }

  /** An error of the service behind the gateway, in its documented form; its codes are not listed anywhere. */
  ownError(status: number, code: string, message = code, invalidInputs: readonly InvalidInput[] = []): Answer {
    return this.traced(status, { code, message, timestamp: this.timestamp(), invalidInputs, data: null });
  }

  /** The application sent an off-form token request: its quota shrinks from the next Korean midnight, or at once. */
  punish(clientId: string): void {
    const { offFormPenalty } = this.#rules;
    if (offFormPenalty === "off" || this.#penalties.has(clientId)) return;
    const now = this.#clock.now();
    const nextMidnight = Math.floor((now + KOREA_OFFSET_MS) / DAY_MS + 1) * DAY_MS - KOREA_OFFSET_MS;
    this.#penalties.set(clientId, offFormPenalty === "at-once" ? now : nextMidnight);
  }

  /** Counts an API call against the application's limits: the answer to give, with the headers, or the refusal. */
  limit(clientId: string, answer: () => Answer): Answer {
    const now = this.#clock.now();
    const rate = this.#rules.apiLimit ?? UNLIMITED;
    const left = this.#buckets.take(clientId, now, rate);
    const rateHeaders = {
      "GNCP-GW-RateLimit-Replenish-Rate": String(rate.replenishRate),
      "GNCP-GW-RateLimit-Burst-Capacity": String(rate.burstCapacity),
      "GNCP-GW-RateLimit-Remaining": String(Math.max(0, left)),
    };
    if (left < 0) return withHeaders(this.error("GW.RATE_LIMIT"), rateHeaders);
    const penaltyFrom = this.#penalties.get(clientId);
    if (penaltyFrom === undefined || now < penaltyFrom) return withHeaders(answer(), rateHeaders);
    if (this.#hours.count(clientId, now, HOUR_MS) > 1) {
      return withHeaders(this.error("GW.QUOTA_LIMIT"), rateHeaders);
    }
    return withHeaders(answer(), { ...rateHeaders, ...QUOTA_HEADERS });
  }

  /** Korean local time with its offset, as the error bodies show it. */
  timestamp(): string {
    return new Date(this.#clock.now() + KOREA_OFFSET_MS).toISOString().replace("Z", "+09:00");
  }

  reset(): void {
    this.#buckets.clear();
    this.#hours.clear();
    this.#penalties.clear();
  }

  #traceId(): string {
    return `emulator-${randomBytes(6).toString("hex")}^${Math.floor(this.#clock.now())}`;
  }
}
