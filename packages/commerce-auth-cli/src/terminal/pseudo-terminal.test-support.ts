import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Runs a command in a pseudo-terminal: a width, a text to wait for, what to type then, and the command. */
const PROGRAM = `
import fcntl, os, pty, struct, sys, termios
columns, prompt, typed, command = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode(), sys.argv[4:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    os.execvp(command[0], command)
shown = b""
while True:
    try: part = os.read(terminal, 65536)
    except OSError: break
    if not part: break
    shown += part
    if prompt and prompt in shown:
        prompt = b""
        os.write(terminal, typed)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
`;

/** As it is built: it starts faster. */
const BIN = fileURLToPath(new URL("../../dist/bin.js", import.meta.url));

/** Whether this machine can make a pseudo-terminal: Python 3 brings one. */
export const hasPseudoTerminal = spawnSync("python3", ["-c", "import pty"]).status === 0;

/** Runs the command on a terminal of 80 columns. */
export async function onTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  typing?: { prompt: string; keys: string },
) {
  const python = ["-c", PROGRAM, "80", typing?.prompt ?? "", typing?.keys ?? "", process.execPath, BIN, ...args];
  const { PATH } = process.env;
  const child = spawn("python3", python, { env: { PATH, TERM: "xterm", LANG: "C.UTF-8", ...env } });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, shown: Buffer.concat(chunks).toString("utf8").replaceAll("\r\n", "\n") };
}
