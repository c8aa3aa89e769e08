import { failureOf, HOUR, MINUTE, SECOND, START } from "@x/testing/emulated-life";
import { ManualClock } from "@x/token-cache-core/testing";
import { hashSync } from "bcryptjs";
import { describe, expect, it, vi } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createNaverCommerceAuth } from "./index.ts";
import type { BcryptHash } from "./options.ts";
import { signaturesOf } from "./signature.ts";

const DOCUMENTED = { clientId: "aaaabbbbcccc", clientSecret: "$2a$10$abcdefghijklmnopqrstuv" };

/** A hash function that counts its calls. */
function countedHash() {
  return vi.fn<BcryptHash>((password, salt) => hashSync(password, salt));
}

/** When the requests that arrived were signed for, epoch ms. */
function signedFor({ emulator }: Awaited<ReturnType<typeof emulated>>): number[] {
  return emulator.journal.map(({ body }) => Number(body.parameters?.find(({ name }) => name === "timestamp")?.value));
}

/** Signatures of a client that knows nothing of Naver's clock. */
const newSignatures = () =>
  signaturesOf({ serverClock: { earliest: ({ wall }) => wall }, hostState: (_name, create) => create() });

describe("a signature", () => {
  it("is the documented one for the documented example", async () => {
    const clock = new ManualClock({ startAt: 1_643_961_623_299 + 2 * SECOND });
    expect(await newSignatures().sign(DOCUMENTED, { clock, sharedFlights: true }, undefined)).toEqual({
      timestamp: "1643961623299",
      clientSecretSign: "JDJhJDEwJGFiY2RlZmdoaWprbG1ub3BxcnN0dXVCVldZSk42T0VPdEx1OFY0cDQxa2IuTnpVaUEzbmsy",
    });
  });

  it("is made by the option bcryptHash, and accepted by Naver", async () => {
    await using world = await emulated();
    const bcryptHash = countedHash();
    const { clientId, clientSecret } = world.emulator.naver.credentials;
    await world.createAuth({ bcryptHash }).getToken();
    expect(bcryptHash.mock.calls).toEqual([[`${clientId}_${signedFor(world)[0]}`, clientSecret]]);
  });

  it("may be asynchronous, as from a native implementation", async () => {
    await using world = await emulated();
    const bcryptHash: BcryptHash = async (password, salt) => {
      await new Promise((resolve) => setImmediate(resolve));
      return hashSync(password, salt);
    };
    expect((await world.createAuth({ bcryptHash }).getToken()).value).toBeTruthy();
  });

  it.each([
    ["nothing", undefined],
    ["a promise of nothing", Promise.resolve(null)],
    ["a hash under another salt", hashSync("password", "$2a$04$zzzzzzzzzzzzzzzzzzzzzu")],
    ["the salt alone", "$2a$04$abcdefghijklmnopqrstuu"],
  ])("is not sent if bcryptHash returns %s", async (_what, hash) => {
    await using world = await emulated();
    const failure = await failureOf(world.createAuth({ bcryptHash: () => hash as string }).getToken());
    expect(failure).toMatchObject({ code: "invalid_options", message: expect.stringContaining("bcryptHash") });
    expect(world.emulator.requestCount("naver.token")).toBe(0);
  });

  it("case 23: is not sent if bcryptHash throws, and the thrown error is not shown", async () => {
    await using world = await emulated();
    const bcryptHash: BcryptHash = (_password, salt) => {
      throw new Error(`Invalid salt: ${salt}`);
    };
    const failure = await failureOf(world.createAuth({ bcryptHash }).getToken());
    expect(failure).toMatchObject({ code: "invalid_options", message: expect.stringContaining("bcryptHash threw") });
    expect(failure.message).not.toContain("$2a$");
    expect(world.emulator.requestCount("naver.token")).toBe(0);
  });
});

