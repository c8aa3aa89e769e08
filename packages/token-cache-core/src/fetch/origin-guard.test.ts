import { describe, expect, it } from "vitest";
import { instant } from "../time/clock.ts";
import { authenticated, failureOf, startServer } from "./loopback.test-support.ts";

describe("where the token goes (case 22)", () => {
  it("goes to the allowed origin, whatever the input is", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([api.origin]);
    await fetch(`${api.origin}/text`);
    await fetch(new URL("/url", api.origin));
    await fetch(new Request(`${api.origin}/request`));
    expect(api.requests.map(({ target, token }) => [target, token])).toEqual([
      ["/text", "token-1"],
      ["/url", "token-1"],
      ["/request", "token-1"],
    ]);
  });

  it.each([
    ["another host", (api: URL) => `http://localhost:${api.port}/`],
    ["another port", () => undefined],
    ["a raised scheme", (api: URL) => `https://${api.host}/`],
    ["a user name", (api: URL) => `http://user@${api.host}/`],
    ["a password", (api: URL) => `http://:secret@${api.host}/`],
    ["the allowed host as user name", (api: URL) => `http://${api.hostname}@localhost:${api.port}/`],
    ["the allowed host as a subdomain", (api: URL) => `http://${api.hostname}.localhost:${api.port}/`],
    ["a trailing dot", (api: URL) => `http://localhost.:${api.port}/`],
    ["a blob of the allowed origin", (api: URL) => `blob:${api.origin}/8c7b1f8e-0000-4000-8000-000000000000`],
    ["a data URL", () => "data:text/plain,hello"],
    ["a file", () => "file:///etc/hostname"],
  ])("is not sent to %s, and nothing is", async (_, place) => {
    await using api = await startServer();
    await using other = await startServer();
    const { fetch, tokens } = authenticated([api.origin]);
    const target = place(new URL(api.origin)) ?? other.origin;
    const inputs = target.includes("@") ? [target, new URL(target)] : [target, new URL(target), new Request(target)];
    for (const input of inputs) {
      const error = await failureOf(fetch(input));
      expect(error).toMatchObject({ code: "origin_not_allowed", provider: "test-provider", retryable: false });
      expect(error.message).toContain(api.origin);
      expect(error.message).not.toContain("secret");
    }
    expect([api.connections, other.connections, tokens.issues]).toEqual([0, 0, 0]);
  });

  it("is not sent by a downgraded scheme", async () => {
    await using plain = await startServer();
    const { port } = new URL(plain.origin);
    const { fetch } = authenticated([`https://127.0.0.1:${port}`]);
    expect(await failureOf(fetch(`${plain.origin}/`))).toMatchObject({ code: "origin_not_allowed" });
    expect(plain.connections).toBe(0);
  });

  it("treats //host and /path as the standard does without a page: as no URL", async () => {
    await using other = await startServer();
    const { fetch } = authenticated(["https://api.test"]);
    for (const input of [`//${new URL(other.origin).host}/`, "/path"]) {
      await expect(fetch(input)).rejects.toThrow(TypeError);
      await expect(globalThis.fetch(input)).rejects.toThrow(TypeError);
    }
    expect(other.connections).toBe(0);
  });

  it.each([
    ["no URL", "api.test"],
    ["plain HTTP to a host that is not this machine", "http://api.test"],
    ["a password", "https://user:secret@api.test"],
  ])("refuses %s as an allowed origin", (_, origin) => {
    expect(() => authenticated([origin])).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.stringContaining("allowedOrigins") }),
    );
  });

  it("uses only the origin of a longer URL, and no other port", async () => {
    await using api = await startServer();
    const { fetch } = authenticated([`${api.origin}/v1/`]);
    expect((await fetch(`${api.origin}/v2/`)).status).toBe(200);
  });
});

