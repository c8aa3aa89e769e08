import { mutant } from "./mutant.ts";

/** Single flight, and the refresh in the background. */
export const flights = [
  mutant(
    "every caller has a flight of its own",
    "cache/token-cache.ts",
    "if (this.#sharedFlights) this.#flights.set(source.key, flight);",
    "",
  ),
  mutant(
    "a flight is never forgotten",
    "cache/token-cache.ts",
    "if (this.#flights.get(key) === flight) this.#flights.delete(key);",
    "",
  ),
  mutant(
    "the first caller's abort ends the flight",
    "cache/flight.ts",
    "if (signal !== undefined) return this.#keptAlive(abortable(this.promise, signal));",
    'if (signal !== undefined) {\n      signal.addEventListener("abort", () => this.close(signal.reason as never));\n      return this.#keptAlive(abortable(this.promise, signal));\n    }',
  ),
  mutant(
    "callers' signals are ignored",
    "cache/flight.ts",
    "if (signal !== undefined) return this.#keptAlive(abortable(this.promise, signal));",
    "",
  ),
  mutant(
    "the signal is dropped after a wait for a young token",
    "cache/token-cache.ts",
    "return this.#waits.pause(settlesInMs, signal).then(() => this.getToken(source, { signal }));",
    "return this.#waits.pause(settlesInMs, undefined).then(() => this.getToken(source));",
  ),
  mutant(
    "a flight has no time limit",
    "cache/flight.ts",
    "const timer = this.#clock.setTimer(deadline, limitMs);",
    "const timer = this.#clock.setTimer(deadline, limitMs * 1_000);",
  ),
  mutant("a background failure is an unhandled rejection", "cache/flight.ts", "promise.catch(() => {});", ""),
  mutant(
    "stale tokens are waited for",
    "cache/token-cache.ts",
    "if (!this.#sharedFlights) return this.#renewInForeground(source, cached, options, now);",
    "return this.#renewInForeground(source, cached, options, now);",
  ),
  mutant("stale tokens are not renewed", "cache/token-cache.ts", `this.#startFlight(source, "stale", true);`, ""),
];
