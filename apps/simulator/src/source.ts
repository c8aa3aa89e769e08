import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import {
  createTokenSource,
  exchangeToken,
  type IssueContext,
  readCredentials,
  retryAfterMs,
  type TokenSource,
} from "@x/token-cache-core/provider";
import { rateLimitRules } from "./gateway.ts";
import type { Plan } from "./plan.ts";
import { secretOf, TOKEN_URL } from "./provider.ts";
import type { Random } from "./random.ts";
import { type Rotation, type Secret, seenSecret } from "./rotation.ts";
import type { Weather } from "./weather.ts";
import type { Machine, World } from "./world.ts";

/** What a process makes its sources from. */
export interface SourceInit {
  readonly plan: Plan;
  readonly world: World;
  readonly machine: Machine;
  /** The machine's number. */
  readonly index: number;
  readonly random: Random;
  readonly weather: Weather;
  readonly fetch: typeof globalThis.fetch;
  readonly witness: SecretsWitness;
}

/** What the rules hear of the function that fetches the credentials. */
export interface SecretsWitness {
  fetching(identity: number): void;
  fetched(identity: number, secret: Secret | undefined, calledAt: number): void;
}

type Credentials = Record<"id" | "secret", string>;

const FIELDS = { id: { variable: "SIM_ID" }, secret: { variable: "SIM_SECRET" } };
const TIMEOUT_MS = 5_000;

/** Where a process gets an identity's tokens from. */
export function simulatedSource(init: SourceInit, identity: number): TokenSource {
  const { plan } = init;
  const credentials =
    plan.rotation === undefined
      ? fixed(identity, "old")
      : (_request: unknown) => fetchCredentials(init, plan.rotation as Rotation, identity);
  const options = { credentials, timeoutMs: TIMEOUT_MS, credentialsTtlMs: plan.rotation?.ttlMs };
  return createTokenSource({
    provider: "sim",
    tokenUrl: TOKEN_URL,
    policy: plan.regime.policy,
    rateLimit: plan.limits?.tokens && { rules: rateLimitRules(plan.limits), application: () => "sim" },
    credentials: readCredentials<keyof Credentials>("sim", options, FIELDS),
    identity: ({ id, secret }) => [id, secret],
    issue: async (context, credentials) => {
      const { status, headers, body, sentAt } = await send(init, credentials, context);
      if (status !== 200) throw failure(status, retryAfterMs(headers, init.world.now));
      const { access_token, expires_in } = body as { access_token: string; expires_in: number };
      // In a token's last second its remaining life is rounded down to nothing: a second later there is another one.
      if (expires_in === 0) throw failure(status, 1_000);
      return { value: access_token, lifetimeMs: expires_in * 1_000, sentAt };
    },
  });
}

/** The keys of an identity's tokens, by each of its secrets. */
export function keysOf({ regime, rotation }: Plan, identity: number): string[] {
  const secrets: readonly Secret[] = rotation === undefined ? ["old"] : ["old", "new"];
  const issue = () => Promise.reject(new Error("It is here for its key alone."));
  return secrets.map((secret) => {
    const { id, secret: text } = fixed(identity, secret);
    return createTokenSource({
      provider: "sim",
      tokenUrl: TOKEN_URL,
      policy: regime.policy,
      identity: () => [id, text],
      issue,
    }).key;
  });
}

function fixed(identity: number, secret: Secret): Credentials {
  return { id: String(identity), secret: secretOf(identity, secret) };
}

/** What a secret manager answers. The secret is read when the request arrives. */
function fetchCredentials(
  { world, machine, index, random, weather, witness }: SourceInit,
  rotation: Rotation,
  identity: number,
): Promise<Credentials> {
  const calledAt = world.now;
  witness.fetching(identity);
  return new Promise((resolve, reject) => {
    if (weather.strikes("secrets hang")) return;
    const slowMs = rotation.answersWithinMs + (weather.strikes("secrets slow")?.ms ?? 0);
    const isFailing = weather.strikes("secrets fail") !== undefined;
    world.after((random.share() * slowMs) / 2, () => {
      const secret = seenSecret(rotation, index, world.now);
      machine.after((random.share() * slowMs) / 2, () => {
        witness.fetched(identity, isFailing ? undefined : secret, calledAt);
        if (isFailing) reject(new Error("The secret manager is down."));
        else resolve(fixed(identity, secret));
      });
    });
  });
}

async function send(
  { plan, machine, fetch }: SourceInit,
  { id, secret }: Credentials,
  context: IssueContext,
): Promise<Pick<Awaited<ReturnType<typeof exchangeToken>>, "status" | "headers" | "body" | "sentAt">> {
  const body = new URLSearchParams({ client_id: id, client_secret: secret });
  if (plan.exchanges) {
    const exchange = { provider: "sim", tokenUrl: TOKEN_URL, request: { body }, fetch, timeoutMs: TIMEOUT_MS };
    return exchangeToken(exchange, context);
  }
  const sentAt = { wall: machine.wall(), monotonic: machine.monotonic() };
  const response = await fetch(TOKEN_URL.href, { method: "POST", body, signal: context.signal }).catch(() => {
    throw new TokenError("network", { message: "No connection.", provider: "sim" });
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown, sentAt };
}

function failure(status: number, waitMs: number | undefined): TokenError {
  const codes: Record<number, TokenErrorCode> = { 401: "invalid_credentials", 429: "rate_limited" };
  const code = codes[status] ?? "provider_unavailable";
  return new TokenError(code, {
    message: `HTTP ${status}`,
    provider: "sim",
    providerStatus: status,
    retryAfterMs: waitMs,
  });
}
