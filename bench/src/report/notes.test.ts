import { expect, test } from "vitest";
import { measures } from "../measures.ts";
import { readNotes } from "./notes.ts";

test("every section of NOTES.md belongs to a measure and says something", () => {
  const notes = readNotes();
  expect(notes.size).toBeGreaterThan(5);
  const titles = measures.map(({ title }) => title);
  for (const [title, note] of notes) {
    expect(titles).toContain(title);
    expect(note).not.toBe("");
  }
});
