import { RequestWindows } from "../provider/request-windows.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import type { CheckedTossRules } from "./options.ts";

type Rate = "readsPerSecond" | "writesPerSecond" | "productChangesPerSecond";

/** Creating or changing a product, with or without the solution code in the path. */
const PRODUCTS = /^(?:\/[^/]+)?\/products(?:\/|$)/;

/** The API's rate limits per seller: reads, writes and product changes, each with a window of one second. */
export class TossRateLimits {
  readonly #limit: CheckedTossRules["rateLimit"];
  readonly #clock: VirtualClock;
  readonly #windows: RequestWindows;

  constructor({ rateLimit }: CheckedTossRules, clock: VirtualClock) {
    this.#limit = rateLimit;
    this.#clock = clock;
    this.#windows = new RequestWindows(rateLimit?.window ?? "fixed");
  }

  /** Counts a request. False if one of its limits is used up. */
  admits(accessKey: string, method: string, path: string): boolean {
    return this.#ratesOf(method, path).every((rate) => this.#take(accessKey, rate));
  }

  clear(): void {
    this.#windows.clear();
  }

  #ratesOf(method: string, path: string): readonly Rate[] {
    if (method === "GET" || method === "HEAD") return ["readsPerSecond"];
    if (!PRODUCTS.test(path)) return ["writesPerSecond"];
    const isWriteToo = this.#limit?.productChanges === "as-writes-too";
    return isWriteToo ? ["productChangesPerSecond", "writesPerSecond"] : ["productChangesPerSecond"];
  }

  #take(accessKey: string, rate: Rate): boolean {
    if (this.#limit === undefined) return true;
    const window = { requests: this.#limit[rate], windowMs: 1000 };
    return this.#windows.take(`${rate} ${accessKey}`, this.#clock.now(), window) >= 0;
  }
}
