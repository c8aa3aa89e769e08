import type { Emulator } from "@x/commerce-auth-emulator";
import type { SideName, TimelineRecord } from "../chapters/timeline.ts";

/** Where processes share their tokens. */
export type StoreChoice =
  | { readonly kind: "sqlite"; readonly path: string; readonly encryptionKey?: string }
  | { readonly kind: "redis"; readonly url: string; readonly prefix: string };

/** What a process opens: a client of Toss Shopping, with the store that it shares. */
export interface Opening {
  readonly lane: string;
  readonly side: SideName;
  readonly toss: Emulator["toss"]["options"];
  /** By hand, a SQLite file is not used: those lines keep their token in memory. */
  readonly store: StoreChoice | undefined;
  /** When the play began, epoch ms. */
  readonly startedAt: number;
}

/** A command to a process. */
export type Order =
  | ({ readonly type: "open" } & Opening)
  /** The number of callers that ask for a token at once, `rounds` times, every `everyMs`. */
  | { readonly type: "ask"; readonly callers: number; readonly rounds: number; readonly everyMs: number }
  /** The number of API calls at once. */
  | { readonly type: "call"; readonly callers: number; readonly url: string };

/** Its message. Token values go over the channel between the processes and nowhere else. */
export type Reply =
  | { readonly type: "records"; readonly records: readonly TimelineRecord[] }
  | { readonly type: "done"; readonly order: number; readonly tokens: readonly string[] }
  | { readonly type: "failed"; readonly order: number; readonly message: string };
