import { fork } from "node:child_process";
import { CLIENT_SECRET } from "./canary.ts";
import { endWithUs, messageFrom } from "./child-process.ts";
import type { Endpoint } from "./contenders/contender.ts";

/** How a space of the token server behaves. */
export interface Behaviour {
  kind: "ok" | "fail" | "hang" | "html" | "error-with-200" | "bad-credentials" | "limit-once";
  delayMs: number;
  lifetimeSeconds: number;
  /** How far the clock of who asks was set ahead, for the answers that hold a time of day. */
  clockOffsetMs: number;
  /** Whether the API refuses the first token that it sees. */
  refusesFirstToken: boolean;
}

/** What a space has counted. */
export interface SpaceState {
  tokenRequests: number;
  apiRequests: number;
  /** Epoch ms, with fractions. */
  readonly tokenRequestTimes: number[];
}

let spaces = 0;

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

/** A space that nobody has asked yet. */
export function newEndpoint(origin: string): Endpoint {
  const name = `${process.pid}-${++spaces}`;
  const baseUrl = `${origin}/${name}`;
  return {
    baseUrl,
    tokenUrl: `${baseUrl}/token`,
    apiUrl: `${baseUrl}/api`,
    clientId: `client-${name}`,
    clientSecret: CLIENT_SECRET,
  };
}

/** Says how a space is to behave from now on. */
export async function behave({ baseUrl }: Endpoint, behaviour: Partial<Behaviour>): Promise<void> {
  await (await nativeFetch(`${baseUrl}/_space`, { method: "POST", body: JSON.stringify(behaviour) })).text();
}

export async function stateOf({ baseUrl }: Endpoint): Promise<SpaceState> {
  return (await (await nativeFetch(`${baseUrl}/_space`)).json()) as SpaceState;
}

// Some contenders replace the global one.
const nativeFetch = globalThis.fetch;
