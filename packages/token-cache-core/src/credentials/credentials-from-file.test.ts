import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf } from "../cache/token-source.test-support.ts";
import { credentialsFromFile } from "./credentials-from-file.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "credentials-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const names = ["id", "secret"] as const;
const read = (path: string) => credentialsFromFile(path)({ names, signal: new AbortController().signal });

/** Changes a mounted secret as Kubernetes does: a new folder, and a link that is replaced by a rename. */
async function mount(root: string, version: string, values: Record<string, string>) {
  await mkdir(join(root, version), { recursive: true });
  for (const [name, value] of Object.entries(values)) {
    await writeFile(join(root, version, name), value);
    await symlink(join("..data", name), join(root, name)).catch(() => {});
  }
  await symlink(version, join(root, "..new"));
  await rename(join(root, "..new"), join(root, "..data"));
}

describe("credentials from a file", () => {
  test("are the members of a JSON object, read again at each call", async () => {
    const path = join(folder, "naver.json");
    await writeFile(path, '\uFEFF{ "id": "i", "secret": "s", "note": 1 }\n');
    expect(await read(path)).toMatchObject({ id: "i", secret: "s" });
    await writeFile(path, '{ "id": "i", "secret": "rotated" }');
    expect(await read(path)).toMatchObject({ secret: "rotated" });
  });

  test("are files of a folder, without the line end", async () => {
    const path = join(folder, "docker");
    await mkdir(path);
    await writeFile(join(path, "id"), "i\n");
    await writeFile(join(path, "secret"), "$2a$04$s\r\n");
    await writeFile(join(path, "other"), "not read");
    expect(await read(path)).toEqual({ id: "i", secret: "$2a$04$s" });
  });

  test("are a mounted Kubernetes secret, all values of one version", async () => {
    const path = join(folder, "kubernetes");
    await mount(path, "..1", { id: "i", secret: "s" });
    expect(await read(path)).toEqual({ id: "i", secret: "s" });
    await mount(path, "..2", { id: "i2", secret: "s2" });
    await rm(join(path, "..1"), { recursive: true });
    expect(await read(path)).toEqual({ id: "i2", secret: "s2" });
  });

  test("are never of two versions while Kubernetes replaces them", { tags: ["slow"] }, async () => {
    const path = join(folder, "changing");
    await mount(path, "..0", { id: "0", secret: "0" });
    let isDone = false;
    const changes = (async () => {
      for (let version = 1; version <= 60; version++) {
        await mount(path, `..${version}`, { id: `${version}`, secret: `${version}` });
        await rm(join(path, `..${version - 1}`), { recursive: true });
      }
      isDone = true;
    })();
    let reads = 0;
    while (!isDone) {
      const { id, secret } = await read(path).catch(() => ({ id: "gone", secret: "gone" }));
      expect(secret).toBe(id);
      reads += 1;
    }
    await changes;
    expect(reads).toBeGreaterThan(10);
    expect(await read(path)).toEqual({ id: "60", secret: "60" });
  });

  test.each([
    ["a file that is missing", async (path: string) => path, "ENOENT"],
    [
      "a text that is no JSON",
      (path: string) => written(path, "canary-secret"),
      "must hold a JSON object with id and secret",
    ],
    ["JSON that is no object", (path: string) => written(path, '"canary-secret"'), "must hold a JSON object"],
    ["a file that is too large", (path: string) => written(path, "canary".repeat(20_000)), "larger than 65536 bytes"],
    ["a folder without the files", emptyFolder, "ENOENT"],
    ["a pipe", pipe, "is no file"],
  ])("are an error that names the path and shows nothing of the text: %s", async (what, prepare, message) => {
    const path = await prepare(join(folder, what.replaceAll(" ", "-")));
    const failure = await failureOf(read(path));
    expect(failure).toMatchObject({ code: "credentials_unavailable", retryable: true });
    expect(failure.message).toContain(path);
    expect(failure.message).toContain(message);
    expect(failure.message).not.toContain("canary");
  });

  test("need a path", () => {
    for (const path of ["", undefined, 1, null]) {
      expect(() => credentialsFromFile(path as string)).toThrow("must be a text");
    }
  });
});

async function written(path: string, text: string): Promise<string> {
  await writeFile(path, text);
  return path;
}

async function emptyFolder(path: string): Promise<string> {
  await mkdir(path);
  return path;
}

async function pipe(path: string): Promise<string> {
  execFileSync("mkfifo", [path]);
  return path;
}
