// Checks that every README has a Korean one beside it, with the same headings, programs and names. Also checks that a
// reader of the package registry can follow every link.

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pageOf, repositoryLinks } from "./package-metadata.mjs";
import { readJson, root } from "./workspace.mjs";

const repository = pageOf(readJson(join(root, "package.json")));
const packages = globSync("packages/*/README.md", { cwd: root }).sort();
const read = (file) => readFileSync(join(root, file), "utf8");

const withoutPrograms = (text) => text.replaceAll(/^```.*?^```$/gms, "");
const levels = (text) => withoutPrograms(text).match(/^#+(?= )/gm);
const programs = (text) =>
  [...text.matchAll(/^```(.*?)^```$/gms)].map(([, code = ""]) => code.replaceAll(/(\/\/|#) .*/g, ""));
/** The first cells that are code: options, errors, members, commands. */
const names = (text) => [...text.matchAll(/^\| (`[^|]+`) +\|/gm)].map(([, name]) => name);
const links = (text) => [...withoutPrograms(text).matchAll(/\]\((.*?)\)/g)].map(([, link = ""]) => link);

describe.each(["README.md", ...packages])("%s", (file) => {
  const english = read(file);
  const korean = read(file.replace(".md", ".ko.md"));

  it("has a Korean one with the same headings, programs and names", () => {
    expect(levels(korean)).toEqual(levels(english));
    expect(programs(korean)).toEqual(programs(english));
    expect(names(korean)).toEqual(names(english));
  });

  it("leads to the other language in its first lines", () => {
    expect(english.slice(0, 300)).toContain("[한국어](");
    expect(korean.slice(0, 300)).toContain("[English](");
    expect(korean.match(/[가-힣]/g)?.length).toBeGreaterThan(40);
  });
});

describe.each(packages.flatMap((file) => [file, file.replace(".md", ".ko.md")]))("%s", (file) => {
  it("has absolute links only, as a reader of the registry needs them, and those into the repository exist", () => {
    expect(new Set(read(file).match(repositoryLinks(repository)))).toEqual(new Set([repository]));
    for (const link of links(read(file))) {
      expect(link).toMatch(/^https:\/\/|^#/);
      const [, path] = link.match(`^${repository}/(?:blob|tree)/main/([^#]*)`) ?? [];
      if (path !== undefined) expect(existsSync(join(root, path)), link).toBe(true);
    }
  });
});
