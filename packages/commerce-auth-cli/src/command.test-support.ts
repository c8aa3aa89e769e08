import { PassThrough } from "node:stream";
import { type Emulator, type EmulatorOptions, startEmulator } from "@x/commerce-auth-emulator";
import { expect, vi } from "vitest";
import { main } from "./main.ts";
import type { ProviderName } from "./providers/profile.ts";

/** What a run of the command showed. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  /** What is piped in. */
  readonly input?: string | Buffer;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Runs the command in this process. Everything secret that it sends or receives must stay out of its output. */
export async function run(args: readonly string[], { env = {}, input = "", wait }: Surroundings = {}): Promise<Run> {
  const shown = { out: "", err: "" };
  const secrets = watchSecrets();
  const stdin = new PassThrough();
  stdin.end(input);
  const code = await main(args, {
    env,
    stdin,
    stdout: { write: (text) => (shown.out += text) },
    stderr: { write: (text) => (shown.err += text) },
    stopSignal: () => new AbortController().signal,
    wait,
  });
  const { out, err } = shown;
  const seen = secrets();
  if (args[0] !== "token") for (const secret of seen) expect(out + err).not.toContain(secret);
  return { code, out, err };
}

/** Every secret, signature and token that passes through `fetch`. */
function watchSecrets(): () => readonly string[] {
  const seen = new Set<string>();
  const note = (text: string) => {
    const values = text.matchAll(/(?:access_token|client_secret(?:_sign)?|imp_secret)"?[=:]\s*"?([^"&\s]{6,})/g);
    for (const [, value = ""] of values) seen.add(value).add(decodeURIComponent(value.replaceAll("%", "%25")));
  };
  const { fetch } = globalThis;
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    note(String(init?.body ?? ""));
    const response = await fetch(input, init);
    note(
      await response
        .clone()
        .text()
        .catch(() => ""),
    );
    return response;
  });
  return () => {
    spy.mockRestore();
    return [...seen];
  };
}

/** The environment that makes the command use the emulator's credentials, as a user's own. */
export function credentialsOf({
  toss,
  naver,
  iamport,
}: Emulator): Readonly<Record<ProviderName, Record<string, string>>> {
  return {
    toss: {
      TOSS_SHOPPING_ACCESS_KEY: toss.credentials.accessKey,
      TOSS_SHOPPING_SECRET_KEY: toss.credentials.secretKey,
      TOSS_SHOPPING_SOLUTION_CODE: toss.credentials.solutionCode,
    },
    naver: {
      NAVER_COMMERCE_CLIENT_ID: naver.credentials.clientId,
      NAVER_COMMERCE_CLIENT_SECRET: naver.credentials.clientSecret,
    },
    iamport: { IAMPORT_IMP_KEY: iamport.credentials.impKey, IAMPORT_IMP_SECRET: iamport.credentials.impSecret },
  };
}

/** One patient of the doctor. */
export interface Patient {
  readonly provider: ProviderName;
  readonly rules?: EmulatorOptions;
  readonly fault?: (emulator: Emulator) => unknown;
  /** Replaces and adds variables. "" removes one. */
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: readonly string[] | ((emulator: Emulator) => readonly string[]);
}

/** The report of `doctor --json`. */
export interface Diagnosis {
  readonly code: number;
  readonly cause: string | null;
  readonly conclusion: string;
  readonly findings: readonly { verdict: string; saw: string; means: string; advice?: string; where?: string }[];
  readonly emulator: Emulator;
}

/** Runs `doctor` on an emulator with a fault. */
export async function diagnose(
  { provider, rules, fault, env, flags = [] }: Patient,
  language = "en",
): Promise<Diagnosis> {
  await using emulator = await startEmulator(rules);
  await fault?.(emulator);
  const { tokenUrl, apiBaseUrl } = emulator[provider];
  const urls = ["--token-url", tokenUrl, "--api-url", apiBaseUrl];
  const more = typeof flags === "function" ? flags(emulator) : flags;
  const args = [
    "doctor",
    provider,
    "--json",
    "--lang",
    language,
    ...(more.includes("--token-url") ? [] : urls),
    ...more,
  ];
  const { code, out } = await run(args, { env: { ...credentialsOf(emulator)[provider], ...env } });
  const [report] = JSON.parse(out).reports;
  return { code, ...report, emulator };
}
