import { readBoundedText } from "../bounded-body.ts";

/** An API's answer, for a provider to judge whether it refuses the token. */
export interface ApiAnswer {
  /** The request's, in capitals: the answer to a `HEAD` has no body to judge by. */
  readonly method: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body's JSON, read from a copy and up to a size; `undefined` where it is none. */
  readJson(): Promise<unknown>;
}

/** Ample for an error object. */
const LARGEST_ERROR_BYTES = 64 * 1024;

/** Looks at a response without taking it from its caller. */
export function apiAnswer(response: Response, method: string): ApiAnswer {
  return {
    method: method.toUpperCase(),
    status: response.status,
    headers: response.headers,
    async readJson() {
      try {
        const text = await readBoundedText(response.clone(), LARGEST_ERROR_BYTES);
        return text === undefined ? undefined : JSON.parse(text);
      } catch {
        return undefined;
      }
    },
  };
}
