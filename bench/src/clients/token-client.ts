/** Where one client requests tokens: a space of the token server, which counts and answers it apart from all others. */
export interface Endpoint {
  /** The root of the space: `http://127.0.0.1:PORT/SPACE`. */
  readonly baseUrl: string;
  /** OAuth 2 client credentials, as a form. */
  readonly tokenUrl: string;
  /** An API that requires a bearer token. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** One identity's tokens, as an application holds them. */
export interface TokenClient {
  /** What an application calls before each API call, as the package's documentation recommends. */
  getToken(): Promise<unknown>;
  /** The token's value in the result of `getToken`. */
  valueOf(result: unknown): unknown;
  /** An API call by the package's own means, if it has any. Resolves to the HTTP status. */
  callApi?(): Promise<number>;
  close?(): Promise<void>;
}

export type Connect = (endpoint: Endpoint) => TokenClient | Promise<TokenClient>;

/** A token client whose processes share their tokens in Redis. Resolves to its `getToken`. */
export type ConnectShared = (endpoint: Endpoint, redisPort: number) => Promise<() => Promise<unknown>>;

/** Reads one property of a result, for instance `access_token`. */
export function field(name: string): (result: unknown) => unknown {
  return (result) => (typeof result === "object" && result !== null ? Reflect.get(result, name) : undefined);
}
