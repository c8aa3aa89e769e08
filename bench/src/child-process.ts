import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a child is run with. */
export interface ChildOptions {
  /** For node itself: `--expose-gc`. */
  readonly flags?: readonly string[];
  readonly timeoutMs?: number;
}

const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

/** Runs a module of `children/` in a process of its own, hands it `input`, and returns what it came to. */
export async function runChild<T>(module: string, input: unknown, options: ChildOptions = {}): Promise<T> {
  const { flags = [], timeoutMs = 120_000 } = options;
  const child = fork(new URL(`children/${module}.ts`, import.meta.url), [JSON.stringify(input)], {
    execArgv: [...flags],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const end = endWithUs(child);
  const timer = setTimeout(end, timeoutMs);
  try {
    return (await messageFrom<{ result: T }>(child)).result;
  } catch {
    throw new Error(`${module} came to nothing.\n${errors.trim().split("\n").slice(-12).join("\n")}`);
  } finally {
    clearTimeout(timer);
    end();
  }
}

/** What `runChild` runs, on the child's side. */
export async function asChild<Input, Result>(work: (input: Input) => Promise<Result>): Promise<void> {
  // Its parent has gone.
  process.on("disconnect", () => process.exit());
  const result = await work(JSON.parse(process.argv[2] ?? "null") as Input);
  process.send?.({ result }, () => process.exit());
}

/** Ends a child when this program ends. Returns how to end it before. */
export function endWithUs(child: ChildProcess): () => void {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return () => void child.kill("SIGKILL");
}

/** The next message of a child. */
export async function messageFrom<T>(child: ChildProcess): Promise<T> {
  const abort = new AbortController();
  const exit = once(child, "exit", { signal: abort.signal }).then(() => {
    throw new Error("The child has ended.");
  });
  exit.catch(() => {});
  try {
    const [message] = await Promise.race([once(child, "message"), exit]);
    return message as T;
  } finally {
    abort.abort();
  }
}
