import { inspect } from "node:util";

/** Remembers every secret in use, to search all output for them. */
export class SecretWatch {
  readonly #secrets = new Map<string, string>();

  /** @param kind what it is, for the report: a finding is named by its kind and never shown */
  add(kind: string, secret: string): void {
    this.#secrets.set(secret, kind);
  }

  count(kind: string): number {
    return [...this.#secrets.values()].filter((each) => each === kind).length;
  }

  get size(): number {
    return this.#secrets.size;
  }

  /** One of the secrets, to see that a search finds it. */
  sample(): string {
    return [...this.#secrets.keys()].at(-1) ?? "";
  }

  /** The kinds of secrets that a text contains, also in the forms of URLs and headers. */
  foundIn(text: string): string[] {
    const found = new Set<string>();
    for (const [secret, kind] of this.#secrets) {
      const forms = [secret, encodeURIComponent(secret), btoa(secret), JSON.stringify(secret).slice(1, -1)];
      if (forms.some((form) => text.includes(form))) found.add(kind);
    }
    return [...found];
  }

  /** A `fetch` that remembers the tokens and signatures that pass. */
  watching(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return async (input, init) => {
      for (const form of [await textOf(init?.body), String(input).split("?")[1]]) {
        const sign = new URLSearchParams(form).get("client_secret_sign");
        if (sign !== null) this.add("signature", sign);
      }
      const response = await fetch(input, init);
      const body: unknown = await response
        .clone()
        .json()
        .catch(() => undefined);
      for (const token of accessTokensIn(body)) this.add("token", token);
      return response;
    };
  }
}

/** Token requests are small and in memory. A stream is an upload, and is not read. */
async function textOf(body: RequestInit["body"]): Promise<string> {
  if (body === undefined || body === null || body instanceof ReadableStream) return "";
  return new Response(body).text();
}

/** A value in every form in which a careless program would print it. */
export function everyPrintOf(value: unknown): string {
  const stack = value instanceof Error ? value.stack : "";
  return [inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value), String(value), stack].join("\n");
}

/** At iamport the token is inside the envelope's `response`. */
function accessTokensIn(body: unknown): string[] {
  if (typeof body !== "object" || body === null) return [];
  const { access_token: token, response } = body as { access_token?: unknown; response?: unknown };
  return [...(typeof token === "string" ? [token] : []), ...accessTokensIn(response)];
}