describe("a shared signature", () => {
  const clock = new ManualClock({ startAt: START });
  const TWO = ["one", "two"].map((clientId) => ({ clientId, clientSecret: "$2a$04$abcdefghijklmnopqrstuv" }));
  it("is one for each application, for a minute", async () => {
    const clock = new ManualClock({ startAt: START });
    const signatures = newSignatures();
    const bcryptHash = countedHash();
    const signAll = () =>
      Promise.all(TWO.map((each) => signatures.sign(each, { clock, sharedFlights: true }, bcryptHash)));
    const first = await signAll();
    expect(await signAll()).toEqual(first);
    expect(bcryptHash).toHaveBeenCalledTimes(2);
    clock.advance(MINUTE);
    await signAll();
    expect(bcryptHash).toHaveBeenCalledTimes(4);
  });

  it("is made again after its hash failed", async () => {
    const signatures = newSignatures();
    const bcryptHash = countedHash().mockRejectedValueOnce(new Error("busy"));
    const sign = () => signatures.sign(DOCUMENTED, { clock, sharedFlights: true }, bcryptHash);
    expect(await failureOf(sign())).toMatchObject({ code: "invalid_options" });
    expect((await sign()).clientSecretSign).toBeTruthy();
  });

  it("is dropped when Naver rejects its timestamp, and a newer one is not", async () => {
    const signatures = newSignatures();
    const bcryptHash = countedHash();
    const sign = () => signatures.sign(DOCUMENTED, { clock, sharedFlights: true }, bcryptHash);
    const rejected = sign();
    signatures.discard(DOCUMENTED, rejected);
    signatures.discard(DOCUMENTED, rejected);
    const newer = sign();
    signatures.discard(DOCUMENTED, rejected);
    expect(sign()).toBe(newer);
    await Promise.all([rejected, newer]);
    expect(bcryptHash).toHaveBeenCalledTimes(2);
  });

  it("is not shared where callers share no flights", async () => {
    const signatures = newSignatures();
    const bcryptHash = countedHash();
    const sign = () => signatures.sign(DOCUMENTED, { clock, sharedFlights: false }, bcryptHash);
    await Promise.all([sign(), sign()]);
    expect(bcryptHash).toHaveBeenCalledTimes(2);
  });
});

describe("a client secret from the environment", () => {
  it("case 53: that a shell or dotenv has expanded is rejected with advice, before any request", async () => {
    await using world = await emulated();
    vi.stubEnv("NAVER_COMMERCE_CLIENT_SECRET", "abcdefghijklmnopqrstuv");
    const failure = await failureOf(world.createAuth({ clientSecret: undefined }).getToken());
    expect(failure.code).toBe("invalid_options");
    expect(failure.message).toContain("has 22 characters, does not begin with $2a$");
    expect(failure.message).not.toContain("abcdefghijklmnopqrstuv");
    expect(world.emulator.requestCount("naver.token")).toBe(0);
  });

  it("is accepted at every cost from 4 to 12 and at no other", () => {
    for (let cost = 0; cost <= 31; cost++) {
      const clientSecret = `$2a$${String(cost).padStart(2, "0")}$abcdefghijklmnopqrstuv`;
      const check = () => createNaverCommerceAuth({ clientId: "id", clientSecret });
      if (cost >= 4 && cost <= 12) check();
      else expect(check).toThrow(/cost/);
    }
  });
});

