// Checks that the pages of this repository are true to it: links lead somewhere, files that are named exist, and the list of
// cases holds the numbers that code and tests use.

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./workspace.mjs";

const exclude = ["**/node_modules/**", "**/dist/**", "**/CHANGELOG.md"];
const list = (...patterns) => globSync(patterns, { cwd: root, exclude }).sort();
const read = (file) => readFileSync(join(root, file), "utf8");
const withoutPrograms = (text) => text.replaceAll(/^```.*?^```$/gms, "");

const pages = list("*.md", "{apps,bench,docs,examples,packages}/**/*.md");
const files = list("**/*.{ts,mjs,md,json,yml}", ".github/**");
const sources = list("{apps,bench,examples,packages,scripts,testing}/**/*.{ts,mjs,js}");

/** Files of a tarball, of a user's own project, and of the made-up provider of docs/fourth-provider.md. */
const elsewhere = ["dist/sbom.cdx.json", "prometheus.yml", "src/acme/options.ts", "src/acme/acme.ts"];

describe.each(pages)("%s", (page) => {
  const text = withoutPrograms(read(page));

  it("links to files and headings of this repository that exist", () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links.filter((each) => !each.startsWith("https://"))) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      // A page of the repository on GitHub, beside its files.
      if (target.startsWith("../../security/")) continue;
      expect(relative(root, join(root, target)), link).not.toMatch(/^\.\./);
      expect(existsSync(join(root, target)), link).toBe(true);
      if (anchor !== undefined) expect(anchors(read(target)), link).toContain(anchor);
    }
  });

  it("names files that exist, NAME being any name", () => {
    const pictures = [...read(page).matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, picture = ""]) => picture).join("");
    const names = [
      ...text.matchAll(/`([\w./-]+\.(?:ts|mjs|md|json|yml))`/g),
      ...pictures.matchAll(/([\w./-]+\.ts)\b/g),
    ];
    for (const [, name = ""] of names) {
      const pattern = new RegExp(`(^|/)${name.replaceAll(".", "\\.").replaceAll("NAME", "[^/]+")}$`);
      expect(
        [...files, ...elsewhere].some((file) => pattern.test(file)),
        name,
      ).toBe(true);
    }
  });
});

it("docs/cases.md lists each case that code or a page names, and no other one, with its source", () => {
  const rows = [...read("docs/cases.md").matchAll(/^\| (\d+) +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)];
  const listed = rows.map(([, number]) => Number(number));
  const used = new Set(
    [...sources, ...pages]
      .filter((file) => file !== "docs/cases.md")
      .flatMap((file) => [...read(file).matchAll(/\bcases? (\d+(?:(?:,| and) (?:case )?\d+)*)/gi)])
      .flatMap(([, numbers = ""]) => numbers.match(/\d+/g) ?? [])
      .map(Number),
  );
  expect(listed).toEqual([...used].sort((a, b) => a - b));
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(text) {
  return [...withoutPrograms(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
