import { startEmulator } from "@x/commerce-auth-emulator";
import { CommandError } from "../command-error.ts";
import type { CommandOf } from "../command-line/command-line.ts";
import { EXIT } from "../exit-codes.ts";
import type { Language } from "../language.ts";
import type { Io } from "../terminal/io.ts";
import { emulatorLines } from "./ready-lines.ts";

/** `emulator`: runs until it is stopped. */
export async function emulatorCommand(
  { port, anyCredentials, json }: CommandOf<"emulator">,
  language: Language,
  io: Io,
): Promise<number> {
  const stop = io.stopSignal();
  const emulator = await started(port, anyCredentials, language);
  try {
    const { origin, toss, naver, iamport } = emulator;
    io.stdout.write(json ? `${JSON.stringify({ origin, toss, naver, iamport })}\n` : emulatorLines(emulator, language));
    await stopped(stop);
  } finally {
    await emulator.close();
  }
  return EXIT.ok;
}

async function started(port: number, anyCredentials: boolean, language: Language) {
  const open = { toss: { sellers: "any" }, naver: { applications: "any" }, iamport: { accounts: "any" } } as const;
  const { toss, naver, iamport } = anyCredentials ? open : {};
  try {
    return await startEmulator({
      port,
      toss: { ...toss, solutionCodes: "any" },
      naver: { ...naver, accounts: "any" },
      iamport: { ...iamport },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    throw new CommandError(
      language === "ko"
        ? `${port}번 포트를 쓸 수 없습니다 (${code}). --port로 다른 포트를 고르거나 --port 0을 쓰세요.`
        : `Port ${port} cannot be used (${code}). Choose another --port, or 0 for a free one.`,
    );
  }
}

function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