describe("case 15: the signed timestamp", () => {
  it("is the time of sending, however old the client is", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    world.life.pass(HOUR);
    await naver.getToken();
    expect(world.emulator.journal).toMatchObject([{ status: 200 }]);
    expect(START + HOUR - (signedFor(world)[0] ?? 0)).toBeLessThanOrEqual(10 * SECOND);
  });

  it("is never in Naver's future, and never more than a few seconds past", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    for (let round = 0; round < 20; round++) {
      await naver.getToken({ forceRefresh: true });
      world.life.pass(10 * MINUTE + 333);
    }
    for (const { at, status, body } of world.emulator.journal) {
      const ageMs = at - Number(body.parameters?.find(({ name }) => name === "timestamp")?.value);
      expect(status).toBe(200);
      expect(ageMs).toBeGreaterThanOrEqual(0);
      expect(ageMs).toBeLessThan(10 * SECOND);
    }
  });

  it("is new after a sleep of the machine, in which its monotonic clock stands still", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    await naver.getToken();
    world.clock.stepWall(10 * MINUTE);
    world.emulator.clock.advance(10 * MINUTE);
    await naver.getToken({ forceRefresh: true });
    expect(world.emulator.journal.map(({ status }) => status)).toEqual([200, 200]);
  });

  it("is reused for a retry until the signature is too old", async () => {
    await using world = await emulated({ cache: { flightTimeoutMs: 10 * MINUTE } });
    const bcryptHash = countedHash();
    const wait = (seconds: number) =>
      world.emulator.fault({
        endpoint: "naver.token",
        kind: "provider-error",
        code: "GW.PROXY.01",
        times: 1,
        headers: { "Retry-After": String(seconds) },
      });
    wait(5);
    wait(300);
    expect((await world.createAuth({ bcryptHash }).getToken()).value).toBeTruthy();
    const [first = 0, second = 0, third = 0] = signedFor(world);
    expect(second).toBe(first);
    expect(third - first).toBeGreaterThan(300 * SECOND);
    expect(bcryptHash).toHaveBeenCalledTimes(2);
  });
});

describe("case 13: a client's clock that is off", () => {
  const OFFSETS = [-600, -310, -298, -60, -5, -1, 0, 1, 2, 3, 5, 60, 299, 301, 600];

  it.each(OFFSETS)("by %i s gets a token by the second request, and stays right", async (seconds) => {
    await using world = await emulated({ clientAheadMs: seconds * SECOND });
    const naver = world.createAuth();
    const tokens = await Promise.all(Array.from({ length: 100 }, () => naver.getToken()));
    expect(new Set(tokens).size).toBe(1);
    const toBegin = world.emulator.requestCount("naver.token");
    expect(toBegin).toBeLessThanOrEqual(2);

    for (let round = 0; round < 4; round++) {
      world.life.pass(3 * HOUR);
      expect(await world.callApi(await naver.getToken())).toBe(200);
    }
    expect(world.emulator.requestCount("naver.token")).toBe(toBegin + 4);
  });

  it.each([400, 403] as const)("is distinguished from wrong credentials with HTTP %i", async (clockRefusalStatus) => {
    for (const minutes of [-10, 10]) {
      await using world = await emulated({ clientAheadMs: minutes * MINUTE, naver: { clockRefusalStatus } });
      expect((await world.createAuth().getToken()).value).toBeTruthy();
      expect(world.emulator.journal.map(({ status }) => status)).toEqual([clockRefusalStatus, 200]);
    }
  });

  it("by 10 min is right for the next sellers, and a hundred at once cost few more requests and hashes", async () => {
    await using world = await emulated({ clientAheadMs: 10 * MINUTE, naver: { accounts: "any" } });
    const bcryptHash = countedHash();
    const tokens = (name: string) =>
      Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          world.createSellerAuth(`${name}-${index}`, { bcryptHash }).getToken(),
        ),
      );
    expect(new Set(await tokens("first")).size).toBe(100);
    // Requests of the first sellers that were on their way at the first refusal are refused as well.
    expect(world.emulator.requestCount("naver.token")).toBeLessThanOrEqual(108);
    expect(bcryptHash.mock.calls.length).toBeLessThanOrEqual(2);

    const before = world.emulator.requestCount("naver.token");
    await tokens("next");
    expect(world.emulator.requestCount("naver.token") - before).toBe(100);
    expect(bcryptHash.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it("is measured again after a step: it costs one more request, once", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    await naver.getToken();
    for (const stepMs of [20 * MINUTE, -40 * MINUTE]) {
      world.life.pass(5 * MINUTE);
      world.clock.stepWall(stepMs);
      const before = world.emulator.requestCount("naver.token");
      expect((await naver.getToken({ forceRefresh: true })).value).toBeTruthy();
      expect(world.emulator.requestCount("naver.token") - before).toBeLessThanOrEqual(2);
    }
  });

  it("cannot be measured from responses without a date: the error says what to do", async () => {
    await using world = await emulated({ clientAheadMs: 10 * MINUTE, dateHeader: false });
    const failure = await failureOf(world.createAuth().getToken());
    expect(failure).toMatchObject({ code: "clock_skew", retryable: false, providerStatus: 400 });
    expect(failure.message).toMatch(/clock by NTP/);
    expect(failure.traceId ?? "").not.toContain(" ");
    expect(world.emulator.requestCount("naver.token")).toBe(1);
  });

  it("is refused twice at most if the dates are wrong", async () => {
    await using world = await emulated({ clientAheadMs: 10 * MINUTE });
    world.emulator.fault({ endpoint: "naver.token", kind: "date", offsetMs: HOUR });
    expect(await failureOf(world.createAuth().getToken())).toMatchObject({ code: "clock_skew" });
    expect(world.emulator.requestCount("naver.token")).toBe(2);
  });
});

