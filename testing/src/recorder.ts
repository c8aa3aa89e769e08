// A server that knows nothing of providers. It records the requests, and answers as a test says.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query string, as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Recorder extends AsyncDisposable {
  readonly origin: string;
  readonly requests: readonly RecordedRequest[];
  /** How many connections were opened, requests or not. */
  readonly connections: number;
}

/** Starts it on a free port of the loopback address. */
export async function startRecorder(answer: (response: ServerResponse) => void): Promise<Recorder> {
  const requests: RecordedRequest[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url: target = "", headers } = incoming;
    requests.push({ method, target, headers, body: Buffer.concat(chunks).toString("latin1") });
    answer(response);
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
