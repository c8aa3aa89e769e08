import type { Answer, ReceivedRequest } from "../server/http-message.ts";
import type { TokenLedger } from "./token-ledger.ts";

/** The three emulated providers. */
export const PROVIDERS = ["toss", "naver", "iamport"] as const;

/** One of the three emulated providers. */
export type Provider = (typeof PROVIDERS)[number];

/** The token endpoint and the API of each provider: what faults and counters are kept for. */
export const ENDPOINTS = [
  "toss.token",
  "toss.api",
  "naver.token",
  "naver.api",
  "iamport.token",
  "iamport.api",
] as const;

/** A token endpoint, or all API routes, of one provider. */
export type Endpoint = (typeof ENDPOINTS)[number];

/** Which half of a provider a request went to. */
export type Side = "token" | "api";

export function endpointOf(provider: Provider, side: Side): Endpoint {
  return `${provider}.${side}`;
}

/** An error the provider itself would answer with, asked for by a fault. */
export interface ProviderProblem {
  code?: string | undefined;
  message?: string | undefined;
  status?: number | undefined;
}

/** One emulated provider: its rules applied to requests that have arrived completely. */
export interface ProviderEmulation {
  /** Its token endpoint's path. */
  readonly tokenPath: string;
  /** What every API path begins with. */
  readonly apiPath: string;
  /** What is registered with it: the tokens, whoever holds them. */
  readonly ledger: TokenLedger<unknown>;
  token(request: ReceivedRequest): Answer | Promise<Answer>;
  api(request: ReceivedRequest, path: string): Answer;
  /** Departures of a token request from a form the provider enforces by a penalty, in words. */
  offForm(request: ReceivedRequest): readonly string[];
  /** The provider's own form of an error. */
  problem(side: Side, problem: ProviderProblem): Answer;
  /** A 200 that holds an error, no token. */
  tokenless(): Answer;
  /** The token answer with another lifetime in it; `undefined` leaves the field out. */
  withLifetime(tokenAnswer: Record<string, unknown>, lifetime: unknown): Record<string, unknown>;
  reset(): void;
}
