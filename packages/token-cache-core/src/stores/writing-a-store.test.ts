import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listen, postgresStore, schema } from "../../docs/writing-a-store.example.ts";
import type { StoreChange } from "../contract/token-store.ts";
import { testTokenStore } from "../testing/test-token-store.ts";

const docs = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

test("the page shows the example that is tested here", () => {
  const example = docs("writing-a-store.example.ts").replace("../src/index.ts", "@x/token-cache-core");
  expect(docs("writing-a-store.md")).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});

describe("the example passes the store tests on Postgres", () => {
  let postgres: PGlite;

  beforeAll(async () => {
    postgres = await PGlite.create();
    await postgres.exec(schema);
  });

  afterAll(async () => {
    await postgres?.close();
  });

  const listen: Listen = (channel, onMessage) => {
    const listening = postgres.listen(channel, onMessage);
    return () => void listening.then((stop) => stop());
  };

  testTokenStore({
    test: test.concurrent,
    createStore: () => postgresStore({ query: (sql, values) => postgres.query(sql, values) }, listen),
  });

  test("any text in its channel and any notice in another one is ignored, and a listener may throw", async () => {
    const store = postgresStore({ query: (sql, values) => postgres.query(sql, values) }, listen);
    const heard: StoreChange[] = [];
    store.changed?.((change) => {
      heard.push(change);
      throw new Error("The listener failed.");
    });
    const send = (channel: string, text: string) => postgres.query("SELECT pg_notify($1, $2)", [channel, text]);
    await send("elsewhere", '{"key":"elsewhere"}');
    for (const text of ["", "{", "null", "[]", "1", '{"key":1}', '{"refusedTokenId":"id"}']) {
      await send("access_tokens", text);
    }
    await send("access_tokens", '{"key":"odd id","refusedTokenId":1}');
    await send("access_tokens", '{"key":"last","refusedTokenId":"id","more":true}');
    await expect.poll(() => heard.at(-1)?.key).toBe("last");
    expect(heard.filter(({ key }) => ["elsewhere", "odd id", "last"].includes(key))).toEqual([
      { key: "odd id" },
      { key: "last", refusedTokenId: "id" },
    ]);
  });
});

test("without a connection to listen on, it has no change notices", () => {
  expect(postgresStore({ query: async () => ({ rows: [] }) }).changed).toBeUndefined();
});
