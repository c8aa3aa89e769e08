// Parts of a Markdown file that a command writes: each stands between `<!-- name -->` and `<!-- /name -->`.

import { readFile, writeFile } from "node:fs/promises";

/** The text of a section. */
export async function readSection(file: string, name: string): Promise<string> {
  const { text } = await find(file, name);
  return text;
}

/** Replaces the text of a section. */
export async function replaceSection(file: string, name: string, text: string): Promise<void> {
  const { before, after } = await find(file, name);
  await writeFile(file, `${before}\n\n${text}\n\n${after}`);
}

async function find(file: string, name: string): Promise<{ before: string; text: string; after: string }> {
  const document = await readFile(file, "utf8");
  const start = document.indexOf(`<!-- ${name} -->`) + `<!-- ${name} -->`.length;
  const end = document.indexOf(`<!-- /${name} -->`);
  if (end < start) throw new Error(`${file} has no section "${name}".`);
  return { before: document.slice(0, start), text: document.slice(start, end).trim(), after: document.slice(end) };
}
