import type { Answer } from "../server/http-message.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import { type NaverApiCaller, storeOf } from "./api.ts";
import type { NaverGateway } from "./gateway.ts";
import type { CheckedNaverRules } from "./options.ts";

const STILL_RUNNING = "이전 요청이 진행중입니다.";

/** The image upload: one at a time per store account, as integrators report. */
export class NaverImageUploads {
  readonly #uploadMs: number;
  readonly #clock: VirtualClock;
  readonly #gateway: NaverGateway;
  /** The store accounts that an upload runs for. */
  #running = new Set<string>();
  #count = 0;

  constructor({ uploadMs }: CheckedNaverRules, clock: VirtualClock, gateway: NaverGateway) {
    this.#uploadMs = uploadMs;
    this.#clock = clock;
    this.#gateway = gateway;
  }

  /** Answers when the upload is done, or at once if another one of the same store runs. */
  async answer(caller: NaverApiCaller): Promise<Answer> {
    const store = storeOf(caller);
    const running = this.#running;
    if (running.has(store)) {
      // The status and the message are known from reports; the code is not.
      return { ...this.#gateway.serviceError(429, "TOO_MANY_REQUESTS", STILL_RUNNING), limitedBy: "concurrency" };
    }
    running.add(store);
    try {
      await this.#clock.wait(this.#uploadMs);
    } finally {
      running.delete(store);
    }
    this.#count += 1;
    return this.#gateway.traced(200, {
      images: [{ url: `https://shop-phinf.pstatic.net/emulated/${this.#count}.jpg` }],
    });
  }

  reset(): void {
    this.#running = new Set();
    this.#count = 0;
  }
}
