import { hashSync } from "bcryptjs";
import type { Emulator, EmulatorOptions } from "./emulator.ts";
import { parseJson } from "./server/http-message.ts";
import { startEmulator } from "./start-emulator.ts";

/** 2026-11-15T03:33:20Z, 12:33:20 in Korea: a round number of seconds, far from both midnights. */
export const START = 1_794_713_600_000;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An emulator with a clock that is frozen at START. */
export function startFrozen(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({ clock: { startAt: START, frozen: true }, ...options });
}

/** The fields of the providers' bodies that the tests read. */
export interface ProviderBody {
  access_token: string;
  scope: string;
  expires_in: unknown;
  error: string;
  resultType: string;
  success: { items: unknown[] };
  code: string | number;
  message: string;
  response: { access_token: string; now: number; expired_at: number };
  invalidInputs: { name: string }[];
  traceId: string;
  accountId: string;
  smartstoreChannelProduct: { channelProductNo: number };
  data: unknown[];
}

/** The part of an answer that the tests read. */
export interface Seen<Body = ProviderBody> {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON, or the text itself if it is no JSON. */
  body: Body;
}

export async function seen<Body = ProviderBody>(answer: Promise<Response>): Promise<Seen<Body>> {
  const response = await answer;
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: (parseJson(text) ?? text) as Body };
}

/** Posts a form. Undefined parameters are left out. */
export function postForm(url: string, parameters: Record<string, string | undefined>, headers = {}): Promise<Seen> {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) form.append(name, value);
  return seen(fetch(url, { method: "POST", body: form, headers, redirect: "manual" }));
}

export function askToss({ toss }: Emulator, changes: Record<string, string | undefined> = {}): Promise<Seen> {
  return postForm(toss.tokenUrl, {
    grant_type: "client_credentials",
    client_id: toss.credentials.accessKey,
    client_secret: toss.credentials.secretKey,
    scope: "toss-shopping-fep:write",
    ...changes,
  });
}

/** The parameters of an on-form token request, signed for the emulator's present time. */
export function naverParameters(
  { naver, clock }: Emulator,
  changes: Record<string, string | undefined> = {},
): Record<string, string | undefined> {
  const clientId = changes["client_id"] ?? naver.credentials.clientId;
  const timestamp = changes["timestamp"] ?? String(Math.floor(clock.now()) - 1000);
  return {
    client_id: clientId,
    timestamp,
    client_secret_sign: changes["client_secret_sign"] ?? naverSign(clientId, timestamp, naver.credentials.clientSecret),
    grant_type: "client_credentials",
    type: "SELF",
    ...changes,
  };
}

export function naverSign(clientId: string, timestamp: string, clientSecret: string): string {
  return Buffer.from(hashSync(`${clientId}_${timestamp}`, clientSecret)).toString("base64");
}

export function askNaver(emulator: Emulator, changes: Record<string, string | undefined> = {}): Promise<Seen> {
  return postForm(emulator.naver.tokenUrl, naverParameters(emulator, changes));
}

export function askIamport({ iamport }: Emulator, changes: Record<string, unknown> = {}): Promise<Seen> {
  const { impKey, impSecret } = iamport.credentials;
  return postJson(iamport.tokenUrl, { imp_key: impKey, imp_secret: impSecret, ...changes });
}

export function postJson<Body = ProviderBody>(url: string, body: unknown, headers = {}): Promise<Seen<Body>> {
  const init = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  };
  return seen<Body>(fetch(url, init));
}

export function getWith(token: string, url: string, headers = {}): Promise<Seen> {
  return seen(fetch(url, { headers: { Authorization: `Bearer ${token}`, ...headers } }));
}

export function callToss({ toss }: Emulator, token: string): Promise<Seen> {
  return getWith(token, `${toss.apiBaseUrl}/${toss.credentials.solutionCode}/products/categories/children`);
}

export function callNaver({ naver }: Emulator, token: string): Promise<Seen> {
  return getWith(token, `${naver.apiBaseUrl}/v1/seller/account`);
}

export function callIamport({ iamport }: Emulator, token: string, headers = {}): Promise<Seen> {
  return getWith(token, `${iamport.apiBaseUrl}/payments/imp_448280090638`, headers);
}
