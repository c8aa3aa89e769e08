/**
 * A copy of an options object: each member is read once, and only the object's own count. A polluted `Object.prototype`
 * adds nothing, neither here nor where the copy is read.
 */
export function ownMembers<T extends object>(given: T | null | undefined): T {
  return { __proto__: null, ...given } as T;
}
