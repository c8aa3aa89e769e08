import type { StoredToken, TokenStore } from "../contract/token-store.ts";
import { expectEqual, expectTrue, sleep } from "./expectations.ts";
import { awaitListening, expectHeard, expectKept, newKey, take, tokenA, tokenB } from "./store-expectations.ts";
import { turnTests } from "./turn-expectations.ts";

/** What {@link testTokenStore} needs. */
export interface TokenStoreTestOptions {
  /** Of any test runner, for instance `test` of vitest or of `node:test`. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /**
   * Opens the store as one process does. Called several times in each test: all stores that it returns must share their data.
   * The store need not be empty, and tests may run at the same time, since each has its own keys. Each store is closed.
   */
  readonly createStore: () => TokenStore | Promise<TokenStore>;
  /** Whether it has {@link TokenStore.lease}. Default true. */
  readonly leases?: boolean | undefined;
  /** Whether it has {@link TokenStore.changed}. Default true. */
  readonly notices?: boolean | undefined;
  /** A remaining life that the store ends on time, in ms: 2,000 for a store that counts in seconds. Default 150. */
  readonly shortLifeMs?: number | undefined;
  /** Lets time pass for the store. Default: real time passes. */
  readonly passTime?: ((ms: number) => Promise<void> | void) | undefined;
}

const MINUTE_MS = 60_000;

/**
 * Registers the tests that every {@link TokenStore} has to pass: call it in a test file, at its top level or inside a
 * `describe`. Each test opens the store twice, as two processes would. A failed expectation is an error that says what
 * was expected.
 */