describe("redirects that leave the origin", () => {
  describe.each([301, 302, 303, 307, 308])("by %i", (status) => {
    it.each([
      ["an absolute URL", (other: string) => other],
      ["//host", (other: string) => `//${new URL(other).host}/taken`],
      ["userinfo", (other: string) => other.replace("://", "://127.0.0.1@")],
    ])("to %s never contact the other server, though a plain client does", async (_, place) => {
      await using other = await startServer();
      const location = place(`${other.origin}/taken`);
      await using api = await startServer(() => ({ status, headers: { location } }));
      const { fetch } = authenticated([api.origin]);

      const error = await failureOf(fetch(`${api.origin}/start`, { method: "POST", body: "text" }));
      expect(error).toMatchObject({ code: "origin_not_allowed" });
      expect(error.message).toContain("redirect");
      expect(api.tokens).toEqual(["token-1"]);
      expect(other.connections).toBe(0);

      // A client with its own header name, or one that follows redirects itself, would leak the token.
      const plain = await globalThis
        .fetch(`${api.origin}/start`, {
          method: "POST",
          body: "text",
          headers: { "x-access-token": "token-1" },
        })
        .catch(() => undefined);
      if (plain !== undefined) expect(other.requests[0]?.headers["x-access-token"]).toBe("token-1");
      else expect(location).toContain("@"); // The platform refuses user info by itself.
    });
  });

  it("to another port, another host name or a raised scheme end the call too", async () => {
    await using api = await startServer(({ target }) => ({
      status: 302,
      headers: { location: decodeURIComponent(target.slice(1)) },
    }));
    const { fetch } = authenticated([api.origin]);
    const { host, port } = new URL(api.origin);
    for (const location of [`http://localhost:${port}/`, `https://${host}/`, "http://127.0.0.1:1/", "data:,x"]) {
      const call = fetch(`${api.origin}/${encodeURIComponent(location)}`);
      expect(await failureOf(call), location).toMatchObject({ code: "origin_not_allowed" });
    }
    expect(api.requests).toHaveLength(4);
  });

  it("are shown with redirect: manual, and an error with redirect: error, as with every fetch", async () => {
    await using other = await startServer();
    await using api = await startServer(() => ({ status: 302, headers: { location: other.origin } }));
    const { fetch } = authenticated([api.origin]);
    const shown = await fetch(api.origin, { redirect: "manual" });
    expect([shown.status, shown.headers.get("location")]).toEqual([302, other.origin]);
    await expect(fetch(api.origin, { redirect: "error" })).rejects.toThrow(TypeError);
    await expect(fetch(new Request(api.origin, { redirect: "error" }))).rejects.toThrow(TypeError);
    expect((await fetch(new Request(api.origin, { redirect: "manual" }))).status).toBe(302);
    expect(other.connections).toBe(0);
  });
});

