import type { IncomingHttpHeaders } from "node:http";

/** Names and addresses of this machine, as a URL has them. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Why a request to a control route is refused; undefined if it is allowed. Web pages could reach the emulator through a
 * developer's browser. A page under a name that resolves to this machine (DNS rebinding) has a foreign `Host`. Any
 * other page has a foreign `Origin`.
 */
export function accessProblem(headers: IncomingHttpHeaders, allowedHosts: ReadonlySet<string>): string | undefined {
  const host = urlOf(`http://${headers.host}`);
  if (headers.host === undefined || host === undefined || !isKnown(host.hostname, allowedHosts)) {
    const name = host?.hostname ?? "none";
    return `The Host header names ${name}, which is not this machine. Use 127.0.0.1, or start with --allow-host ${name}.`;
  }
  const { origin } = headers;
  if (origin !== undefined && origin !== host.origin) {
    return `The request comes from a web page of ${origin}. Only programs and pages of the emulator may use this route.`;
  }
  return undefined;
}

/** Whether an address is reachable from this machine only. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname) || hostname === "::1";
}

/** A host name in the form that a URL has: lower case, punycode, IPv6 in brackets. Undefined if it is none. */
export function normalizedHost(name: string): string | undefined {
  const url = urlOf(`http://${name}`) ?? urlOf(`http://[${name}]`);
  const isNameOnly =
    url?.port === "" && url.username === "" && url.pathname === "/" && url.search === "" && url.hash === "";
  return isNameOnly ? url.hostname : undefined;
}

function isKnown(hostname: string, allowedHosts: ReadonlySet<string>): boolean {
  return isLoopback(hostname) || allowedHosts.has(hostname);
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
