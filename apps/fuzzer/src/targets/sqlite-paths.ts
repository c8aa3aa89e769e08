import { execFileSync } from "node:child_process";
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TokenError } from "@x/token-cache-core";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import fc from "fast-check";
import { must, type Target } from "../target.ts";

/** What is in the folder before a store gets a path there. */
const PLACES = {
  "text.db": (path: string) => writeFileSync(path, "not a database, but somebody's notes", { mode: 0o644 }),
  folder: (path: string) => mkdirSync(path, { mode: 0o755 }),
  dangling: (path: string) => symlinkSync(join(path, "../nowhere/else.db"), path),
  "dangling-here": (path: string) => symlinkSync(join(path, "../made-by-link.db"), path),
  "link-to-text": (path: string) => symlinkSync(join(path, "../text.db"), path),
  others: (path: string) => {
    writeFileSync(path, "", { mode: 0o644 });
    if (process.getuid?.() === 0) chownSync(path, 12_345, 12_345);
  },
  // A device node of the test's own, so that the machine's is not at risk.
  device: (path: string) => {
    try {
      execFileSync("mknod", [path, "c", "1", "3"], { stdio: "ignore" });
    } catch {
      // Only root may, and not everywhere.
    }
  },
} satisfies Record<string, (path: string) => void>;

const names = Object.keys(PLACES) as (keyof typeof PLACES)[];
const cases = fc.record({
  place: fc.constantFrom(...names),
  form: fc.constantFrom("plain", "file:", "file URL", "query"),
});

export const sqlitePaths: Target = {
  name: "sqlite-paths",
  input:
    "Paths to a folder, a device, somebody's text, another user's file, a dangling link, each also as a `file:` URI.",
  rule: "A path that cannot be the store's own file is an error that says so, and nothing on disk has changed.",
  shortRuns: 60,
  open: () => ({
    property: fc.asyncProperty(cases, async ({ place, form }) => {
      const folder = mkdtempSync(join(tmpdir(), "fuzz-sqlite-"));
      const before = process.cwd();
      try {
        process.chdir(folder);
        PLACES["text.db"](join(folder, "text.db"));
        if (place !== "text.db") PLACES[place](join(folder, place));
        const isOurs = place === "others" && (process.getuid?.() !== 0 || lstatSync(join(folder, place)).uid === 0);
        const isThere = readdirSync(folder).includes(place);
        if (isOurs || !isThere) return;
        const listed = listing(folder);
        const error = await failureOf(pathIn(join(folder, place), form));
        must(listing(folder) === listed, `The disk has changed:\n${listed}\nis now\n${listing(folder)}`);
        must(TokenError.is(error) && error.code === "invalid_options", `It fails with ${String(error)}.`);
      } finally {
        process.chdir(before);
        rmSync(folder, { recursive: true, force: true });
      }
    }),
  }),
};

function pathIn(path: string, form: string): string {
  if (form === "file:") return `file:${path}`;
  if (form === "file URL") return pathToFileURL(path).href;
  return form === "query" ? `file:${path}?mode=rwc` : path;
}

async function failureOf(path: string): Promise<unknown> {
  try {
    const store = sqliteStore({ path });
    try {
      await store.set("key", { id: "id", payload: "{}" }, 60_000);
      return "nothing: it wrote a token there";
    } finally {
      await store.close?.();
    }
  } catch (error) {
    return error;
  }
}

/** Everything in the folder, with all that a change could affect. */
function listing(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return entries
    .map((entry) => {
      const { mode, uid, size } = lstatSync(join(folder, entry));
      const isFile = lstatSync(join(folder, entry)).isFile();
      return [entry, mode.toString(8), uid, size, isFile ? readFileSync(join(folder, entry), "utf8") : ""].join(" ");
    })
    .join("\n");
}
