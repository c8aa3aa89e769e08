import { randomUUID } from "node:crypto";
import type { StoreChange, TokenStore } from "../src/index.ts";

/** What the store uses of a Postgres client. The Pool of pg has it; other clients need one line of adapter. */
export interface Postgres {
  query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Calls back with each message on a channel, by a connection of its own. Returns how to stop. */
export type Listen = (channel: string, onMessage: (message: string) => void) => () => void;

/** Run it once, with your other migrations. */
export const schema = `
  CREATE TABLE access_tokens (
    key text PRIMARY KEY, id text NOT NULL, payload text NOT NULL, expires_at timestamptz NOT NULL
  );
  CREATE TABLE access_token_leases (key text PRIMARY KEY, owner text NOT NULL, expires_at timestamptz NOT NULL);
`;

/** A life in ms (an SQL parameter), counted from now by the server's clock. */
const from = (ms: string) => `clock_timestamp() + ${ms}::float8 * interval '1 ms'`;

const sql = {
  get: `
    SELECT id, payload, 1000 * extract(epoch FROM expires_at - clock_timestamp())::float8 AS remaining
    FROM access_tokens WHERE key = $1 AND expires_at > clock_timestamp()`,
  // One statement each, so that no other process writes between reading and writing.
  set: `
    INSERT INTO access_tokens AS kept VALUES ($1, $2, $3, ${from("$4")})
    ON CONFLICT (key) DO UPDATE SET id = excluded.id, payload = excluded.payload, expires_at = excluded.expires_at
    WHERE kept.id = excluded.id OR kept.expires_at <= excluded.expires_at`,
  delete: "DELETE FROM access_tokens WHERE key = $1 AND id = $2 AND expires_at > clock_timestamp() RETURNING key",
  sweep: "DELETE FROM access_tokens WHERE expires_at <= clock_timestamp()",
  lease: `
    INSERT INTO access_token_leases AS kept VALUES ($1, $2, ${from("$3")})
    ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
    WHERE kept.expires_at <= clock_timestamp() RETURNING key`,
  extend: `
    UPDATE access_token_leases SET expires_at = ${from("$3")}
    WHERE key = $1 AND owner = $2 AND expires_at > clock_timestamp() RETURNING key`,
  release: "DELETE FROM access_token_leases WHERE key = $1 AND owner = $2 RETURNING key",
  notify: "SELECT pg_notify('access_tokens', $1)",
};

/** Shares tokens between machines by Postgres 12 or later. */
export function postgresStore(postgres: Postgres, listen?: Listen): TokenStore {
  const has = async (statement: string, ...values: unknown[]) =>
    (await postgres.query(statement, values)).rows.length > 0;
  const tell = (change: StoreChange) => postgres.query(sql.notify, [JSON.stringify(change)]);

  return {
    async get(key) {
      const [row] = (await postgres.query(sql.get, [key])).rows;
      if (row === undefined) return undefined;
      return { id: String(row["id"]), payload: String(row["payload"]), remainingMs: Number(row["remaining"]) };
    },

    async set(key, { id, payload }, remainingMs) {
      if (!(remainingMs > 0)) return;
      await postgres.query(sql.set, [key, id, payload, remainingMs]);
      await tell({ key });
      if (Math.random() < 0.01) await postgres.query(sql.sweep);
    },

    async delete(key, tokenId, reason = "refused") {
      const isDeleted = await has(sql.delete, key, tokenId);
      if (isDeleted) await tell(reason === "refused" ? { key, refusedTokenId: tokenId } : { key });
      return isDeleted;
    },

    async lease(key, holdMs) {
      const owner = randomUUID();
      if (!(await has(sql.lease, key, owner, holdMs))) return undefined;
      return {
        extend: (holdMs) => has(sql.extend, key, owner, holdMs),
        async release() {
          if (await has(sql.release, key, owner)) await tell({ key });
        },
      };
    },

    ...(listen && {
      changed: (listener: (change: StoreChange) => void) =>
        listen("access_tokens", (message) => {
          try {
            const change = readChange(message);
            if (change !== undefined) listener(change);
          } catch {
            // No JSON, or the listener threw: neither may end the connection.
          }
        }),
    }),
  };
}

/** The change that a message describes; `undefined` for any other message, since every client can send any text. */
function readChange(message: string): StoreChange | undefined {
  const { key, refusedTokenId } = JSON.parse(message) as Record<string, unknown>;
  if (typeof key !== "string") return undefined;
  return typeof refusedTokenId === "string" ? { key, refusedTokenId } : { key };
}
