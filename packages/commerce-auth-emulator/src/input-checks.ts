/** An invalid option, fault, control request or flag. The message names the field and says what it must be. */
export class InvalidInputError extends TypeError {
  override readonly name = "InvalidInputError";
  /** The wrong option, fault field, control field or flag, e.g. `naver.offFormPenalty`. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

/** A wrong value as text, short enough for a message. */
export function shown(value: unknown): string {
  const json = typeof value === "number" ? undefined : JSON.stringify(value);
  const text = value === undefined ? "nothing" : (json ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export function finiteNumber(field: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new InvalidInputError(field, `must be a finite number, got ${shown(value)}`);
  }
  return value;
}

export function numberFrom(field: string, value: unknown, least: number): number {
  const number = finiteNumber(field, value);
  if (number < least) throw new InvalidInputError(field, `must be at least ${least}, got ${number}`);
  return number;
}

export function positiveNumber(field: string, value: unknown): number {
  const number = finiteNumber(field, value);
  if (number <= 0) throw new InvalidInputError(field, `must be above 0, got ${number}`);
  return number;
}

export function integerBetween(field: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new InvalidInputError(field, `must be a whole number from ${least} to ${most}, got ${shown(value)}`);
  }
  return value;
}

export function nonEmptyString(field: string, value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw new InvalidInputError(field, `must be a non-empty string, got ${shown(value)}`);
  }
  return value;
}

export function booleanValue(field: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new InvalidInputError(field, `must be true or false, got ${shown(value)}`);
  return value;
}

export function oneOf<const Choice>(field: string, value: unknown, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new InvalidInputError(field, `must be one of ${choices.join(", ")}, got ${shown(value)}`);
  }
  return found;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Checks that the value is an object with known fields only, so that a misspelt field is an error. */
export function recordOf(field: string, value: unknown, fields: readonly string[]): Record<string, unknown> {
  if (!isRecord(value)) throw new InvalidInputError(field, `must be an object, got ${shown(value)}`);
  const unknownField = Object.keys(value).find((name) => !fields.includes(name));
  if (unknownField !== undefined) {
    const known = fields.length === 0 ? "none" : fields.join(", ");
    throw new InvalidInputError(`${field}.${unknownField}`, `unknown field; the known ones are: ${known}`);
  }
  return value;
}

/** Checks that each field of a limit is a whole number of at least 0. Undefined stays undefined. */
export function limitOf<Limit extends object>(
  field: string,
  limit: Limit | undefined,
  required: readonly (keyof Limit & string)[],
  optional: readonly (keyof Limit & string)[] = [],
): Limit | undefined {
  if (limit === undefined) return undefined;
  const values = recordOf(field, limit, [...required, ...optional]);
  for (const name of [...required, ...optional.filter((name) => values[name] !== undefined)]) {
    integerBetween(`${field}.${name}`, values[name], 0, Number.MAX_SAFE_INTEGER);
  }
  return limit;
}
