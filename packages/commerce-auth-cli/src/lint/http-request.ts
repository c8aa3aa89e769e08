/** A request of another program, as far as the rules look at it. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** When it was sent, epoch ms: only a HAR file tells. */
  readonly sentAt: number | undefined;
  /** What the shell would have put in: these values are unknown. `2` stands for `$2`. */
  readonly expansions: readonly string[];
}

/** Stands for a value that only the shell knew. No text of a request contains it. */
export const UNKNOWN = "\u{F0000}";

/** An input that no request can be read from. The message is a key of the words. */
export class UnreadableRequest extends Error {
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason) {
    super(reason);
    this.reason = reason;
  }
}

/** Why nothing can be read. */
export type UnreadableReason =
  | "empty"
  | "binary"
  | "too_large"
  | "no_form"
  | "quotes"
  | "no_url"
  | "har"
  | "no_entries";

/** Stands for a host that only the shell knew. */
export const UNKNOWN_HOST = "unknown.invalid";

/** The URL of a request, or an error. A scheme may be missing, as curl allows. */
export function requestUrl(text: string): URL {
  const known = text.startsWith(UNKNOWN) ? `https://${UNKNOWN_HOST}${text.slice(UNKNOWN.length)}` : text;
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(known) ? known : `https://${known}`;
  if (text === "" || !URL.canParse(whole)) throw new UnreadableRequest("no_url");
  return new URL(whole);
}
