import { describe, expect, it, vi } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import { authenticated, refusingFirst, startServer, until } from "./loopback.test-support.ts";

const MIB = 1024 * 1024;

/** Every byte there is, and more than one chunk of them. */
const BYTES = new Uint8Array(200_000).map((_, index) => index % 256);

function form(): FormData {
  const data = new FormData();
  data.set("이름", "상품 1");
  data.set("file", new File([BYTES], "bytes.bin", { type: "application/x-bytes" }));
  return data;
}

/** The parts of a form without the boundary, which differs each time. */
function withoutBoundary(body: Buffer, contentType: string | undefined): string {
  const boundary = /boundary=(.*)$/.exec(contentType ?? "")?.[1];
  if (boundary === undefined) return body.toString("latin1");
  expect(body.indexOf(boundary)).toBeGreaterThan(0);
  return body.toString("latin1").replaceAll(boundary, "boundary");
}

describe("a body that can be sent again (case 24)", () => {
  const request = (size: number) => (url: string) =>
    new Request(url, { method: "POST", body: new Uint8Array(size).fill(7), headers: { "x-kept": "1" } });

  it.each<[string, (url: string) => Request | RequestInit]>([
    ["no body", () => ({})],
    ["an empty string", () => ({ body: "" })],
    ["a string", () => ({ body: "상품 ☕ 1" })],
    ["a Uint8Array", () => ({ body: BYTES })],
    ["an ArrayBuffer", () => ({ body: BYTES.slice().buffer })],
    ["a part of a buffer", () => ({ body: new Uint8Array(BYTES.buffer, 100, 1_000) })],
    ["a DataView", () => ({ body: new DataView(BYTES.buffer, 7, 77) })],
    ["a Buffer of Node's pool", () => ({ body: Buffer.from("pooled") })],
    ["URLSearchParams", () => ({ body: new URLSearchParams({ 이름: "a b&c" }) })],
    ["a Blob", () => ({ body: new Blob([BYTES], { type: "image/png" }) })],
    ["a Blob in a form", () => ({ body: form() })],
    ["a Request with a string", (url) => new Request(url, { method: "POST", body: "text" })],
    ["a Request with a form", (url) => new Request(url, { method: "POST", body: form() })],
    ["a Request with no body", (url) => new Request(url, { method: "POST" })],
    [
      "a Request with a small stream",
      (url) => new Request(url, { method: "POST", body: new Blob([BYTES]).stream(), duplex: "half" } as RequestInit),
    ],
    ["a Request of a kibibyte", request(1024)],
    ["a Request of just the largest size that is kept", request(MIB)],
  ])("%s", async (_, make) => {
    await using api = await startServer(refusingFirst);
    const { fetch } = authenticated([api.origin]);
    const made = make(api.origin);
    const response = made instanceof Request ? await fetch(made) : await fetch(api.origin, { method: "POST", ...made });
    expect([response.status, await response.text()]).toEqual([200, "accepted"]);

    const direct = make(api.origin);
    if (direct instanceof Request) await globalThis.fetch(direct);
    else await globalThis.fetch(api.origin, { method: "POST", ...direct });
    expect(api.tokens).toEqual(["token-1", "token-2", undefined]);
    const [first, second, platforms] = api.requests.map(({ body, headers }) => ({
      body: withoutBoundary(body, headers["content-type"]),
      contentType: headers["content-type"]?.replace(/boundary=.*/, "boundary=…"),
      length: headers["content-length"] ?? headers["transfer-encoding"],
      kept: headers["x-kept"],
    }));
    expect(second?.body === first?.body && second?.contentType === first?.contentType).toBe(true);
    expect(first?.body === platforms?.body).toBe(true);
    expect({ ...first, body: "", length: "" }).toEqual({ ...platforms, body: "", length: "" });
  });

  it("is sent as it was when fetch was called, as with every fetch", async () => {
    await using api = await startServer(refusingFirst);
    for (const mutable of [
      () => {
        const body = new TextEncoder().encode("before");
        return { body, change: () => body.set(new TextEncoder().encode("after!")) };
      },
      () => {
        const { buffer } = new TextEncoder().encode("before");
        return { body: buffer, change: () => new Uint8Array(buffer).fill(33) };
      },
      () => {
        const body = new URLSearchParams({ is: "before" });
        return { body, change: () => body.set("is", "after") };
      },
      () => {
        const body = new FormData();
        body.set("is", "before");
        return { body, change: () => body.set("is", "after") };
      },
    ]) {
      const { fetch } = authenticated([api.origin]);
      for (const send of [globalThis.fetch, fetch]) {
        const { body, change } = mutable();
        const headers = new Headers({ "x-is": "before" });
        const call = send(api.origin, { method: "POST", body, headers });
        change();
        headers.set("x-is", "after");
        expect((await call).status).toBe(200);
      }
    }
    expect(api.requests).toHaveLength(12);
    for (const { body, headers } of api.requests) {
      expect(body.toString()).toContain("before");
      expect(headers["x-is"]).toBe("before");
    }
  });
});

