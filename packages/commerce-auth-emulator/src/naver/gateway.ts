import { randomBytes } from "node:crypto";
import { type Answer, jsonAnswer, withHeaders } from "../server/http-message.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import { koreanTimestamp } from "./korean-time.ts";
import type { CheckedNaverRules } from "./options.ts";
import { type Admission, type CountedCall, NaverRateLimits, quotaHeaders } from "./rate-limits.ts";

/** One wrong parameter, in the format of the token endpoint's errors. */
export interface InvalidInput {
  name: string;
  type: string;
  message: string;
}

interface GatewayError {
  status: number;
  message: string;
}

/** The gateway's documented codes. Only the message of GW.QUOTA_LIMIT is documented; the others follow its style. */
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

/** The gateway in front of the Naver Commerce API: trace ids, error bodies and limits. */
export class NaverGateway {
  readonly #clock: VirtualClock;
  readonly #limits: NaverRateLimits;

  constructor(rules: CheckedNaverRules, clock: VirtualClock) {
    this.#clock = clock;
    this.#limits = new NaverRateLimits(rules, clock);
  }

  /** An answer with a trace id: every answer through the gateway has one. */
  traced(status: number, body: object, headers: Record<string, string> = {}, traceId = this.#traceId()): Answer {
    return jsonAnswer(status, body, { "GNCP-GW-Trace-ID": traceId, ...headers });
  }

  /** A gateway error with its documented body. The status of an unknown code is `status`, or 500. */
  error(code: string, message?: string, status?: number): Answer {
    const known = GATEWAY_ERRORS[code];
    const traceId = this.#traceId();
    const body = { code, message: message ?? known?.message ?? code, timestamp: this.timestamp(), traceId };
    const headers = code === "GW.QUOTA_LIMIT" ? quotaHeaders() : {};
    return this.traced(status ?? known?.status ?? 500, body, headers, traceId);
  }

  /** An error of the token endpoint, or of a route's body, that lists the wrong parameters. */
  invalidInputs(status: 400 | 403, invalidInputs: readonly InvalidInput[]): Answer {
    const code = status === 400 ? "BAD_REQUEST" : "FORBIDDEN";
    return this.serviceError(status, code, invalidInputs[0]?.message, invalidInputs);
  }

  /** An error of the service behind the gateway, in its documented format. No list of its codes is published. */
  serviceError(status: number, code: string, message = code, invalidInputs: readonly InvalidInput[] = []): Answer {
    return this.traced(status, { code, message, timestamp: this.timestamp(), invalidInputs, data: null });
  }

  /** Notes a token request off the enforced form. */
  noteOffForm(clientId: string): void {
    this.#limits.penalty.note(clientId);
  }

  /** Counts an API call. Returns its answer, or the refusal if a limit is used up; both with the limits' headers. */
  async limitCall(call: CountedCall, answer: () => Answer | Promise<Answer>): Promise<Answer> {
    const admission = this.#limits.admitCall(call);
    return this.#refusal(admission) ?? withHeaders(await answer(), admission.headers);
  }

  /** The same for a token request. */
  async limitTokenRequest(clientId: string, answer: () => Answer | Promise<Answer>): Promise<Answer> {
    const admission = this.#limits.admitTokenRequest(clientId);
    return this.#refusal(admission) ?? withHeaders(await answer(), admission.headers);
  }

  timestamp(): string {
    return koreanTimestamp(this.#clock.now());
  }

  reset(): void {
    this.#limits.clear();
  }

  #refusal({ refusedBy, headers }: Admission): Answer | undefined {
    if (refusedBy === undefined) return undefined;
    const error = this.error(refusedBy === "quota" ? "GW.QUOTA_LIMIT" : "GW.RATE_LIMIT");
    return { ...withHeaders(error, headers), limitedBy: refusedBy };
  }

  #traceId(): string {
    return `emulator-${randomBytes(6).toString("hex")}^${Math.floor(this.#clock.now())}`;
  }
}
