import { type Emulator, InvalidInputError, startEmulator } from "@x/commerce-auth-emulator";
import { connectionGuide, type EmulatorFlags, emulatorOptions } from "@x/commerce-auth-emulator/command";
import { CommandError } from "../command-error.ts";
import type { CommandOf } from "../command-line/command-line.ts";
import { EXIT } from "../exit-codes.ts";
import type { Language } from "../language.ts";
import type { Io } from "../terminal/io.ts";
import { KOREAN_GUIDE, NEXT_STEPS, STOP } from "./emulator-texts.ts";

/** `emulator`: runs until it is stopped. */
export async function emulatorCommand(
  { flags, json }: CommandOf<"emulator">,
  language: Language,
  io: Io,
): Promise<number> {
  const stop = io.stopSignal();
  const emulator = await started(flags, language);
  try {
    const { origin, toss, naver, iamport } = emulator;
    io.stdout.write(json ? `${JSON.stringify({ origin, toss, naver, iamport })}\n` : guideTo(emulator, language));
    await stopped(stop);
  } finally {
    await emulator.close();
  }
  return EXIT.ok;
}

function guideTo(emulator: Emulator, language: Language): string {
  const guide = connectionGuide(emulator, language === "ko" ? KOREAN_GUIDE : undefined);
  const signed = `COMMERCE_AUTH_EMULATOR=${emulator.origin} commerce-auth token naver`;
  return `${guide}\n# ${NEXT_STEPS[language]}\n${signed}\n\n${STOP[language]}\n`;
}

async function started(flags: EmulatorFlags, language: Language): Promise<Emulator> {
  try {
    return await startEmulator(emulatorOptions(flags));
  } catch (error) {
    if (error instanceof InvalidInputError) throw new CommandError(error.message);
    const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
    if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL") throw error;
    throw new CommandError(
      language === "ko"
        ? `${address}:${port}을(를) 쓸 수 없습니다 (${code}). 다른 --port나 --host를 고르거나 --port 0을 쓰세요.`
        : `${address}:${port} cannot be used (${code}). Choose another --port or --host. --port 0 takes a free port.`,
    );
  }
}

function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
