import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { InvalidInputError, integerBetween, nonEmptyString, shown } from "../input-checks.ts";
import { isLoopback, normalizedHost } from "./access-check.ts";

/** The options that say where the emulator listens, and who may use its control routes. */
export interface ListenOptions {
  port?: number | undefined;
  host?: string | undefined;
  allowedHosts?: readonly string[] | undefined;
}

/** Checks the options. Throws an InvalidInputError that names the wrong one. */
export function checkedListenAddress({ host = "127.0.0.1", port = 0, allowedHosts = [] }: ListenOptions) {
  nonEmptyString("host", host);
  const hosts = checkedHosts(allowedHosts);
  if (!isLoopback(host) && hosts.size === 0) {
    throw new InvalidInputError(
      "host",
      `other machines can reach ${host}. They can then read the journal and change the emulator, without a password. ` +
        'To allow it, name the hosts that they may use: allowedHosts: ["emulator"], --allow-host emulator',
    );
  }
  return { host, port: integerBetween("port", port, 0, 65_535), allowedHosts: hosts };
}

/** Listens, and returns the origin of the server. Rejects with `EADDRINUSE` if the port is in use. */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const { address, family, port: actualPort } = server.address() as AddressInfo;
  const reachable = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  return `http://${family === "IPv6" ? `[${reachable}]` : reachable}:${actualPort}`;
}

function checkedHosts(hosts: unknown): ReadonlySet<string> {
  if (!Array.isArray(hosts)) throw new InvalidInputError("allowedHosts", `must be a list, got ${shown(hosts)}`);
  return new Set(hosts.map((name: unknown, index) => checkedHost(`allowedHosts[${index}]`, name)));
}

function checkedHost(field: string, name: unknown): string {
  const host = normalizedHost(nonEmptyString(field, name));
  if (host === undefined) throw new InvalidInputError(field, `must be a host name without a port, got ${shown(name)}`);
  return host;
}
