/**
 * What `create` returned when this process first asked for this name. A development server loads a module again after
 * each edit, and Next.js loads it once for each of its bundles. The client and the tokens in its memory stay the same.
 * Restart the development server after a change of the client's options.
 *
 * @example
 * ```ts
 * export const auth = oncePerProcess("my shop's auth", () => createAuth());
 * ```
 * @param name any text. The same name gives the same value, also in another copy of this package
 */
export function oncePerProcess<Value>(name: string, create: () => Value): Value {
  const values = globalThis as { [key: symbol]: Value | undefined };
  const key = Symbol.for(`@x/token-cache-core/oncePerProcess/${name}`);
  values[key] ??= create();
  return values[key];
}