describe("a body that cannot be sent again (case 24)", () => {
  const stream = () => new Blob([BYTES]).stream();
  async function* generator() {
    yield new TextEncoder().encode("one ");
    yield new TextEncoder().encode("two");
  }

  it.each<[string, (url: string) => Request | RequestInit]>([
    ["a stream", () => ({ body: stream(), duplex: "half" }) as RequestInit],
    ["an async generator", () => ({ body: generator(), duplex: "half" }) as unknown as RequestInit],
    [
      "a Request over the size that is kept",
      (url) => new Request(url, { method: "POST", body: new Uint8Array(MIB + 1).fill(7) }),
    ],
  ])("%s: the refusal is the answer, untouched, and the next call has a new token", async (_, make) => {
    const refusal = { status: 401, headers: { "x-refused": "yes" }, body: `{"refused":"${"x".repeat(100_000)}"}` };
    await using api = await startServer((request) => (request.token === "token-1" ? refusal : refusingFirst(request)));
    const { fetch, tokens } = authenticated([api.origin], {
      isRefused: async (answer) => answer.status === 401 && (await answer.readJson()) === undefined,
    });
    const made = make(api.origin);
    const response = made instanceof Request ? await fetch(made) : await fetch(api.origin, { method: "POST", ...made });
    expect([response.status, response.headers.get("x-refused"), response.bodyUsed]).toEqual([401, "yes", false]);
    expect((await response.text()) === refusal.body).toBe(true);
    expect(api.requests).toHaveLength(1);
    const arrived = api.requests[0]?.body;
    expect([7, BYTES.length, MIB + 1]).toContain(arrived?.length);

    expect((await fetch(api.origin)).status).toBe(200);
    expect([tokens.issues, api.tokens]).toEqual([2, ["token-1", "token-2"]]);
  });

  it("and is refused: the refusal is the answer, though the renewal fails", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    await using api = await startServer(refusingFirst);
    const { fetch, tokens } = authenticated([api.origin]);
    tokens.value = (nth) => {
      if (nth === 1) return "token-1";
      throw new TokenError("invalid_credentials", { message: "The secret was rotated." });
    };
    const response = await fetch(api.origin, { method: "POST", body: stream(), duplex: "half" } as RequestInit);
    expect(response.status).toBe(401);
    await until(() => tokens.issues === 2);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("is sent completely, once, if nothing is refused", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([api.origin]);
    const body = new Uint8Array(3 * MIB).map((_, index) => index % 251);
    await fetch(new Request(api.origin, { method: "POST", body }));
    await fetch(api.origin, { method: "POST", body: new Blob([body]).stream(), duplex: "half" } as RequestInit);
    expect(api.requests.map((request) => request.body.equals(body))).toEqual([true, true]);
  });

  it("and was used already causes a clear TypeError, before anything is sent", async () => {
    await using api = await startServer();
    const { fetch, tokens } = authenticated([api.origin]);
    const used = new Request(api.origin, { method: "POST", body: "text" });
    await used.text();
    await expect(fetch(used)).rejects.toThrow(/^The Request's body has been used already/);
    await expect(globalThis.fetch(used)).rejects.toThrow(TypeError);

    const locked = new Request(api.origin, { method: "POST", body: "text" });
    locked.body?.getReader();
    await expect(fetch(locked)).rejects.toThrow(TypeError);

    const sent = new Request(api.origin, { method: "POST", body: "text" });
    await fetch(sent);
    expect(sent.bodyUsed).toBe(true);
    await expect(fetch(sent)).rejects.toThrow(TypeError);
    expect([api.requests.length, tokens.issues]).toEqual([1, 1]);
  });

  it("ends with the caller's abort if a Request's stream stalls", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([api.origin]);
    const controller = new AbortController();
    let isRead = false;
    const body = new ReadableStream({
      pull: () => {
        isRead = true;
        return new Promise<void>(() => {});
      },
    });
    const init = { method: "POST", body, duplex: "half", signal: controller.signal } as RequestInit;
    const call = fetch(new Request(api.origin, init));
    await until(() => isRead);
    const reason = new Error("the caller has gone");
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(api.requests).toHaveLength(0);
  });
});
