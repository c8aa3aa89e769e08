import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";

/** A host that only the proxy knows. */
export const HIDDEN_HOST = "naver.test";

export interface HiddenHost extends AsyncDisposable {
  /** The proxy's URL. */
  readonly proxyUrl: string;
  /** The certificate that a program has to trust. */
  readonly certificate: string;
  /** The hosts and ports of the requested tunnels. */
  readonly tunnels: string[];
}

/** An HTTP server as {@link HIDDEN_HOST}: over TLS, reachable through a CONNECT proxy only. */
export async function hideBehindProxy(serverPort: number): Promise<HiddenHost> {
  const folder = await mkdtemp(join(tmpdir(), "proxy-test-"));
  const [keyFile, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = [
    "-subj",
    `/CN=${HIDDEN_HOST}`,
    "-addext",
    `subjectAltName=DNS:${HIDDEN_HOST}`,
    "-addext",
    "basicConstraints=CA:FALSE",
  ];
  const form = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  execFileSync("openssl", ["req", ...form, ...subject, "-keyout", keyFile, "-out", certificate], { stdio: "ignore" });

  const sockets = new Set<Duplex>();
  const tunnel = (near: Duplex, far: Socket) => {
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  };
  const credentials = { key: await readFile(keyFile), cert: await readFile(certificate) };
  const tlsServer = createTlsServer(credentials, (socket) => tunnel(socket, connect(serverPort, "127.0.0.1")));
  const tlsPort = await listen(tlsServer);

  const tunnels: string[] = [];
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on("connect", ({ url = "" }, socket) => {
    tunnels.push(url);
    const isKnown = url === `${HIDDEN_HOST}:443`;
    if (!isKnown) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const far = connect(tlsPort, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      tunnel(socket, far);
    });
  });
  const proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;

  return {
    proxyUrl,
    certificate,
    tunnels,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      for (const server of [proxy, tlsServer]) server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
