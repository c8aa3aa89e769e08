import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export interface ChildOptions {
  /** Command-line flags for Node, for instance `--expose-gc`. */
  readonly flags?: readonly string[];
  readonly timeoutMs?: number;
}

const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

/**
 * Calls a function in a process of its own.
 *
 * @param module `import.meta.url` of the module that exports `work` under its name
 * @param input a value that JSON can carry
 */
export async function callInChild<Input, Result>(
  module: string,
  work: (input: Input) => Promise<Result>,
  input: Input,
  { flags = [], timeoutMs = 120_000 }: ChildOptions = {},
): Promise<Result> {
  const child = forkChild(module, work, input, flags);
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const end = endWithUs(child);
  const timer = setTimeout(() => {
    errors += `It took longer than ${timeoutMs / 1_000} s.`;
    end();
  }, timeoutMs);
  try {
    return (await messageFrom<{ result: Result }>(child)).result;
  } catch {
    throw new Error(`${work.name} failed in its process.\n${errors.trim().split("\n").slice(-12).join("\n")}`);
  } finally {
    clearTimeout(timer);
    end();
  }
}

/** Calls a function in a process that stays: parent and child exchange messages. Its result is the first message. */
export function startChild<Input>(module: string, work: (input: Input) => Promise<unknown>, input: Input) {
  const child = forkChild(module, work, input);
  child.stderr?.resume();
  return { child, end: endWithUs(child) };
}

function forkChild<Input>(
  module: string,
  work: (input: Input) => Promise<unknown>,
  input: Input,
  flags: readonly string[] = [],
): ChildProcess {
  return fork(new URL("child.ts", import.meta.url), [module, work.name, JSON.stringify(input)], {
    execArgv: [...flags],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** Kills the child when this process exits. The returned function kills it earlier. */
export function endWithUs(child: ChildProcess): () => void {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return () => void child.kill("SIGKILL");
}

/** The next message of a child. */
export async function messageFrom<T>(child: ChildProcess): Promise<T> {
  const abort = new AbortController();
  const exit = once(child, "exit", { signal: abort.signal }).then(() => {
    throw new Error("The child process has exited.");
  });
  exit.catch(() => {});
  try {
    const [message] = await Promise.race([once(child, "message"), exit]);
    return message as T;
  } finally {
    abort.abort();
  }
}
