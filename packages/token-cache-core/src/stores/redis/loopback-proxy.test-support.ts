import { connect, createServer, type Socket } from "node:net";

/** What a {@link LoopbackProxy} does with connections. */
export type ProxyFault =
  /** Passes everything on. */
  | "none"
  /** Ends each new connection at once. */
  | "refuse"
  /** Takes requests and answers none of them. */
  | "silence"
  /** Passes each answer on 1.5 s late. */
  | "delay"
  /** Answers nothing on a connection from the moment when it subscribes. */
  | "silence-subscribers";

const DELAY_MS = 1_500;

/** A proxy between a client and a server, both on loopback. */
export interface LoopbackProxy {
  readonly port: number;
  /** From now on, this happens to new connections and to answers. */
  setFault(fault: ProxyFault): void;
  /** Ends all connections, as a restarted router does. */
  drop(): void;
  /** Loses the next answer of the server, and passes the later ones on. Resolves when it is lost. */
  loseNextAnswer(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy in front of a port of this machine. */
export async function startProxy(targetPort: number): Promise<LoopbackProxy> {
  let fault: ProxyFault = "none";
  let onLost: (() => void) | undefined;
  const sockets = new Set<Socket>();

  const passOn = (answer: Buffer, client: Socket) => {
    if (onLost !== undefined) {
      onLost();
      onLost = undefined;
    } else if (fault === "none" || fault === "silence-subscribers") client.write(answer);
    else if (fault === "delay") setTimeout(() => client.writable && client.write(answer), DELAY_MS);
  };

  const server = createServer((client) => {
    if (fault === "refuse") return void client.destroy();
    const upstream = connect(targetPort, "127.0.0.1");
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    let isMute = false;
    client.on("data", (request) => {
      isMute ||= fault === "silence-subscribers" && /subscribe/i.test(String(request));
      upstream.write(request);
    });
    upstream.on("data", (answer) => {
      if (!isMute) passOn(answer, client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy listens on a port.");

  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    setFault(next) {
      fault = next;
    },
    drop,
    loseNextAnswer: () =>
      new Promise((resolve) => {
        onLost = resolve;
      }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      drop();
      await closed;
    },
  };
}
