import "reflect-metadata";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startEmulator } from "@x/commerce-auth-emulator";
import { codeBlocks } from "@x/testing/readme";
import type { TokenAuth } from "@x/token-cache-core/provider";
import ts from "typescript";
import { afterAll, describe, expect, it, vi } from "vitest";

const PACKAGES = new URL("../../../packages/", import.meta.url);

/** As a NestJS project compiles. */
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  types: ["node"],
  skipLibCheck: true,
};

type NestModule = new (auth: TokenAuth) => { onApplicationShutdown(): Promise<void> };

const NAMES = ["toss-shopping-auth", "naver-commerce-auth", "iamport-auth"];

/** Compiles the READMEs' modules beside this test's packages. */
const folder = await mkdtemp(fileURLToPath(new URL("../.nestjs-", import.meta.url)));
for (const name of NAMES) {
  const [block = ""] = await codeBlocks(new URL(`${name}/README.md`, PACKAGES), "ts");
  await writeFile(join(folder, `${name}.mts`), block);
}
const compilation = ts.createProgram(
  NAMES.map((name) => join(folder, `${name}.mts`)),
  OPTIONS,
);
compilation.emit();
afterAll(() => rm(folder, { recursive: true }));

describe("the NestJS modules of the READMEs", () => {
  it("compile", () => {
    expect(ts.getPreEmitDiagnostics(compilation).map(({ messageText }) => messageText)).toEqual([]);
  });

  it.each(NAMES)("make a client, and close it with the application: %s", async (name) => {
    const exported = Object.values(await import(pathToFileURL(join(folder, `${name}.mjs`)).href));
    const Module = exported.find((each) => typeof each === "function") as NestModule;
    const [{ useFactory }] = Reflect.getMetadata("providers", Module) as [{ useFactory(): TokenAuth }];

    await using emulator = await startEmulator();
    vi.stubEnv("COMMERCE_AUTH_EMULATOR", emulator.origin);
    const auth = useFactory();
    expect((await auth.getToken()).value).not.toBe("");
    await new Module(auth).onApplicationShutdown();
    await expect(auth.getToken()).rejects.toMatchObject({ code: "closed" });
  });
});
