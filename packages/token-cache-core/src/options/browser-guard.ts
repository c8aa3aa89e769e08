import { invalidOption } from "./invalid-option.ts";

/** Refuses to run where everybody could read the secret. */
export function refuseBrowser(provider: string): void {
  const { navigator, process } = globalThis as {
    navigator?: { userAgent?: string };
    process?: { versions?: { node?: string } };
  };
  // Every browser's user agent begins so, and no server runtime's does; Node with a simulated DOM is still a server.
  const isBrowser = navigator?.userAgent?.startsWith("Mozilla/") === true && process?.versions?.node === undefined;
  if (!isBrowser) return;
  throw invalidOption(provider, "This runs on servers only: in a browser everybody could read the secret.");
}
