import type { IncomingHttpHeaders } from "node:http";
import type { Answer, ReceivedRequest } from "../server/http-message.ts";
import type { AcceptedCredentials } from "./accepted-credentials.ts";
import type { TokenLedger } from "./token-ledger.ts";

/** The names of the emulated providers. */
export const PROVIDERS = ["toss", "naver", "iamport"] as const;

/** The name of an emulated provider. */
export type Provider = (typeof PROVIDERS)[number];

/** The half of a provider that a request goes to. */
export type Side = "token" | "api";

/** A token endpoint, or all API routes, of one provider: `naver.token`. Each has its own faults and counters. */
export type Endpoint = `${Provider}.${Side}`;

export const ENDPOINTS: readonly Endpoint[] = PROVIDERS.flatMap((provider) => [
  endpointOf(provider, "token"),
  endpointOf(provider, "api"),
]);

export function endpointOf(provider: Provider, side: Side): Endpoint {
  return `${provider}.${side}`;
}

/** An error of the provider that a fault asks for. */
export interface ProviderProblem {
  code?: string | undefined;
  message?: string | undefined;
  status?: number | undefined;
}

/** One emulated provider: it answers complete requests by its rules. */
export interface ProviderEmulation {
  /** Its token endpoint's path. */
  readonly tokenPath: string;
  /** The beginning of all API paths. */
  readonly apiPath: string;
  /** All tokens that it issued. */
  readonly ledger: TokenLedger<unknown>;
  /** The credentials that it issues tokens for. */
  readonly accepted: Pick<AcceptedCredentials<object>, "rotate">;
  /** The access token of an API call. */
  accessToken(headers: IncomingHttpHeaders): string | undefined;
  token(request: ReceivedRequest): Answer | Promise<Answer>;
  /** `path` is the path after `apiPath`. */
  api(request: ReceivedRequest, path: string): Answer | Promise<Answer>;
  /** In words, how a token request differs from a form that the provider enforces by a penalty. */
  offForm(request: ReceivedRequest): readonly string[];
  /** An error in the provider's own format. */
  problem(side: Side, problem: ProviderProblem): Answer;
  /** An HTTP 200 with an error in the body, and no token. */
  tokenless(): Answer;
  /** The token answer with another lifetime. `undefined` removes the field. */
  withLifetime(tokenAnswer: Record<string, unknown>, lifetime: unknown): Record<string, unknown>;
  reset(): void;
}
