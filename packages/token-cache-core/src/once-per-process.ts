/**
 * What `create` returned when this process first asked for this name. A development server loads a module again after
 * each edit, and Next.js loads it once for each of its bundles. The client and the tokens in its memory stay the same.
 * Restart the development server after a change of the client's options.
 *
 * Any value is kept, `null` and `undefined` too. If `create` throws, or returns a promise that rejects, the next call
 * creates the value again.
 *
 * @example
 * ```ts
 * export const auth = oncePerProcess("my shop's auth", () => createAuth());
 * ```
 * @param name any text. The same name gives the same value, also in another copy of this package
 */
export function oncePerProcess<Value>(name: string, create: () => Value): Value {
  const values = globalThis as unknown as Record<symbol, Value>;
  const key = Symbol.for(`@x/token-cache-core/oncePerProcess/${name}`);
  if (Object.hasOwn(values, key)) return values[key] as Value;
  const value = create();
  values[key] = value;
  if (value instanceof Promise) value.catch(() => values[key] === value && delete values[key]);
  return value;
}
