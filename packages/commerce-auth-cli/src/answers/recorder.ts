/** One answer, as an examination reads it. */
export interface Answer {
  readonly url: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; undefined if the body is no JSON. */
  readonly body: unknown;
  readonly isHtml: boolean;
  /** The system's code of a network failure, such as `ECONNRESET`. */
  readonly failure: string | undefined;
  /** Epoch ms on this machine's clock. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** More than any answer that an examination looks into. */
const LARGEST_BODY_BYTES = 64 * 1024;

/** A `fetch` that keeps what was answered. It never keeps a request: that would hold the secret or the token. */
export class Recorder {
  readonly answers: Answer[] = [];

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const sentAt = Date.now();
    try {
      const response = await globalThis.fetch(input, init);
      const receivedAt = Date.now();
      const text = await readText(response.clone());
      const { status, headers } = response;
      const isHtml = /html/i.test(headers.get("content-type") ?? "") || /^\s*<(!doctype|html)/i.test(text);
      this.answers.push({ url, status, headers, body: parsed(text), isHtml, failure: undefined, sentAt, receivedAt });
      return response;
    } catch (thrown) {
      const nothing = { status: 0, headers: new Headers(), body: undefined, isHtml: false };
      this.answers.push({ url, ...nothing, failure: failureCode(thrown), sentAt, receivedAt: Date.now() });
      throw thrown;
    }
  };

  get last(): Answer | undefined {
    return this.answers.at(-1);
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined && size < LARGEST_BODY_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    chunks.push(value);
  }
  reader?.cancel().catch(() => {});
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first code in a chain of errors, or the name of an abort. */
export function failureCode(thrown: unknown): string {
  let error = thrown;
  for (let depth = 0; depth < 5 && typeof error === "object" && error !== null; depth++) {
    const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
    if (name === "TimeoutError" || name === "AbortError") return "TIMEOUT";
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
    error = cause;
  }
  return "UNKNOWN";
}
