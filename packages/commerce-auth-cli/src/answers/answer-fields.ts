/** A field of a JSON object; undefined if there is none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** `expires_in` of a token answer, in seconds. NaN: there is none. */
export function expiresIn(body: unknown): number {
  return Number(field(body, "expires_in"));
}

/** The provider's code in an answer, wherever a provider puts it. A number says nothing. */
export function codeIn(body: unknown): string | undefined {
  const error = field(body, "error");
  return identifier(field(body, "code")) ?? identifier(error) ?? identifier(field(error, "errorCode"));
}

/** The first parameter that an answer rejects. */
export function parameterIn(body: unknown): string | undefined {
  const inputs = field(body, "invalidInputs");
  return Array.isArray(inputs) ? identifier(field(inputs[0], "name")) : undefined;
}

/** A text that looks like a provider's code. Any other text may repeat what was sent, so nobody sees it. */
function identifier(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z][\w.]{1,39}$/.test(value) ? value : undefined;
}
