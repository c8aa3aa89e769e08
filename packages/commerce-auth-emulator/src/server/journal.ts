import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { FaultKind } from "../faults/fault.ts";
import { isRecord } from "../input-checks.ts";
import type { Endpoint } from "../provider/provider.ts";
import { tokenId } from "../provider/token-ledger.ts";
import {
  bearerToken,
  FORM_MEDIA_TYPE,
  formParameters,
  type LimitKind,
  parseJson,
  type ReceivedRequest,
} from "./http-message.ts";

/** A parameter of a token request's body. */
export interface JournalParameter {
  /** `[redacted]` where it is longer than a name should be, and may be a secret. */
  readonly name: string;
  /** As it arrived where it is no secret (`grant_type`, `scope`, `type`, `timestamp`, `account_id`), else `[redacted]`. */
  readonly value: string;
}

/** A body, without its content: enough to prove that two were the same, and that a form was the documented one. */
export interface JournalBody {
  /** Bytes. */
  readonly length: number;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  /** At token endpoints: the parameters in the order in which they arrived. Undefined elsewhere. */
  readonly parameters: readonly JournalParameter[] | undefined;
}

/** One request that arrived. Holds no token, secret or signature. */
export interface JournalEntry {
  /** Counts up from 1 since the start or the last reset. */
  readonly sequence: number;
  /** The server's time on arrival, epoch milliseconds. */
  readonly at: number;
  /** "unknown" where the path belongs to no provider. */
  readonly endpoint: Endpoint | "unknown";
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  /** The names in the query string, in their order; one that may be a secret is `[redacted]`. No values: off-form clients send secrets there. */
  readonly queryNames: readonly string[];
  /** With the values of credential headers redacted. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  /** First 16 hex digits of the SHA-256 of the bearer token; undefined where none came. */
  readonly bearerTokenId: string | undefined;
  readonly body: JournalBody;
  /** Departures from Naver's enforced form of a token request, in words; each of them alone is punished. */
  readonly offForm: readonly string[];
  /** The faults that struck it. */
  readonly faults: readonly FaultKind[];
  /** The status of the answer. Undefined until the answer is sent, and without an answer (hang, cut before the headers). */
  status: number | undefined;
  /** The provider's limit that refused the request, if one did. */
  limitedBy: LimitKind | undefined;
}

const REDACTED = "[redacted]";
const SHOWN_PARAMETERS: ReadonlySet<string> = new Set(["grant_type", "scope", "type", "timestamp", "account_id"]);
const CREDENTIAL_HEADER = /authorization|cookie|secret|token|sign|key|credential|password/i;

/** What arrived, oldest first; beyond its limit the oldest entries go. */
export class Journal {
  readonly #limit: number;
  #entries: JournalEntry[] = [];
  #sequence = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  record(
    request: ReceivedRequest,
    endpoint: JournalEntry["endpoint"],
    { at, offForm, faults }: Pick<JournalEntry, "at" | "offForm" | "faults">,
  ): JournalEntry {
    const token = bearerToken(request.headers);
    this.#sequence += 1;
    const entry: JournalEntry = {
      sequence: this.#sequence,
      at,
      endpoint,
      method: request.method,
      path: request.path,
      queryNames: [...request.query.keys()].map(shownName),
      headers: redactedHeaders(request.headers),
      contentType: request.headers["content-type"],
      bearerTokenId: token === undefined ? undefined : tokenId(token),
      body: {
        length: request.body.length,
        sha256: createHash("sha256").update(request.body).digest("hex"),
        parameters: endpoint.endsWith(".token") ? redactedParameters(request) : undefined,
      },
      offForm,
      faults,
      status: undefined,
      limitedBy: undefined,
    };
    this.#entries.push(entry);
    // Cut in steps, so that a load test does not pay for a shift of the whole array at each request.
    if (this.#entries.length > this.#limit * 1.1) this.#entries = this.#entries.slice(-this.#limit);
    return entry;
  }

  clear(): void {
    this.#entries = [];
    this.#sequence = 0;
  }
}

function redactedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    shown[name] = CREDENTIAL_HEADER.test(name) ? REDACTED : String(value);
  }
  return shown;
}

function redactedParameters(request: ReceivedRequest): JournalParameter[] {
  const json = request.mediaType === FORM_MEDIA_TYPE ? undefined : parseJson(request.body.toString("utf8"));
  const parameters = isRecord(json) ? Object.entries(json) : [...formParameters(request)];
  return parameters.map(([name, value]) => ({
    name: shownName(name),
    value: SHOWN_PARAMETERS.has(name) ? String(value) : REDACTED,
  }));
}

/** A body or query that is nothing but a secret is read as a name without a value; secrets are longer, and have digits. */
function shownName(name: string): string {
  return /^[A-Za-z_]{1,20}$/.test(name) ? name : REDACTED;
}