describe("redirects inside the origin", () => {
  it("carry the token to the end, between allowed origins as well", async () => {
    await using second = await startServer(() => ({ body: "arrived" }));
    await using api = await startServer(({ target }) => ({
      status: 307,
      headers: { location: target === "/a" ? "/b?x=1" : second.origin },
    }));
    const { fetch } = authenticated([api.origin, second.origin]);
    expect(await (await fetch(`${api.origin}/a`)).text()).toBe("arrived");
    expect(api.requests.map(({ target, token }) => [target, token])).toEqual([
      ["/a", "token-1"],
      ["/b?x=1", "token-1"],
    ]);
    expect(second.tokens).toEqual(["token-1"]);
  });

  const SENT = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"];
  it.each([301, 302, 303, 307, 308])("by %i change method and body as the platform's own do", async (status) => {
    const reply = ({ target }: { target: string }) =>
      target === "/start" ? { status, headers: { location: "/end" } } : {};
    await using ours = await startServer(reply);
    await using platform = await startServer(reply);
    const { fetch } = authenticated([ours.origin]);
    for (const method of SENT) {
      const init = {
        method,
        headers: { "content-language": "ko", "x-kept": "1" },
        ...(method === "GET" || method === "HEAD" ? {} : { body: `by ${method}` }),
      };
      await fetch(`${ours.origin}/start`, init);
      await globalThis.fetch(`${platform.origin}/start`, init);
    }
    const told = ({ requests }: typeof ours) =>
      requests.map(({ method, target, body, headers }) => [
        method,
        target,
        body.toString(),
        headers["content-type"],
        headers["content-language"],
        headers["content-length"],
        headers["x-kept"],
      ]);
    expect(told(ours)).toEqual(told(platform));
    expect(ours.requests).toHaveLength(2 * SENT.length);
  });

  it("keep the fragment out of the request, and end after twenty", async () => {
    await using api = await startServer(() => ({ status: 302, headers: { location: "/again#there" } }));
    const { fetch } = authenticated([api.origin]);
    await expect(fetch(`${api.origin}/#here`)).rejects.toThrow(/20 redirects/);
    await expect(globalThis.fetch(`${api.origin}/`)).rejects.toThrow(TypeError);
    const [ours, platforms] = [api.requests.filter(({ token }) => token), api.requests.filter(({ token }) => !token)];
    expect(ours).toHaveLength(21);
    expect(platforms).toHaveLength(21);
    expect(api.requests.every(({ target }) => !target.includes("#"))).toBe(true);
  });

  it.each([
    ["#here", "/end", "/end#here"],
    ["#here", "/end#there", "/end#there"],
    ["", "/end#there", "/end#there"],
    ["", "/end", "/end"],
  ])("from %j to %s lead to %s: a fragment stays unless the location has its own", async (own, location, end) => {
    await using api = await startServer(({ target }) =>
      target === "/start" ? { status: 302, headers: { location } } : {},
    );
    const sent: string[] = [];
    const spy: typeof globalThis.fetch = (input, init) => {
      sent.push(String(input));
      return globalThis.fetch(input, init);
    };
    const { fetch } = authenticated([api.origin], { fetch: spy });
    await fetch(`${api.origin}/start${own}`);
    expect(sent).toEqual([`${api.origin}/start${own}`, `${api.origin}${end}`]);
  });

  it("end with a TypeError if the location is no URL, or a stream has to be sent again", async () => {
    await using api = await startServer(({ target }) => ({
      status: 307,
      headers: { location: target === "/bad" ? "http://[" : "/end" },
    }));
    const { fetch } = authenticated([api.origin]);
    await expect(fetch(`${api.origin}/bad`)).rejects.toThrow(TypeError);
    await expect(globalThis.fetch(`${api.origin}/bad`)).rejects.toThrow(TypeError);
    const streamed = () => ({ method: "POST", body: new Blob(["text"]).stream(), duplex: "half" }) as RequestInit;
    await expect(fetch(`${api.origin}/start`, streamed())).rejects.toThrow(/which was a stream/);
    await expect(globalThis.fetch(`${api.origin}/start`, streamed())).rejects.toThrow(TypeError);
    expect(api.requests.map(({ target }) => target)).not.toContain("/end");
  });

  it("are no redirects without a location, and with 300 and 304", async () => {
    await using api = await startServer(({ target }) => {
      const status = Number(target.slice(1));
      return { status, headers: status === 302 ? {} : { location: "/end" } };
    });
    const { fetch } = authenticated([api.origin]);
    for (const status of [300, 302, 304]) expect((await fetch(`${api.origin}/${status}`)).status).toBe(status);
    expect(api.requests).toHaveLength(3);
  });
});

describe("a custom fetch that follows redirects by itself", () => {
  const following: typeof fetch = (input, init) => globalThis.fetch(input, { ...init, redirect: "follow" });

  it("passes on no answer of another host, and learns no clock there", async () => {
    await using other = await startServer(() => ({ body: "evil", headers: { date: new Date(0).toUTCString() } }));
    await using api = await startServer(() => ({ status: 307, headers: { location: other.origin } }));
    const { fetch, cache, source, clock } = authenticated([api.origin], { fetch: following, tokenOrigin: api.origin });
    const error = await failureOf(fetch(api.origin));
    expect(error).toMatchObject({ code: "origin_not_allowed", provider: "test-provider" });
    expect(error.message).toContain("option fetch");
    expect(cache.serverClock(source).offset(instant(clock))).toBeUndefined();
    expect(other.requests).toHaveLength(1);
  });

  it("is accepted if the answer is the allowed host's", async () => {
    await using api = await startServer(({ target }) =>
      target === "/start" ? { status: 307, headers: { location: "/end" } } : { body: "home" },
    );
    const { fetch } = authenticated([api.origin], { fetch: following });
    expect(await (await fetch(`${api.origin}/start`)).text()).toBe("home");
  });
});
