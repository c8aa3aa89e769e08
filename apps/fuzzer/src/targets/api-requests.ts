import { TokenCache } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { type FuzzedProvider, providers } from "../providers.ts";
import { must, type Target } from "../target.ts";
import { settle } from "../virtual-time.ts";

const NOW_MS = 1_800_000_000_000;
const EVIL = "https://evil.example";

/** Addresses that look like the API's, or lead elsewhere. */
function addresses({ apiUrl }: FuzzedProvider): fc.Arbitrary<string> {
  const { host, pathname } = new URL(apiUrl);
  const fixed = fc.constantFrom(
    apiUrl,
    `http://${host}${pathname}`,
    `https://${host}@evil.example/`,
    `https://${host}:x@evil.example/`,
    `https://user:pass@${host}/`,
    `https://${host}.evil.example/`,
    `https://${host}:444/`,
    `https://evil.example#@${host}/`,
    `https://evil.example\\@${host}/`,
    `https://evil.example/?${host}/`,
    `https:/\\evil.example/`,
    `//evil.example/`,
    `blob:https://${host}/1`,
    `https://${host.toUpperCase()}${pathname}`,
    `https://${host}./`,
    `\thttps://evil.example`,
    `https://ｅvil.example/`,
    "data:text/plain,x",
    "javascript:1",
    "/path",
    "",
  );
  const scheme = fc.constantFrom("https:", "http:", "HTTPS:", "wss:", "ftp:", "file:", "");
  const separator = fc.constantFrom("//", "/\\", "\\\\", "/", "///", "");
  const authority = fc.array(
    fc.constantFrom(host, "evil.example", "@", ":", ":443", "#", "?", "\\", "%2f", ".", "\n"),
    {
      maxLength: 5,
    },
  );
  const built = fc.tuple(scheme, separator, authority).map(([a, b, c]) => `${a}${b}${c.join("")}/`);
  return fc.oneof({ weight: 2, arbitrary: fixed }, { weight: 1, arbitrary: built });
}

/** What a caller may give for `redirect`, read as the platform reads it. */
const redirects = fc.constantFrom<() => unknown>(
  () => undefined,
  () => "follow",
  () => "manual",
  () => "error",
  () => new String("follow"),
  () => ({ toString: () => "follow" }),
  () => {
    let reads = 0;
    return { toString: () => (reads++ === 0 ? "manual" : "follow") };
  },
);

/** An address in any form that fetch takes; one of them changes between two readings. */
const forms = fc.constantFrom<(first: string, then: string) => unknown>(
  (url) => url,
  (url) => new URL(url),
  (url) => new Request(url),
  (url) => ({ toString: () => url }),
  (url, then) => {
    let reads = 0;
    return { toString: () => (reads++ === 0 ? url : then) };
  },
);

const calls = fc.constantFrom(...providers).chain((provider) =>
  fc.record({
    provider: fc.constant(provider),
    address: addresses(provider),
    other: addresses(provider),
    form: forms,
    redirect: redirects,
    /** Whether the caller's init has a getter that returns another value at each read. */
    isShifty: fc.boolean(),
    /** Where each answer redirects to. */
    locations: fc.array(addresses(provider), { maxLength: 3 }),
    status: fc.constantFrom(301, 302, 303, 307, 308),
  }),
);

export const apiRequests: Target = {
  name: "api-requests",
  input:
    "Calls of `auth.fetch`: addresses that look like the API's, in every form that `fetch` takes, objects that change between two readings, and redirects to other origins.",
  rule: "auth.fetch contacts no other origin than the API's, whatever it is called with and redirected to.",
  shortRuns: 1_500,
  open: () => ({
    property: fc.asyncProperty(
      calls,
      async ({ provider, address, other, form, redirect, isShifty, locations, status }) => {
        const clock = new ManualClock({ startAt: NOW_MS });
        await using cache = new TokenCache({ clock });
        const contacted: string[] = [];
        const left = [...locations];
        const fetch = async (input: unknown, init?: RequestInit) => {
          const url = String(input);
          if (url === provider.tokenUrl) return Response.json(provider.tokenAnswer("token-1", clock.wall()));
          return platformFetch(url, init, (each) => {
            contacted.push(new URL(each).origin);
            const location = left.shift();
            return location === undefined
              ? new Response("{}")
              : new Response(null, { status, headers: headerOf(location) });
          });
        };
        const init = isShifty ? shiftyInit(redirect()) : { redirect: redirect() };
        const client = provider.create({ cache, fetch });
        await settle((async () => client.fetch(form(address, other) as string, init as RequestInit))(), clock);
        const allowed = new URL(provider.apiUrl).origin;
        const strayed = contacted.find((origin) => origin !== allowed);
        must(strayed === undefined, `${strayed} was contacted; only ${allowed} may be.`);
      },
    ),
  }),
};

/** Sends and follows as the platform does: `redirect` is turned into text once. */
function platformFetch(url: string, init: RequestInit | undefined, send: (url: string) => Response): Response {
  const mode = init?.redirect === undefined ? "follow" : String(init.redirect);
  let [at, response] = [url, send(url)];
  for (let hops = 0; mode === "follow" && hops < 20; hops++) {
    const location = response.headers.get("location");
    if (location === null || !URL.canParse(location, at)) break;
    at = new URL(location, at).href;
    if (!at.startsWith("http")) break;
    response = send(at);
  }
  return response;
}

function headerOf(location: string): Record<string, string> {
  // A server cannot send what a header cannot hold.
  return /^[\x20-\x7e]+$/.test(location.trim()) ? { location: location.trim() } : { location: EVIL };
}

/** Is "manual" at the first read, and something else afterwards. */
function shiftyInit(then: unknown) {
  let reads = 0;
  return {
    get redirect() {
      return reads++ === 0 ? "manual" : then;
    },
  };
}
