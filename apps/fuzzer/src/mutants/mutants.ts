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
        code: "const isCurrent = cached?.token.id === tokenId;",
        becomes: "const isCurrent = cached !== undefined;",
      },
    ],
  },
  {
    name: "takes whatever a store answers for a token",
    target: "store-answers",
    changes: [
      {
        file: `${CORE}/cache/store-answers.ts`,
        code: 'if (typeof id === "string" && id !== "" && typeof payload === "string" && typeof remainingMs === "number") {',
        becomes: "if (answer !== null) {",
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
        file: `${EMULATOR}/server/local-access.ts`,
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
        file: `${EMULATOR}/server/local-access.ts`,
        code: "host === undefined || !isKnown(host.hostname, allowedHosts)) {",
        becomes: "host === undefined) {",
      },
    ],
  },
];
