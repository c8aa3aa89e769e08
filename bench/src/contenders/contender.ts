/** The token server's space for one client: what is asked there is counted and answered apart from all others. */
export interface Endpoint {
  /** Where the space begins: `http://127.0.0.1:PORT/SPACE`. */
  readonly baseUrl: string;
  /** OAuth 2 client credentials, as a form. */
  readonly tokenUrl: string;
  /** Asks for a bearer token, and refuses one that was revoked. */
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** One identity's tokens, as an application holds them. */
export interface TokenClient {
  /** What an application calls before each API call, as the documentation says. */
  getToken(): Promise<unknown>;
  /** The token itself in what `getToken` brought. */
  valueOf(result: unknown): unknown;
  /** An API call by the contender's own means, where it has any: the answer's status. */
  callApi?(): Promise<number>;
  close?(): Promise<void>;
}

/** What a user could pick: one file for each, which uses it as its documentation recommends. */
export interface Contender {
  /** `false`: it issues a token at every call, and keeping it is left to the application. */
  readonly keepsTokens: boolean;
  connect(endpoint: Endpoint): TokenClient | Promise<TokenClient>;
}

/** What a result holds at a path, for instance `access_token`. */
export function field(name: string): (result: unknown) => unknown {
  return (result) => (typeof result === "object" && result !== null ? Reflect.get(result, name) : undefined);
}
