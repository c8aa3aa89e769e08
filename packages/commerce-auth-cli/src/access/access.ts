import { field } from "../answers/answer-fields.ts";
import { failureCode } from "../answers/recorder.ts";
import { CommandError } from "../command-error.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { Language, Text } from "../language.ts";
import { isLoopback } from "../loopback.ts";
import type { CredentialField, Credentials } from "../providers/credentials.ts";
import type { ProviderProfile, Target } from "../providers/profile.ts";
import { ask } from "../terminal/hidden-prompt.ts";
import type { Io } from "../terminal/io.ts";

/** The flags of the commands that talk to a provider. */
export interface AccessFlags {
  readonly tokenUrl: URL | undefined;
  readonly apiUrl?: URL | undefined;
  readonly test: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** How a provider is reached: where it is, as whom, and how long an answer may take. */
export interface Access {
  readonly profile: ProviderProfile;
  readonly target: Target;
  readonly credentials: Credentials;
  readonly timeoutMs: number;
}

const EMULATOR_VARIABLE = "COMMERCE_AUTH_EMULATOR";

/** The emulator's origin, if the environment directs all requests to it. Only a token URL on this machine wins over it. */
export function emulatorOf({ tokenUrl }: Pick<AccessFlags, "tokenUrl">, env: NodeJS.ProcessEnv): string | undefined {
  const isOverridden = tokenUrl !== undefined && isLoopback(tokenUrl);
  return isOverridden ? undefined : env[EMULATOR_VARIABLE]?.replace(/\/$/, "") || undefined;
}

/**
 * The URLs of the emulator, of the flags or of the provider. The credentials are the emulator's own, or those of the
 * environment (`env`: completed by the files), or typed on the terminal.
 */
export async function accessTo(
  profile: ProviderProfile,
  flags: AccessFlags,
  env: NodeJS.ProcessEnv,
  io: Io,
  language: Language,
): Promise<Access | Finding> {
  const timeoutMs = Math.round(flags.timeout * 1_000);
  const origin = emulatorOf(flags, env);
  if (origin !== undefined) {
    if (isRemoteByFile(origin, io)) throw new CommandError(REMOTE_BY_FILE[language]);
    return await emulatorAccess(origin, profile, timeoutMs);
  }
  const { tokenUrl, apiUrl, test } = flags;
  const own = test && profile.testTarget !== undefined ? profile.testTarget : profile.target;
  const target = {
    tokenUrl: tokenUrl?.href ?? own.tokenUrl,
    apiBaseUrl: (apiUrl?.href ?? own.apiBaseUrl).replace(/\/$/, ""),
  };
  return { profile, target, credentials: await promptForMissing(profile, env, io, language), timeoutMs };
}

const REMOTE_BY_FILE: Text = {
  ko: `--dotenv 파일의 ${EMULATOR_VARIABLE}에는 이 컴퓨터의 주소만 쓸 수 있습니다. 다른 호스트는 환경 변수로 설정하세요.`,
  en: `In a --dotenv file, ${EMULATOR_VARIABLE} may name this machine only. For another host, set it in the environment.`,
};

/** The providers' packages allow `http:` to another machine only if the process's own environment names it. */
function isRemoteByFile(origin: string, io: Io): boolean {
  return !io.env[EMULATOR_VARIABLE] && URL.canParse(origin) && !isLoopback(new URL(origin));
}

/** The running emulator knows its own URLs and the credentials that it accepts. */
async function emulatorAccess(origin: string, profile: ProviderProfile, timeoutMs: number): Promise<Access | Finding> {
  try {
    const response = await fetch(`${origin}/_emulator`, { signal: AbortSignal.timeout(timeoutMs) });
    const urls = field(await response.json(), profile.name);
    const own = field(urls, "credentials");
    const required = profile.fields.filter(({ isOptional }) => !isOptional);
    return {
      profile,
      target: { tokenUrl: text(urls, "tokenUrl"), apiBaseUrl: text(urls, "apiBaseUrl"), emulator: origin },
      credentials: Object.fromEntries(required.map(({ name }) => [name, text(own, name)])),
      timeoutMs,
    };
  } catch (error) {
    return finding("emulator.unreachable", { origin, code: failureCode(error) });
  }
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== "string") throw new Error(`The emulator's answer has no ${name}.`);
  return found;
}

/** The credentials that the environment has. */
export function credentialsIn(profile: ProviderProfile, env: NodeJS.ProcessEnv): Credentials {
  const entries = profile.fields.map(({ name, variable }) => [name, env[variable]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Asks for what the environment lacks, on a terminal only. */
async function promptForMissing(
  profile: ProviderProfile,
  env: NodeJS.ProcessEnv,
  io: Io,
  language: Language,
): Promise<Credentials> {
  const known = credentialsIn(profile, env);
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) return known;
  const credentials: Record<string, string> = { ...known };
  for (const each of profile.fields) {
    if (known[each.name] !== undefined || each.isOptional) continue;
    credentials[each.name] = await ask(io, question(profile, each, language), { isSecret: each.isSecret });
  }
  return credentials;
}

function question({ title }: ProviderProfile, { label, isSecret }: CredentialField, language: Language): string {
  const hidden = language === "ko" ? " (화면에 표시되지 않음)" : " (not shown)";
  return `${title[language]} ${label[language]}${isSecret ? hidden : ""}`;
}
