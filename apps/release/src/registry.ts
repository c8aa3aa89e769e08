// A minimal package registry: it keeps what is published, and serves it.

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What clients ask for by a package's name, and what they publish. */
interface Packument {
  readonly name: string;
  readonly versions: Record<string, Manifest & { dist?: object }>;
  readonly "dist-tags": Record<string, string>;
  readonly _attachments?: Readonly<Record<string, { readonly data: string }>>;
}

export interface Registry extends AsyncDisposable {
  readonly origin: string;
  /** `name@version` of everything that clients have published, in the order in which it arrived. */
  readonly published: readonly string[];
  manifest(name: string, version: string): Manifest | undefined;
  /** Keeps a package as if it had been published long ago. */
  add(manifest: Manifest, tarball: Buffer): void;
}

/** Starts it on a free port of the loopback address. Publishing takes the given token. */
export async function startRegistry(token: string): Promise<Registry> {
  const packuments = new Map<string, Packument>();
  const tarballs = new Map<string, Buffer>();
  const published: string[] = [];

  function add(manifest: Manifest, tarball: Buffer): void {
    const { name, version } = manifest;
    const path = `/${name}/-/${version}.tgz`;
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const shasum = createHash("sha1").update(tarball).digest("hex");
    const packument = packuments.get(name) ?? { name, versions: {}, "dist-tags": {} };
    packument.versions[version] = { ...manifest, dist: { tarball: origin + path, integrity, shasum } };
    packument["dist-tags"]["latest"] = version;
    packuments.set(name, packument);
    tarballs.set(path, tarball);
  }

  async function publish(request: IncomingMessage): Promise<[status: number, body: unknown]> {
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { error: "no token" }];
    const { name, versions, _attachments = {} }: Packument = JSON.parse(await textOf(request));
    const [manifest] = Object.values(versions);
    const [attachment] = Object.values(_attachments);
    if (manifest === undefined || attachment === undefined) return [400, { error: "nothing to publish" }];
    if (packuments.get(name)?.versions[manifest.version] !== undefined) {
      return [403, { error: "You cannot publish over the previously published versions." }];
    }
    add(manifest, Buffer.from(attachment.data, "base64"));
    published.push(`${name}@${manifest.version}`);
    return [201, { ok: true }];
  }

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? "/").split("?")[0] ?? "/";
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return void response.end(tarball);
    const packument = packuments.get(path.slice(1));
    const [status, body] =
      request.method === "PUT" ? await publish(request) : packument ? [200, packument] : [404, { error: "not found" }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    published,
    manifest: (name, version) => packuments.get(name)?.versions[version],
    add,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
