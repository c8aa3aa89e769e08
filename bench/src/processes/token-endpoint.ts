import { fork } from "node:child_process";
import type { Endpoint } from "../clients/token-client.ts";
import { endWithUs, messageFrom } from "./child-process.ts";

/** How a space of the token server behaves. */
export interface Behaviour {
  kind: "ok" | "fail" | "hang" | "html" | "error-with-200" | "bad-credentials" | "limit-once";
  delayMs: number;
  lifetimeSeconds: number;
  /** How far the client's clocks were moved ahead. Applies to responses that contain a time of day. */
  clockOffsetMs: number;
  /** Whether the API refuses the first token that it receives. */
  refusesFirstToken: boolean;
}

/** What a space counted. */
export interface SpaceState {
  tokenRequests: number;
  apiRequests: number;
  /** Epoch ms, with fractions. */
  readonly tokenRequestTimes: number[];
}

/** The running token server. */
export interface TokenServer {
  readonly origin: string;
  stop(): void;
}

export async function startTokenServer(): Promise<TokenServer> {
  const child = fork(new URL("token-server.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const stop = endWithUs(child);
  const { port } = await messageFrom<{ port: number }>(child);
  return { origin: `http://127.0.0.1:${port}`, stop };
}

let spaces = 0;

/** An endpoint in a new space, without any requests so far. */
export function newEndpoint(origin: string): Endpoint {
  const name = `${process.pid}-${++spaces}`;
  const baseUrl = `${origin}/${name}`;
  return {
    baseUrl,
    tokenUrl: `${baseUrl}/token`,
    apiUrl: `${baseUrl}/api`,
    clientId: `client-${name}`,
    clientSecret: "canary-secret-4f1d9c",
  };
}

/** Sets the space's behaviour from now on. */
export async function behave({ baseUrl }: Endpoint, behaviour: Partial<Behaviour>): Promise<void> {
  await (await nativeFetch(`${baseUrl}/_space`, { method: "POST", body: JSON.stringify(behaviour) })).text();
}

export async function stateOf({ baseUrl }: Endpoint): Promise<SpaceState> {
  return (await (await nativeFetch(`${baseUrl}/_space`)).json()) as SpaceState;
}

// Some contenders replace the global `fetch`.
const nativeFetch = globalThis.fetch;