it("case 14: the date of a cached response does not change the clock offset", async () => {
  await using world = await emulated();
  const lift = world.emulator.fault({ endpoint: "naver.token", kind: "stale", ageSeconds: 600 });
  const naver = world.createAuth();
  await naver.getToken();
  expect(world.life.seen("clock_synced")).toEqual([]);
  lift();
  await naver.getToken({ forceRefresh: true });
  expect(signedFor(world).every((timestamp) => START - timestamp < 10 * SECOND)).toBe(true);
  expect(world.life.seen("clock_synced")).toHaveLength(1);
});

describe("case 28: many sellers", () => {
  it("a thousand of one application cost one hash, and the least recently used are evicted", async () => {
    await using world = await emulated({ naver: { accounts: "any" }, cache: { maxIdentities: 100 } });
    const bcryptHash = countedHash();
    const tokens = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => world.createSellerAuth(`seller-${index}`, { bcryptHash }).getToken()),
    );
    expect(new Set(tokens.map(({ id }) => id)).size).toBe(1_000);
    expect(world.emulator.requestCount("naver.token")).toBe(1_000);
    expect(bcryptHash).toHaveBeenCalledTimes(1);
    expect(world.life.seen("evicted")).toHaveLength(900);
  });

  it("of two applications, or of one with two secrets, do not share a signature", async () => {
    const clientSecret = "$2a$04$abcdefghijklmnopqrstuv";
    const others = [
      { clientId: "one", clientSecret },
      { clientId: "two", clientSecret },
      { clientId: "two", clientSecret: "$2a$04$ABCDEFGHIJKLMNOPQRSTUu" },
    ];
    await using world = await emulated({ naver: { applications: others } });
    const bcryptHash = countedHash();
    await Promise.all(others.map((application) => world.createAuth({ ...application, bcryptHash }).getToken()));
    expect(bcryptHash).toHaveBeenCalledTimes(3);
  });

  it("with one secret each free the event loop between two hashes", async () => {
    const clock = new ManualClock({ startAt: START });
    const application = (index: number) => ({
      clientId: `client-${index}`,
      clientSecret: `$2a$04$${String(index).padStart(21, "a")}u`,
    });
    const signatures = newSignatures();

    let otherTasks = 0;
    let isDone = false;
    const otherTask = () => {
      otherTasks++;
      if (!isDone) setImmediate(otherTask);
    };
    setImmediate(otherTask);
    const tasksAtHash: number[] = [];
    const bcryptHash: BcryptHash = (password, salt) => {
      tasksAtHash.push(otherTasks);
      return hashSync(password, salt);
    };
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        signatures.sign(application(index), { clock, sharedFlights: true }, bcryptHash),
      ),
    );
    isDone = true;
    expect(new Set(tasksAtHash).size).toBe(50);
  });
});
