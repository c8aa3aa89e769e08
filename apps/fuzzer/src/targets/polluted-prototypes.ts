import { TokenCache } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { type FuzzedProvider, providers } from "../providers.ts";
import { must, type Target } from "../target.ts";
import { settle } from "../virtual-time.ts";

const NOW_MS = 1_800_000_000_000;
const EVIL = "https://evil.example";

/** What an attacker would want to be an option. `called` is the attacker's function. */
const wishes = (called: () => never): Readonly<Record<string, unknown>> => ({
  tokenUrl: `${EVIL}/token`,
  apiBaseUrl: `${EVIL}/api`,
  environment: "test",
  fetch: called,
  observer: called,
  clock: { wall: called, monotonic: called, setTimer: called },
  cache: { getToken: called },
  store: { get: called, set: called, lease: called },
  bcryptHash: called,
  allowedOrigins: [EVIL],
  isRefused: called,
  keys: [new Uint8Array(32).fill(1)],
  prefix: "evil:",
  // What the platform's fetch would take.
  dispatcher: { dispatch: called },
  integrity: "sha256-evil",
});

const names = Object.keys(
  wishes(() => {
    throw new Error();
  }),
);

const cases = fc.record({
  provider: fc.constantFrom(...providers),
  polluted: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
  isEnumerable: fc.boolean(),
});

export const pollutedPrototypes: Target = {
  name: "polluted-prototypes",
  input: "An `Object.prototype` that has up to four of our options, such as `tokenUrl`, `fetch` and `store`.",
  rule: "No option is taken from a polluted Object.prototype.",
  shortRuns: 150,
  open: async () => {
    // zod does not load under a polluted prototype, so that answers are errors: it is loaded before.
    for (const provider of providers) await tokenOf(provider);
    return { property };
  },
};

const property = fc.asyncProperty(cases, async ({ provider, polluted, isEnumerable }) => {
  const clock = new ManualClock({ startAt: NOW_MS });
  const contacted: string[] = [];
  let isCalled = false;
  const fetch = async (input: unknown, init: RequestInit = {}) => {
    const taken = polluted.find((name) => name in init && !Object.hasOwn(init, name));
    must(taken === undefined, `A request takes ${taken} from the prototype.`);
    contacted.push(new URL(String(input)).href);
    return String(input) === provider.tokenUrl
      ? Response.json(provider.tokenAnswer("token-1", clock.wall()))
      : Response.json({ code: 0, resultType: "SUCCESS", response: {} });
  };
  const wished = wishes(() => {
    isCalled = true;
    throw new Error("The attacker's function was called.");
  });
  for (const name of polluted) {
    const value = wished[name];
    Object.defineProperty(Object.prototype, name, {
      value,
      enumerable: isEnumerable,
      configurable: true,
      writable: true,
    });
  }
  try {
    await using cache = new TokenCache({ clock });
    const client = provider.create({ cache, fetch });
    await settle(client.getToken(), clock);
    await settle(client.fetch(provider.apiUrl), clock);
  } catch (error) {
    must(false, `It fails with ${String(error)}`);
  } finally {
    for (const name of polluted) Reflect.deleteProperty(Object.prototype, name);
  }
  must(!isCalled, `The attacker's function was called, by Object.prototype.${polluted.join()}.`);
  must(
    contacted.join() === [provider.tokenUrl, provider.apiUrl].join(),
    `${contacted.join()} was contacted, not ${provider.tokenUrl} and ${provider.apiUrl}.`,
  );
});

async function tokenOf(provider: FuzzedProvider): Promise<void> {
  await using cache = new TokenCache();
  const fetch = async () => Response.json(provider.tokenAnswer("token-1", Date.now()));
  await provider.create({ cache, fetch }).getToken();
}
