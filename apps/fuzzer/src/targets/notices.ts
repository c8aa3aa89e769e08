import { TokenCache } from "@x/token-cache-core";
import { type RedisSubscriber, redisStore } from "@x/token-cache-core/redis";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { oddText, variantOf } from "../odd-values.ts";
import { identity, tokenId } from "../shared-tokens.ts";
import { must, type Target } from "../target.ts";

const NOW_MS = 1_800_000_000_000;
const CHANNEL = "access-token:changed";

/** The notice of another process when the API has refused the token. */
const rightNotice = await noticeOfDeletion();
const rightId = tokenId("seller-token-1");

const messages = fc.oneof(
  variantOf(JSON.parse(rightNotice)).map((notice) => JSON.stringify(notice) ?? ""),
  oddText.map((id) => rightNotice.replace(rightId, id)),
  oddText,
  fc.constantFrom("{", "[]", "null", '{"__proto__":{"key":"x"}}', `{"key":"${identity("seller").key}"}`),
);

export const notices: Target = {
  name: "notices",
  input: "Messages on the notice channel: nonsense, other keys, other ids, and the right notice with odd fields.",
  rule: "A notice drops a token only if it names its key and its id; any other text is ignored.",
  shortRuns: 300,
  open: () => ({
    property: fc.asyncProperty(fc.array(messages, { minLength: 1, maxLength: 8 }), async (texts) => {
      const { cache, publish } = listening();
      const source = identity("seller");
      await using closed = cache;
      must((await cache.getToken(source)).id === rightId, "Another token was issued.");
      for (const text of texts) publish(text);
      const isNamed = texts.some((text) => text.includes(rightId));
      must(isNamed || closed.peek(source) !== undefined, "A notice that does not name the token has dropped it.");
      publish(rightNotice);
      must(closed.peek(source) === undefined, "The notice that names the token has not dropped it.");
    }),
  }),
};

/** A cache on a Redis that keeps nothing and gives every lease, and a function that publishes to it. */
function listening() {
  const clock = new ManualClock({ startAt: NOW_MS });
  const listeners = new Set<(channel: string, message: string) => void>();
  const sent: string[] = [];
  const subscriber: RedisSubscriber = {
    psubscribe: async () => 1,
    subscribe: async () => 1,
    on: (_event, listener) => listeners.add(listener),
    removeListener: (_event, listener) => listeners.delete(listener),
  };
  const evalsha = async (_sha1: string, _keys: number, ...args: string[]) => {
    sent.push(...args);
    return 1;
  };
  const client = { evalsha, eval: evalsha };
  const cache = new TokenCache({ store: redisStore({ client, subscriber }), clock });
  const publish = (text: string) => {
    for (const listen of listeners) listen(CHANNEL, text);
  };
  return { cache, sent, publish };
}

async function noticeOfDeletion(): Promise<string> {
  const { cache, sent } = listening();
  await using closed = cache;
  const source = identity("seller");
  const { id } = await closed.getToken(source);
  sent.length = 0;
  await closed.invalidate(source, id);
  const notice = sent.find((text) => text.startsWith("{") && text.includes(id));
  must(notice !== undefined, "No notice of the deletion was published.");
  return notice;
}
