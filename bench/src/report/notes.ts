import { readFileSync } from "node:fs";

/** The sections of NOTES.md by their headings, which are the measures' titles. */
export function readNotes(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL("../../NOTES.md", import.meta.url), "utf8");
  const [, ...sections] = text.split(/^## /m);
  return new Map(
    sections.map((section) => {
      const [title = "", ...lines] = section.split("\n");
      return [title, lines.join("\n").trim()];
    }),
  );
}
