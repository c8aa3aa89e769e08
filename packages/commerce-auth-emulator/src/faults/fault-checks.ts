import { validateHeaderName, validateHeaderValue } from "node:http";
import {
  booleanValue,
  finiteNumber,
  InvalidInputError,
  integerBetween,
  isRecord,
  nonEmptyString,
  oneOf,
  recordOf,
  shown,
} from "../input-checks.ts";
import { ENDPOINTS, type Endpoint } from "../provider/provider.ts";
import type { Fault, FaultKind } from "./fault.ts";

type Check = (field: string, value: unknown) => unknown;

interface KindShape {
  required: Readonly<Record<string, Check>>;
  optional: Readonly<Record<string, Check>>;
  /** The endpoints that the kind is for. Default: all. */
  at?: (endpoint: Endpoint) => boolean;
}

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_DELAY_MS = 2 ** 31 - 1;

const anything: Check = (_field, value) => value;
const text: Check = (field, value) => {
  if (typeof value !== "string") throw new InvalidInputError(field, `must be a string, got ${shown(value)}`);
  return value;
};
/** A status below 200 is not final, and Node sends no body with it. */
const status: Check = (field, value) => integerBetween(field, value, 200, 599);
const atTokenEndpoints = (endpoint: Endpoint) => endpoint.endsWith(".token");

const SHAPES: Readonly<Record<FaultKind, KindShape>> = {
  status: { required: { status }, optional: { body: anything, headers } },
  "provider-error": { required: {}, optional: { code: text, message: text, status, headers } },
  delay: {
    required: { ms: (field, value) => integerBetween(field, value, 0, MAX_DELAY_MS) },
    optional: { hold: (field, value) => oneOf(field, value, ["request", "answer"]) },
  },
  hang: { required: {}, optional: { handled: booleanValue } },
  cut: {
    required: {},
    optional: { when: (field, value) => oneOf(field, value, ["before-headers", "mid-body"]), handled: booleanValue },
  },
  "idle-close": {
    required: {},
    optional: {
      when: (field, value) => oneOf(field, value, ["next-request", "idle"]),
      afterMs: (field, value) => integerBetween(field, value, 0, MAX_DELAY_MS),
    },
  },
  html: { required: {}, optional: { status } },
  empty: { required: {}, optional: { status } },
  huge: {
    required: {},
    optional: { bytes: (field, value) => integerBetween(field, value, 1, MAX_BYTES), declareLength: booleanValue },
  },
  "expires-in": { required: {}, optional: { value: anything }, at: atTokenEndpoints },
  redirect: {
    required: { location: locationHeader },
    optional: { status: (field, value) => oneOf(field, value, [301, 302, 303, 307, 308]) },
  },
  tokenless: { required: {}, optional: {}, at: atTokenEndpoints },
  "null-response": { required: {}, optional: {}, at: (endpoint) => endpoint.startsWith("iamport.") },
  stale: { required: {}, optional: { ageSeconds: (field, value) => integerBetween(field, value, 0, 1e9) } },
  date: { required: {}, optional: { value: headerValue, offsetMs: finiteNumber } },
};

const SCOPE_FIELDS = ["endpoint", "kind", "times", "share"];

/** Checks a fault from code or from a control request. Throws an InvalidInputError that names the wrong field. */
export function parseFault(input: unknown): Fault {
  if (!isRecord(input)) throw new InvalidInputError("fault", `must be an object, got ${shown(input)}`);
  const endpoint = oneOf("fault.endpoint", input["endpoint"], ENDPOINTS);
  const kind = oneOf("fault.kind", input["kind"], Object.keys(SHAPES) as FaultKind[]);
  const { required, optional, at } = SHAPES[kind];
  if (at?.(endpoint) === false) {
    const possible = ENDPOINTS.filter(at).join(", ");
    throw new InvalidInputError("fault.endpoint", `"${kind}" is possible at ${possible}, not at ${endpoint}`);
  }
  recordOf("fault", input, [...SCOPE_FIELDS, ...Object.keys(required), ...Object.keys(optional)]);
  if (input["times"] !== undefined) integerBetween("fault.times", input["times"], 1, Number.MAX_SAFE_INTEGER);
  if (input["share"] !== undefined) share(input["share"]);
  for (const [name, check] of Object.entries(required)) check(`fault.${name}`, input[name]);
  for (const [name, check] of Object.entries(optional)) {
    if (input[name] !== undefined) check(`fault.${name}`, input[name]);
  }
  // The loops above have checked every field of this kind; the compiler cannot follow that.
  return { ...input } as unknown as Fault;
}

function share(value: unknown): void {
  const number = finiteNumber("fault.share", value);
  if (number < 0 || number > 1) throw new InvalidInputError("fault.share", `must be from 0 to 1, got ${number}`);
}

function headers(field: string, value: unknown): void {
  if (!isRecord(value)) throw new InvalidInputError(field, `must be an object of header names, got ${shown(value)}`);
  for (const [name, header] of Object.entries(value)) {
    try {
      validateHeaderName(name);
    } catch {
      throw new InvalidInputError(`${field}.${name}`, "is not a header name");
    }
    headerValue(`${field}.${name}`, header);
  }
}

function headerValue(field: string, value: unknown): void {
  text(field, value);
  try {
    validateHeaderValue("Date", String(value));
  } catch {
    throw new InvalidInputError(field, `cannot be sent as a header, got ${shown(value)}`);
  }
}

function locationHeader(field: string, value: unknown): void {
  headerValue(field, nonEmptyString(field, value));
}