export function testTokenStore(options: TokenStoreTestOptions): void {
  const passTime = options.passTime ?? sleep;
  const shortLifeMs = options.shortLifeMs ?? 150;
  const pastShortLife = () => passTime(shortLifeMs * 1.5 + 50);

  storeTest("keeps a token for every process, with its remaining life", async (here, there) => {
    const key = newKey();
    expectEqual(await here.get(key), undefined, "what is found before anything was set");
    await here.set(key, tokenA, MINUTE_MS);
    for (const store of [here, there]) await expectKept(store, key, tokenA, MINUTE_MS);
  });

  storeTest("keeps similar keys apart", async (here, there) => {
    const base = newKey();
    const keys = ["", "x", "X", " ", "%", "{", "}", "{}", "{x}", "%7B", ":", "*", "?", "'", '"', "\\", "a/b", "::"];
    const token = (suffix: string): StoredToken => ({ id: tokenA.id, payload: `payload of ${suffix}` });
    for (const suffix of keys) await here.set(base + suffix, token(suffix), MINUTE_MS);
    for (const suffix of keys) await expectKept(there, base + suffix, token(suffix), MINUTE_MS);
    await here.delete(`${base}x`, tokenA.id);
    expectEqual(await there.get(`${base}x`), undefined, "what is found after it was deleted");
    await expectKept(there, `${base}X`, token("X"), MINUTE_MS);
  });

  storeTest("returns any ASCII payload unchanged, up to 16 KiB", async (here, there) => {
    const everyCharacter = String.fromCharCode(...Array.from({ length: 127 }, (_, index) => index + 1));
    const payloads = [
      "",
      " ",
      " spaces around ",
      "1 2 3",
      "\r\n",
      "null",
      "%s$1$x{}",
      everyCharacter,
      "x".repeat(16_384),
    ];
    for (const payload of payloads) {
      const key = newKey();
      await here.set(key, { id: tokenA.id, payload }, MINUTE_MS);
      await expectKept(there, key, { id: tokenA.id, payload }, MINUTE_MS);
    }
  });

  storeTest("forgets a token when its life ends", async (here, there) => {
    const key = newKey();
    await here.set(key, tokenA, shortLifeMs);
    await pastShortLife();
    for (const store of [here, there]) expectEqual(await store.get(key), undefined, "what is found after its life");
    expectEqual(await here.delete(key, tokenA.id), false, "whether an expired token was deleted");
    await here.set(key, tokenB, MINUTE_MS);
    await expectKept(there, key, tokenB, MINUTE_MS);
  });

  storeTest("keeps nothing that has no life left", async (here, there) => {
    const key = newKey();
    for (const remainingMs of [0, -1, -MINUTE_MS]) await here.set(key, tokenA, remainingMs);
    expectEqual(await there.get(key), undefined, "what is found of tokens without a life");
    await here.set(key, tokenA, MINUTE_MS);
    await here.set(key, tokenB, -1);
    await expectKept(there, key, tokenA, MINUTE_MS);
  });

  storeTest("takes lives of years and fractions of milliseconds", async (here, there) => {
    for (const remainingMs of [MINUTE_MS + 0.123456789, 31_535_999_000, 100 * 365.25 * 24 * 3_600_000]) {
      const key = newKey();
      await here.set(key, tokenA, remainingMs);
      await expectKept(there, key, tokenA, remainingMs);
    }
  });

  storeTest("keeps the token that expires later, in any order of writes", async (here, there) => {
    const key = newKey();
    await here.set(key, tokenA, MINUTE_MS);
    await there.set(key, tokenB, MINUTE_MS / 2);
    await expectKept(here, key, tokenA, MINUTE_MS);
    await there.set(key, tokenB, MINUTE_MS * 2);
    await expectKept(here, key, tokenB, MINUTE_MS * 2);
  });

  storeTest("keeps the last write of the same token, also with a shorter life", async (here, there) => {
    const key = newKey();
    await here.set(key, tokenA, MINUTE_MS * 2);
    await there.set(key, { id: tokenA.id, payload: "written again" }, MINUTE_MS);
    await expectKept(here, key, { id: tokenA.id, payload: "written again" }, MINUTE_MS);
  });

  storeTest("deletes a token by its id, and no other one", async (here, there) => {
    const key = newKey();
    expectEqual(await here.delete(key, tokenA.id), false, "whether a missing token was deleted");
    await here.set(key, tokenA, MINUTE_MS);
    expectEqual(await there.delete(key, tokenB.id), false, "whether another token was deleted");
    expectEqual(await there.delete(key, tokenA.id.slice(0, -1)), false, "whether a part of the id was enough");
    await expectKept(here, key, tokenA, MINUTE_MS);
    expectEqual(await there.delete(key, tokenA.id), true, "whether the token was deleted");
    expectEqual(await here.get(key), undefined, "what is found after it was deleted");
    expectEqual(await here.delete(key, tokenA.id), false, "whether it was deleted twice");
  });

  storeTest("serves many operations at once", async (here, there) => {
    const base = newKey();
    const stores = [here, there];
    const ids = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(16, "0"));
    const write = (index: number, id: string) => {
      const lifeMs = MINUTE_MS * (1 + Number.parseInt(id, 16));
      return stores[index % 2]?.set(`${base}:${index % 10}`, { id, payload: `payload ${id}` }, lifeMs);
    };
    const keyCount = 10;
    await Promise.all(ids.flatMap((id, turn) => Array.from({ length: keyCount }, (_, i) => write(i + turn * 10, id))));
    const last = ids.at(-1) ?? "";
    for (let i = 0; i < keyCount; i += 1) {
      const token = { id: last, payload: `payload ${last}` };
      await expectKept(stores[i % 2] ?? here, `${base}:${i}`, token, MINUTE_MS * ids.length);
    }
  });

  for (const { name, run } of turnTests) storeTest(name, (here, there) => run(here, there, passTime));

  if (options.leases ?? true) {
    storeTest("gives a lease to one of many that ask at once", async (here, there) => {
      const key = newKey();
      const asked = Array.from({ length: 40 }, (_, index) => take(index % 2 === 0 ? here : there, key, MINUTE_MS));
      const taken = (await Promise.all(asked)).filter((lease) => lease !== undefined);
      expectEqual(taken.length, 1, "how many of 40 got the lease");
      expectTrue((await take(here, newKey(), MINUTE_MS)) !== undefined, "another key's lease is free");
    });

    storeTest("gives a lease again after its release", async (here, there) => {
      const key = newKey();
      for (const store of [here, there, here]) {
        const lease = await take(store, key, MINUTE_MS);
        expectTrue(lease !== undefined, "the lease is free after its release");
        await lease?.release();
        await lease?.release();
      }
    });

    storeTest("gives an expired lease to another owner, and ignores the first owner's release", async (here, there) => {
      const key = newKey();
      const first = await take(here, key, shortLifeMs);
      expectTrue(first !== undefined, "the lease was free");
      await pastShortLife();
      const second = await take(there, key, MINUTE_MS);
      expectTrue(second !== undefined, "the lease is free when its time is over");
      await first?.release();
      expectEqual(await take(here, key, MINUTE_MS), undefined, "what a third gets while the second holds the lease");
    });

    storeTest("extends a lease for its holder only", async (here, there) => {
      const key = newKey();
      const first = await take(here, key, shortLifeMs);
      expectEqual(await first?.extend(MINUTE_MS), true, "whether a lease was extended");
      await pastShortLife();
      expectEqual(await take(there, key, MINUTE_MS), undefined, "what another gets after the first end of the lease");
      await first?.extend(shortLifeMs);
      await pastShortLife();
      expectEqual(await first?.extend(MINUTE_MS), false, "whether a lease was extended that had ended");
      const second = await take(there, key, MINUTE_MS);
      expectTrue(second !== undefined, "the lease is free when its extended time is over");
      expectEqual(await first?.extend(MINUTE_MS), false, "whether another's lease was extended");
      await second?.release();
      expectEqual(await second?.extend(MINUTE_MS), false, "whether a released lease was extended");
    });

    storeTest("gives a token that is news, or else the lease, in one step", async (here, there) => {
      if (here.getOrLease === undefined) return;
      const key = newKey();
      const ask = (store: TokenStore, known?: { id: string; remainingMs: number }) =>
        store.getOrLease?.(key, MINUTE_MS, known);
      const known = { ...tokenA, remainingMs: MINUTE_MS };
      const asked = await Promise.all(Array.from({ length: 40 }, (_, index) => ask(index % 2 === 0 ? here : there)));
      const leases = asked.filter((each) => each?.type === "lease");
      expectEqual(leases.length, 1, "how many of 40 got the lease");
      expectTrue(
        asked.every((each) => each?.type === "lease" || each?.type === "held"),
        "a caller that does not get the lease learns that it is held",
      );
      await here.set(key, tokenA, MINUTE_MS);
      const found = await ask(there, { ...known, id: tokenB.id });
      const token = found?.type === "token" ? { ...found.token, remainingMs: 0 } : found;
      expectEqual(token, { ...tokenA, remainingMs: 0 }, "the token that is given while the lease is held");
      expectEqual(await ask(there, known), { type: "held" }, "the answer where the lease is held and the token known");
      const extended = await ask(there, { ...known, remainingMs: MINUTE_MS / 2 });
      expectEqual(extended?.type, "token", "the answer where the token is known with an earlier expiry");
      await leases[0]?.lease.release();
      expectEqual((await ask(there, known))?.type, "lease", "the answer where the lease is free and the token known");
      await expectKept(here, key, tokenA, MINUTE_MS);
    });

    storeTest("keeps tokens and leases apart", async (here, there) => {
      const key = newKey();
      const lease = await take(here, key, MINUTE_MS);
      expectEqual(await there.get(key), undefined, "what is found while there is only a lease");
      await there.set(key, tokenA, MINUTE_MS);
      await there.delete(key, tokenA.id);
      expectEqual(await take(there, key, MINUTE_MS), undefined, "what another gets after a token came and went");
      await there.set(key, tokenA, MINUTE_MS);
      await lease?.release();
      await expectKept(there, key, tokenA, MINUTE_MS);
    });
  } else {
    storeTest("has no leases, as the option says", async (here) => {
      expectEqual(here.lease, undefined, "lease");
    });
  }

  if (options.notices ?? true) {
    storeTest(
      "notifies other processes of a set, a refused token with its id, and a released lease",
      async (here, there) => {
        await awaitListening(there, here);
        const key = newKey();
        await expectHeard(there, { key }, "set", () => here.set(key, tokenA, MINUTE_MS));
        const refusal = { key, refusedTokenId: tokenA.id };
        await expectHeard(there, refusal, "delete", () => here.delete(key, tokenA.id, "refused"));
        if (here.lease === undefined) return;
        const lease = await take(here, key, MINUTE_MS);
        await expectHeard(there, { key }, "released lease", async () => lease?.release());
      },
    );

    storeTest(
      "notifies of a deleted unreadable entry without its id: its token was not refused",
      async (here, there) => {
        await awaitListening(there, here);
        const key = newKey();
        await here.set(key, tokenA, MINUTE_MS);
        // The notice of the set names only the key too.
        await expectHeard(there, { key }, "delete", () => here.delete(key, tokenA.id, "unreadable"));
        expectEqual(await there.get(key), undefined, "what is found after it was deleted");
      },
    );

    storeTest("does not call a listener that was removed", async (here, there) => {
      let heard = 0;
      const stop = there.changed?.(() => {
        heard += 1;
      });
      stop?.();
      stop?.();
      const key = newKey();
      await expectHeard(there, { key }, "set", () => here.set(key, tokenA, MINUTE_MS));
      expectEqual(heard, 0, "how often a listener was called that had stopped");
    });
  } else {
    storeTest("has no change notices, as the option says", async (here) => {
      expectEqual(here.changed, undefined, "changed");
    });
  }

  function storeTest(name: string, run: (here: TokenStore, there: TokenStore) => Promise<void>): void {
    options.test(name, async () => {
      const stores: TokenStore[] = [];
      const open = async () => {
        const store = await options.createStore();
        stores.push(store);
        return store;
      };
      try {
        await run(await open(), await open());
      } finally {
        for (const store of stores) await store.close?.();
      }
    });
  }
}
