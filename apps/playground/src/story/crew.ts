import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TossSeller } from "@x/commerce-auth-emulator";
import type { Stage } from "./stage.ts";

/** Where processes share their tokens. */
export type StoreChoice =
  | { readonly kind: "sqlite"; readonly path: string; readonly encryptionKey?: string }
  | { readonly kind: "redis"; readonly url: string; readonly prefix: string };

/** What a process is told. */
export type Order =
  | { readonly type: "open"; readonly store: StoreChoice; readonly seller: TossSeller; readonly tokenUrl: string }
  | { readonly type: "ask"; readonly callers: number };

/** What it says. Token values go over the channel between the processes and nowhere else. */
export type Reply =
  | { readonly type: "ready" }
  | { readonly type: "answered"; readonly values: readonly string[] }
  | { readonly type: "failed"; readonly message: string };

const PROGRAM = fileURLToPath(new URL("crew-process.ts", import.meta.url));

/** One of several processes that share tokens. */
export class CrewMember {
  readonly #child: ChildProcess;
  readonly #stage: Stage;

  /** Starts so many processes, and waits until all can be asked. */
  static async start(stage: Stage, count: number, store: StoreChoice, seller: TossSeller): Promise<CrewMember[]> {
    const members = Array.from({ length: count }, () => new CrewMember(stage));
    const { tokenUrl } = stage.emulator.toss;
    await Promise.all(members.map((member) => member.#tell({ type: "open", store, seller, tokenUrl })));
    return members;
  }

  private constructor(stage: Stage) {
    this.#stage = stage;
    this.#child = fork(PROGRAM, { silent: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => stage.outputs.push(String(chunk)));
    }
    stage.onClose(() => this.end());
  }

  /** Lets so many callers in this process ask at once. The tokens that they got. */
  async ask(callers: number): Promise<readonly string[]> {
    this.#stage.callsElsewhere += callers;
    const reply = await this.#tell({ type: "ask", callers });
    const values = reply.type === "answered" ? reply.values : [];
    for (const value of values) this.#stage.secrets.add("token", value);
    return values;
  }

  /** Ends it as a crash does. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #tell(order: Order): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error("The process ended before it answered."));
      this.#child.once("exit", onExit);
      this.#child.once("message", (reply: Reply) => {
        this.#child.off("exit", onExit);
        if (reply.type === "failed") reject(new Error(reply.message));
        else resolve(reply);
      });
      this.#child.send(order);
    });
  }
}
