import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { FaultKind } from "../faults/fault.ts";
import { isRecord } from "../input-checks.ts";
import type { Endpoint } from "../provider/provider.ts";
import { tokenId } from "../provider/token-ledger.ts";
import {
  FORM_MEDIA_TYPE,
  formParameters,
  type LimitKind,
  parseJson,
  type ReceivedRequest,
  textOf,
} from "./http-message.ts";

/** A parameter of a token request's body. */
export interface JournalParameter {
  /** `[redacted]` if it is longer than a parameter name: it may be a secret. */
  readonly name: string;
  /** The value, if it is no secret (`grant_type`, `scope`, `type`, `timestamp`, `account_id`); otherwise `[redacted]`. */
  readonly value: string;
}

/** A body without its content. It shows whether two bodies were equal, and whether a form was the documented one. */
export interface JournalBody {
  /** Bytes. */
  readonly length: number;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  /** At token endpoints: the first 50 parameters, in their order. Otherwise undefined. */
  readonly parameters: readonly JournalParameter[] | undefined;
}

/**
 * One request that arrived, without tokens, secrets and signatures. Long texts are cut to 200 characters, and lists to 50
 * items.
 */
export interface JournalEntry {
  /** A counter that starts with 1, also after a reset. */
  readonly sequence: number;
  /** The server's time when the request arrived, epoch milliseconds. */
  readonly at: number;
  /** "unknown" if the path belongs to no provider. */
  readonly endpoint: Endpoint | "unknown";
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  /** The names in the query string, in their order, without values: off-form clients send secrets there. */
  readonly queryNames: readonly string[];
  /** The values of credential headers are `[redacted]`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  /** First 16 hex digits of the SHA-256 of the access token. Undefined without one. */
  readonly tokenId: string | undefined;
  readonly body: JournalBody;
  /** In words, how the request differs from Naver's enforced form of a token request. Each difference is punished. */
  readonly offForm: readonly string[];
  /** The faults that affected it. */
  readonly faults: readonly FaultKind[];
  /** The status of the answer. Undefined until the answer is sent, and without an answer (hang, cut before the headers). */
  status: number | undefined;
  /** First 16 hex digits of the SHA-256 of the access token that the answer issues. Undefined without one. */
  issuedTokenId: string | undefined;
  /** The provider's limit that refused the request, if one did. */
  limitedBy: LimitKind | undefined;
}

/** What the journal cannot see in a request by itself. */
interface JournalContext extends Pick<JournalEntry, "at" | "offForm" | "faults"> {
  readonly accessToken: string | undefined;
}

const REDACTED = "[redacted]";
const SHOWN_PARAMETERS: ReadonlySet<string> = new Set(["grant_type", "scope", "type", "timestamp", "account_id"]);
const CREDENTIAL_HEADER = /authorization|cookie|secret|token|sign|key|credential|password/i;

/** An entry stays small, whatever a client sends. */
const MAX_TEXT_LENGTH = 200;
const MAX_LIST_LENGTH = 50;

/** The id of the token that an answer of a token endpoint issues. iamport's is in the envelope's `response`. */
export function issuedTokenId(body: string | Buffer): string | undefined {
  const answer = parseJson(body.toString());
  if (!isRecord(answer)) return undefined;
  const { access_token: value } = isRecord(answer["response"]) ? answer["response"] : answer;
  return typeof value === "string" ? tokenId(value) : undefined;
}

/** The requests that arrived, oldest first. Beyond the limit the oldest entries are dropped. */
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
    { at, accessToken, offForm, faults }: JournalContext,
  ): JournalEntry {
    this.#sequence += 1;
    const entry: JournalEntry = {
      sequence: this.#sequence,
      at,
      endpoint,
      method: request.method,
      path: cut(request.path),
      queryNames: [...request.query.keys()].slice(0, MAX_LIST_LENGTH).map(shownName),
      headers: redactedHeaders(request.headers),
      contentType: optional(request.headers["content-type"]),
      tokenId: accessToken === undefined ? undefined : tokenId(accessToken),
      body: {
        length: request.body.length,
        sha256: createHash("sha256").update(request.body).digest("hex"),
        parameters: endpoint.endsWith(".token") ? redactedParameters(request) : undefined,
      },
      offForm,
      faults,
      status: undefined,
      issuedTokenId: undefined,
      limitedBy: undefined,
    };
    this.#entries.push(entry);
    // Drop entries in batches: moving the whole array at every request would slow down a load test.
    if (this.#entries.length > this.#limit * 1.1) this.#entries = this.#entries.slice(-this.#limit);
    return entry;
  }

  clear(): void {
    this.#entries = [];
    this.#sequence = 0;
  }
}

function redactedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const shown = Object.entries(headers).slice(0, MAX_LIST_LENGTH);
  return Object.fromEntries(
    shown.map(([name, value]) => [cut(name), CREDENTIAL_HEADER.test(name) ? REDACTED : cut(String(value))]),
  );
}

function redactedParameters(request: ReceivedRequest): JournalParameter[] {
  const json = request.mediaType === FORM_MEDIA_TYPE ? undefined : parseJson(request.body.toString("utf8"));
  const parameters = isRecord(json) ? Object.entries(json) : [...formParameters(request)];
  return parameters.slice(0, MAX_LIST_LENGTH).map(([name, value]) => ({
    name: shownName(name),
    value: SHOWN_PARAMETERS.has(name) ? cut(textOf(value)) : REDACTED,
  }));
}

/** A body or a query that is just a secret looks like a name without a value. Secrets are longer and have digits. */
function shownName(name: string): string {
  return /^[A-Za-z_]{1,20}$/.test(name) ? cut(name) : REDACTED;
}

function optional(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text);
}

/** The beginning of a text, as a copy: a part of a string would keep the whole string in memory. */
function cut(text: string): string {
  const copy = Buffer.from(text.slice(0, MAX_TEXT_LENGTH)).toString();
  return text.length > MAX_TEXT_LENGTH ? `${copy}…` : copy;
}
