import type { Finding } from "../findings/finding.ts";
import type { Language } from "../language.ts";
import type { Credentials, ProviderProfile, Target } from "../providers/profile.ts";
import { targetOf } from "../target.ts";
import type { Io } from "../terminal/io.ts";
import { credentialsIn, type EnvFile, promptForMissing, readEnvFile } from "./env-file.ts";

/** The flags of the commands that talk to a provider. */
export interface AccessFlags {
  readonly envFiles: readonly string[];
  readonly tokenUrl: URL | undefined;
  readonly apiUrl: URL | undefined;
  readonly test: boolean;
  readonly timeout: number;
}

/** How a provider is reached: where it is, and as whom. */
export interface Access {
  readonly target: Target;
  /** Undefined: the emulator's own. */
  readonly credentials: Credentials | undefined;
}

/** The environment, filled in by the files. */
export function environmentOf(files: readonly EnvFile[], { env }: Io): NodeJS.ProcessEnv {
  return Object.assign({}, ...files.toReversed().map(({ values }) => values), env);
}

export function readEnvFiles({ envFiles }: AccessFlags, language: Language): readonly EnvFile[] {
  return envFiles.map((path) => readEnvFile(path, language));
}

/** Where the provider is, and the credentials: those of the environment and the files, or typed on the terminal. */
export async function accessTo(
  profile: ProviderProfile,
  { tokenUrl, apiUrl, test }: AccessFlags,
  env: NodeJS.ProcessEnv,
  io: Io,
  language: Language,
): Promise<Access | Finding> {
  const target = await targetOf(profile, { tokenUrl: tokenUrl?.href, apiUrl: apiUrl?.href, test }, env);
  if ("verdict" in target) return target;
  if (target.emulator !== undefined) {
    // The variable may come from a file, and the providers' packages read it themselves.
    process.env["COMMERCE_AUTH_EMULATOR"] = target.emulator;
    return { target, credentials: undefined };
  }
  return { target, credentials: await promptForMissing(profile, credentialsIn(profile, env), io, language) };
}
