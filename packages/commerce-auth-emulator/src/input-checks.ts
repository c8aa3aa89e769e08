/** A value handed to the emulator (an option, a fault, a control request, a flag) that it cannot use. Names the field. */
export class InvalidInputError extends TypeError {
  override readonly name = "InvalidInputError";
  /** The option, fault field, control field or flag that is wrong, e.g. `naver.offFormPenalty`. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

/** A readable form of a wrong value, short enough for a message. */
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

export function integerBetween(field: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new InvalidInputError(field, `must be a whole number from ${least} to ${most}, got ${shown(value)}`);
  }
  return value;
}

export function nonEmptyString(field: string, value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw new InvalidInputError(field, `must be a string that is not empty, got ${shown(value)}`);
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

/** The value as a record that has no other fields than the named ones: a misspelt field is reported, not ignored. */
export function recordOf(field: string, value: unknown, fields: readonly string[]): Record<string, unknown> {
  if (!isRecord(value)) throw new InvalidInputError(field, `must be an object, got ${shown(value)}`);
  const unknownField = Object.keys(value).find((name) => !fields.includes(name));
  if (unknownField !== undefined) {
    const known = fields.length === 0 ? "none" : fields.join(", ");
    throw new InvalidInputError(`${field}.${unknownField}`, `unknown field; the known ones are: ${known}`);
  }
  return value;
}

/** A limit as it was given, after a check that each of its fields is a number of at least 0; undefined where there is none. */
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
