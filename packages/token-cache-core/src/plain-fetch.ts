/**
 * A fetch that takes its request apart into a URL and an init before it calls yours. An HTTP client's Request is the
 * platform's, which the fetch of another copy of undici, as used with a proxy, does not accept.
 */
export function withoutRequest(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    if (!(input instanceof Request)) return fetch(input, init);
    const { url, method, headers, redirect, signal } = input;
    const body = input.body === null ? undefined : await input.text();
    return fetch(url, {
      ...init,
      method,
      headers: [...headers],
      redirect,
      signal,
      ...(body === undefined ? {} : { body }),
    });
  };
}
