import { type Context, context, diag } from "@opentelemetry/api";

/** Calls an SDK, whose failures must never become a caller's (case 48). */
export function quietly<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    report(error);
    return undefined;
  }
}

/** Calls `work` at once in a context: exactly once, whatever the SDK's context manager does. */
export function callIn<T>(active: Context, work: () => Promise<T>): Promise<T> {
  let outcome: Promise<T> | undefined;
  const once = () => {
    outcome ??= work();
    return outcome;
  };
  quietly(() => context.with(active, once));
  return once();
}

function report(error: unknown): void {
  try {
    const name = error instanceof Error ? error.name : typeof error;
    diag.error(`@x/token-cache-core: the OpenTelemetry SDK threw a ${name}. The measurement or span is lost.`);
  } catch {
    // The SDK's logger fails as well.
  }
}
