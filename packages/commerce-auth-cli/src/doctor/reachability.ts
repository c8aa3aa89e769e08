import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { failureCode } from "../answers/recorder.ts";
import { type Finding, finding } from "../findings/finding.ts";

/** A finding, and whether it makes sense to continue. */
export interface Reachability {
  readonly findings: readonly Finding[];
  readonly isReachable: boolean;
  /** This server's public address, if the connection came from one: otherwise a router translates it. */
  readonly publicAddress: string | undefined;
}

/** Proxy variables, then one connection to the token endpoint's host, TLS included. Nothing is sent. */
export async function reach(tokenUrl: string, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Reachability> {
  const url = new URL(tokenUrl);
  const proxy = proxyFinding(url, env);
  if (proxy?.verdict === "proxy.used") return { findings: [proxy], isReachable: true, publicAddress: undefined };
  const { network, publicAddress } = await connection(url, timeoutMs);
  const isReachable = network.verdict === "network.ok";
  return { findings: proxy === undefined ? [network] : [proxy, network], isReachable, publicAddress };
}

/** Node 22.21, 24.5 and later. */
const CAN_USE_PROXIES = process.allowedNodeEnvironmentFlags.has("--use-env-proxy");

/** Whether a proxy is configured for this URL, and whether Node's own `fetch` uses it. */
function proxyFinding(url: URL, env: NodeJS.ProcessEnv): Finding | undefined {
  const names = url.protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  const variable = [...names, "ALL_PROXY", "all_proxy"].find((name) => env[name]);
  if (variable === undefined || isExcepted(url.hostname, env["no_proxy"] ?? env["NO_PROXY"] ?? "")) return undefined;
  const values = { variable, proxy: withoutPassword(env[variable] ?? "") };
  const isAsked = env["NODE_USE_ENV_PROXY"] === "1" || /--use-env-proxy/.test(env["NODE_OPTIONS"] ?? "");
  const isUsed = isAsked && CAN_USE_PROXIES && !/^ALL_PROXY$/i.test(variable);
  return finding(isUsed ? "proxy.used" : "proxy.unused", values);
}

function isExcepted(host: string, list: string): boolean {
  const entries = list.split(",").map((entry) => entry.trim().replace(/^\*?\./, ""));
  return entries.some((entry) => entry === "*" || (entry !== "" && (host === entry || host.endsWith(`.${entry}`))));
}

function withoutPassword(proxy: string): string {
  if (!URL.canParse(proxy)) return "?";
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}

async function connection(url: URL, timeoutMs: number) {
  const { hostname: host } = url;
  const began = performance.now();
  try {
    const { remoteAddress, localAddress } = await connected(url, timeoutMs);
    const ms = Math.round(performance.now() - began);
    const network = finding("network.ok", { host, address: remoteAddress, ms });
    const isPublic = localAddress !== undefined && isPublicAddress(localAddress);
    return { network, publicAddress: isPublic ? localAddress : undefined };
  } catch (thrown) {
    return { network: networkFinding(host, failureCode(thrown), timeoutMs), publicAddress: undefined };
  }
}

interface Ends {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
}

function connected(url: URL, timeoutMs: number): Promise<Ends> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isTls = url.protocol === "https:";
  const port = Number(url.port) || (isTls ? 443 : 80);
  return new Promise((resolve, reject) => {
    const socket = isTls
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connectTcp({ host, port });
    const timer = setTimeout(() => reject(Object.assign(new Error(), { code: "TIMEOUT" })), timeoutMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
      socket.destroy();
    };
    socket.once(isTls ? "secureConnect" : "connect", () => {
      const { remoteAddress, localAddress } = socket;
      end(() => resolve({ remoteAddress, localAddress }));
    });
    socket.on("error", (error) => end(() => reject(error)));
    socket.once("close", () => end(() => reject(Object.assign(new Error(), { code: "ECONNRESET" }))));
  });
}

/** What a failed connection means, by the code of the system, of OpenSSL or of undici. */
export function networkFinding(host: string, code: string, timeoutMs: number): Finding {
  const values = { host, code, seconds: timeoutMs / 1_000 };
  if (/^(ENOTFOUND|EAI_\w+)$/.test(code)) return finding("network.dns", values);
  if (code === "ECONNREFUSED") return finding("network.refused", values);
  if (/^(ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL)$/.test(code)) return finding("network.unreachable", values);
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return finding("network.timeout", values);
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)) return finding("network.certificate", values);
  if (/^(EPROTO|ERR_SSL)/.test(code)) return finding("network.not_tls", values);
  return finding("network.reset", values);
}

const PRIVATE =
  /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.)/;

/** An IPv4 address that the internet sees. */
function isPublicAddress(address: string): boolean {
  return isIP(address) === 4 && !PRIVATE.test(address);
}
