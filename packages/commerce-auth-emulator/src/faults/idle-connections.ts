import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Fault } from "./fault.ts";

type IdleCloseFault = Extract<Fault, { kind: "idle-close" }>;

/** Closes kept-alive connections after an answer, as servers and proxies do when a connection is idle. */
export class IdleConnections {
  /** Connections whose next request is lost. */
  readonly #closing = new WeakSet<Socket>();
  /** What closes a connection that stays idle. */
  readonly #idleTimers = new WeakMap<Socket, NodeJS.Timeout>();

  /** Applies the fault to the connection of a response, as soon as the answer is sent. */
  closeAfter(response: ServerResponse, { when = "next-request", afterMs = 0 }: IdleCloseFault): void {
    const { socket } = response;
    if (socket === null) return;
    if (when === "next-request") this.#closing.add(socket);
    else
      response.once("finish", () =>
        this.#idleTimers.set(socket, setTimeout(() => this.#close(socket), afterMs).unref()),
      );
  }

  #close(socket: Socket): void {
    socket.end();
    // A request can cross the close. Node still reads it from the half-closed connection; a closed server would not.
    this.#closing.add(socket);
  }

  /** Whether the request's connection was to close: then it closes now, and the request is lost. */
  loses(socket: Socket): boolean {
    // With this request the connection is not idle any more.
    clearTimeout(this.#idleTimers.get(socket));
    if (!this.#closing.has(socket)) return false;
    // A reset, as TCP answers data on a closed connection.
    socket.resetAndDestroy();
    return true;
  }
}
