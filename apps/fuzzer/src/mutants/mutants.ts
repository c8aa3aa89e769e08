/** A protection that is taken out of a copy of the sources. */
export interface Mutant {
  /** What the library does without it. */
  readonly name: string;
  /** The target that has to find it. */
  readonly target: string;
  readonly changes: readonly Change[];
}

/** A piece of code that occurs once in its file, and what it becomes. */
interface Change {
  /** Below `packages`. */
  readonly file: string;
  readonly code: string;
  readonly becomes: string;
}

const CORE = "token-cache-core/src";
const EMULATOR = "commerce-auth-emulator/src";

export const mutants: readonly Mutant[] = [
  {
    name: "looks past an unreadable entry without end",
    target: "store-answers",
    changes: [
      {
        file: `${CORE}/stores/encrypted/encrypted-store.ts`,
        code: "looks < 2;",
        becomes: "looks < Number.POSITIVE_INFINITY;",
      },
    ],
  },
  {
    name: "reads a store's answer again after its check",
    target: "store-answers",
    changes: [
      {
        file: `${CORE}/cache/sharing/store-answers.ts`,
        code: "    return { id, payload, remainingMs };",
        becomes: "    return answer as FoundToken;",
      },
    ],
  },
  {
    name: "believes every answer of a store",
    target: "store-answers",
    changes: [
      {
        file: `${CORE}/cache/sharing/store-answers.ts`,
        code: "const { id, payload, remainingMs } = Object(answer) as Partial<FoundToken>;",
        becomes:
          "if (answer !== null) return answer as FoundToken;\n  const { id, payload, remainingMs } = Object(answer) as Partial<FoundToken>;",
      },
    ],
  },
  {
    name: "keeps a malformed value in Redis",
    target: "redis-values",
    changes: [
      { file: `${CORE}/stores/redis/redis-scripts.ts`, code: 'const ID = "[!-~]+";', becomes: 'const ID = "[^ ]+";' },
    ],
  },
  {
    name: "waits for a lease without an expiry",
    target: "redis-values",
    changes: [
      {
        file: `${CORE}/stores/redis/redis-scripts.ts`,
        code: ") >= 0 then return 0 end",
        becomes: ") >= -2 then return 0 end",
      },
    ],
  },
  {
    name: "leaves a failed subscription unhandled",
    target: "subscriptions",
    changes: [
      {
        file: `${CORE}/stores/redis/redis-notices.ts`,
        code: "this.#send().catch(() => {",
        becomes: "this.#send().then(() => {",
      },
    ],
  },
  {
    name: "does not subscribe again when the connection is back",
    target: "subscriptions",
    changes: [
      {
        file: `${CORE}/stores/redis/redis-notices.ts`,
        code: "readonly #onReady = () => this.#subscribe();",
        becomes: "readonly #onReady = () => {};",
      },
    ],
  },
  {
    name: "takes a connection that subscribes again by itself",
    target: "subscriptions",
    changes: [
      {
        file: `${CORE}/stores/redis/redis-notices.ts`,
        code: "options?.autoResubscribe === true",
        becomes: "options?.autoResubscribe === 1",
      },
    ],
  },
  {
    name: "believes a notice that names another token",
    target: "notices",
    changes: [
      {
        file: `${CORE}/cache/memory.ts`,
        code: "  refuse(key: string, tokenId: string): void {\n    const cached = this.#tokens.peek(key);\n    const negative = this.#negative.entry(key);\n    const isCurrent = cached?.token.id === tokenId;",
        becomes:
          "  refuse(key: string, tokenId: string): void {\n    const cached = this.#tokens.peek(key);\n    const negative = this.#negative.entry(key);\n    const isCurrent = cached !== undefined;",
      },
    ],
  },
  {
    name: "opens a link to nowhere",
    target: "sqlite-paths",
    changes: [
      {
        file: `${CORE}/stores/sqlite/sqlite-path.ts`,
        code: "if (fs.lstatSync(path, IF_ANY) !== undefined) {",
        becomes: "if (path === '') {",
      },
      {
        file: `${CORE}/stores/sqlite/sqlite-path.ts`,
        code: 'fs.closeSync(fs.openSync(path, "wx", 0o600));',
        becomes: 'fs.closeSync(fs.openSync(path, "a", 0o600));',
      },
    ],
  },
  {
    name: "takes a file of another user",
    target: "sqlite-paths",
    changes: [
      {
        file: `${CORE}/stores/sqlite/sqlite-path.ts`,
        code: "if (user !== undefined && stats.uid !== user) {",
        becomes: "if (user === -1) {",
      },
    ],
  },
  {
    name: "opens a device",
    target: "sqlite-paths",
    changes: [
      { file: `${CORE}/stores/sqlite/sqlite-path.ts`, code: "if (!stats.isFile())", becomes: "if (stats.isFIFO())" },
    ],
  },
  {
    name: "answers a foreign page at the control routes",
    target: "control-requests",
    changes: [
      {
        file: `${EMULATOR}/server/access-check.ts`,
        code: "if (origin !== undefined && origin !== host.origin) {",
        becomes: "if (origin === host.origin) {",
      },
    ],
  },
  {
    name: "answers under a rebound name at the control routes",
    target: "control-requests",
    changes: [
      {
        file: `${EMULATOR}/server/access-check.ts`,
        code: "host === undefined || !isKnown(host.hostname, allowedHosts)) {",
        becomes: "host === undefined) {",
      },
    ],
  },
  {
    name: "hands one identity's stored token to another",
    target: "mixed-up-replies",
    changes: [
      {
        file: `${CORE}/cache/sharing/stored-token.ts`,
        code: "if (storedKey !== key)",
        becomes: "if (storedKey === undefined)",
      },
    ],
  },
  {
    name: "adopts a stored token that it would not take from a provider",
    target: "store-entries",
    changes: [
      {
        file: `${CORE}/cache/sharing/stored-token.ts`,
        code: "return issuedTokenFault(token) === undefined ? token",
        becomes: "return token !== undefined ? token",
      },
    ],
  },
  {
    name: "takes any token of a token source",
    target: "issued-tokens",
    changes: [
      {
        file: `${CORE}/cache/issuer.ts`,
        code: "if (fault === undefined) return issued;",
        becomes: "if (fault !== '') return issued;",
      },
    ],
  },
  {
    name: "takes an encryption key of one repeated byte",
    target: "encryption-keys",
    changes: [
      {
        file: `${CORE}/stores/encrypted/encryption-keys.ts`,
        code: "if (bytes.every((byte) => byte === bytes[0]))",
        becomes: "if (bytes.length === 0)",
      },
    ],
  },
  {
    name: "reads the redirect mode again after its check",
    target: "api-requests",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: The code is a template.
    changes: [{ file: `${CORE}/fetch/outgoing-request.ts`, code: "redirect: `${redirect}`,", becomes: "redirect," }],
  },
  {
    name: "takes options from a polluted prototype",
    target: "polluted-prototypes",
    changes: [
      { file: `${CORE}/own-members.ts`, code: "{ __proto__: null, ...given } as T", becomes: "(given ?? {}) as T" },
    ],
  },
  {
    name: "hands on an answer of another host",
    target: "followed-answers",
    changes: [
      {
        file: `${CORE}/fetch/authenticated-fetch.ts`,
        code: "if (!response.redirected || isAllowed(response.url)) return;",
        becomes: "if (response.status > 0) return;",
      },
    ],
  },
  {
    name: "reads a refusal without a limit of time",
    target: "dripping-bodies",
    changes: [
      {
        file: `${CORE}/contract/api-answer.ts`,
        code: ", maxBytes, limit.signal)",
        becomes: ", maxBytes)",
      },
    ],
  },
  {
    name: "shows the token in the provider's words",
    target: "api-answers",
    changes: [
      {
        file: `${CORE}/fetch/redaction.ts`,
        code: "token === undefined ? text : redact(text, token)",
        becomes: "token === undefined ? text : text",
      },
    ],
  },
  {
    name: "shows the provider's words at any length",
    target: "api-answers",
    changes: [
      {
        file: `${CORE}/fetch/redaction.ts`,
        code: "const MOST_CHARACTERS = 500;",
        becomes: "const MOST_CHARACTERS = 5_000_000;",
      },
    ],
  },
  {
    name: "asks for a token with each call where lifetimes are short",
    target: "token-answers",
    changes: [
      { file: `${CORE}/cache/memory.ts`, code: "const LEAST_PACE_MS = 1_000;", becomes: "const LEAST_PACE_MS = 0;" },
    ],
  },
];
