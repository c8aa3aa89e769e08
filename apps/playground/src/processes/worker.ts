import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TimelineRecord } from "../chapters/timeline.ts";
import type { Opening, Order, Reply } from "./order.ts";

const PROGRAM = fileURLToPath(new URL("worker-process.ts", import.meta.url));

/** Callbacks for what a process does, prints and receives. */
export interface WorkerListener {
  onRecords?(records: readonly TimelineRecord[]): void;
  onOutput?(text: string): void;
  onTokens?(tokens: readonly string[]): void;
}

/** A real process that shares tokens with others like it. */
export class Worker {
  readonly lane: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(tokens: readonly string[]): void; reject(error: Error): void }>();
  #lastOrder = 0;

  /** Starts a process and waits until it has opened its client and store. */
  static async start(opening: Opening, listener: WorkerListener = {}): Promise<Worker> {
    const worker = new Worker(opening.lane, listener);
    await worker.#tell({ type: "open", ...opening });
    return worker;
  }

  private constructor(lane: string, { onRecords, onOutput, onTokens }: WorkerListener) {
    this.lane = lane;
    this.#child = fork(PROGRAM, { silent: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => onOutput?.(String(chunk)));
    }
    this.#child.on("message", (reply: Reply) => {
      if (reply.type === "records") return onRecords?.(reply.records);
      const waiting = this.#waiting.get(reply.order);
      this.#waiting.delete(reply.order);
      if (reply.type === "failed") return waiting?.reject(new Error(reply.message));
      onTokens?.(reply.tokens);
      waiting?.resolve(reply.tokens);
    });
    this.#child.on("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("The process ended before it answered."));
      this.#waiting.clear();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Lets the given number of callers ask for a token at once, once or in several rounds. Resolves with their tokens.
   */
  ask(callers: number, { rounds = 1, everyMs = 0 } = {}): Promise<readonly string[]> {
    return this.#tell({ type: "ask", callers, rounds, everyMs });
  }

  /** Lets the given number of callers call an API at once. */
  async call(callers: number, url: string): Promise<void> {
    await this.#tell({ type: "call", callers, url });
  }

  /** Ends the process as a crash does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #tell(order: Order): Promise<readonly string[]> {
    this.#lastOrder += 1;
    const number = this.#lastOrder;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#child.send({ order, number }, (error) => error && reject(error));
    });
  }
}
