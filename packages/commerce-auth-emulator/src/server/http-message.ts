import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** A request that has arrived completely. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The media type in lower case, without parameters. "" without a content type. */
  readonly mediaType: string;
  readonly body: Buffer;
}

/** Which of a provider's limits refused a request. "hidden-rate": one that no header shows. */
export type LimitKind = "rate" | "hidden-rate" | "quota" | "concurrency";

/** A complete answer, before the clock and the faults change it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** The limit that refused the request, for the journal. */
  readonly limitedBy?: LimitKind;
}

export const FORM_MEDIA_TYPE = "application/x-www-form-urlencoded";

export class BodyTooLargeError extends Error {}

/** Reads a body. Throws a BodyTooLargeError above `maxBytes`. */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Keep the connection open beyond the limit, so that the client gets an answer.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function mediaTypeOf(headers: IncomingHttpHeaders): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** The token of an `Authorization: Bearer …` header. */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

export function formParameters(request: ReceivedRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString("utf8"));
}

/** A value of a JSON body as text, as a form has it. */
export function textOf(value: unknown): string {
  // JSON can hold an object that String() cannot convert: {"toString": 1}.
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The text as JSON; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json;charset=UTF-8", ...headers },
    body: JSON.stringify(body),
  };
}

export function withHeaders(answer: Answer, headers: Record<string, string>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** Sends the answer. Node's own `Date` header is off: the answer has the virtual clock's, or none. */
export function sendAnswer(response: ServerResponse, answer: Answer, declareLength = true): void {
  writeHead(response, answer, declareLength);
  response.end(answer.body);
}

/** Sends all headers and half of the body, then closes the connection. */
export function sendHalf(response: ServerResponse, answer: Answer): void {
  writeHead(response, answer, true);
  const body = Buffer.from(answer.body);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

function writeHead(response: ServerResponse, answer: Answer, declareLength: boolean): void {
  response.sendDate = false;
  const length = declareLength ? { "Content-Length": String(Buffer.byteLength(answer.body)) } : {};
  response.writeHead(answer.status, { ...answer.headers, ...length });
}
