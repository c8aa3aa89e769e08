/** A field of a JSON object; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** A text that looks like a provider's code. Any other text may repeat what was sent, so nobody sees it. */
export function identifier(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z][\w.]{1,39}$/.test(value) ? value : undefined;
}
