import { field } from "./answers/answer-fields.ts";
import { failureCode } from "./answers/recorder.ts";
import { type Finding, finding } from "./findings/finding.ts";
import type { ProviderName, ProviderProfile, Target } from "./providers/profile.ts";

/** Flags that name other URLs than the provider's live ones. */
export interface TargetFlags {
  readonly tokenUrl: string | undefined;
  readonly apiUrl: string | undefined;
  readonly test: boolean;
}

/** The URLs to use: those of the flags, of the emulator, or the provider's own. */
export async function targetOf(
  { name, target, testTarget }: ProviderProfile,
  { tokenUrl, apiUrl, test }: TargetFlags,
  env: NodeJS.ProcessEnv,
): Promise<Target | Finding> {
  const origin = env["COMMERCE_AUTH_EMULATOR"];
  // As in the providers' packages: only a URL on this machine wins over the variable.
  if (origin && !isOnThisMachine(tokenUrl)) return await emulatorTarget(origin, name);
  const own = test && testTarget !== undefined ? testTarget : target;
  return { tokenUrl: tokenUrl ?? own.tokenUrl, apiBaseUrl: (apiUrl ?? own.apiBaseUrl).replace(/\/$/, "") };
}

/** The running emulator knows its own URLs. */
async function emulatorTarget(origin: string, name: ProviderName): Promise<Target | Finding> {
  try {
    const response = await fetch(`${origin.replace(/\/$/, "")}/_emulator`, { signal: AbortSignal.timeout(3_000) });
    const urls = field(await response.json(), name);
    const [tokenUrl, apiBaseUrl] = [field(urls, "tokenUrl"), field(urls, "apiBaseUrl")];
    if (typeof tokenUrl !== "string" || typeof apiBaseUrl !== "string") throw new Error();
    return { tokenUrl, apiBaseUrl, emulator: origin };
  } catch (error) {
    return finding("emulator.unreachable", { origin, code: failureCode(error) });
  }
}

function isOnThisMachine(url: string | undefined): boolean {
  return url !== undefined && /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}
