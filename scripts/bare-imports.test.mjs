import { expect, test } from "vitest";
import { bareImports } from "./bare-imports.mjs";

test.each([
  ['import ky from "ky";', ["ky"]],
  ['import { object } from "zod/mini";', ["zod"]],
  ['import{a}from"@x/token-cache-core/fetch";', ["@x/token-cache-core"]],
  ['export * from "ky"; import "bcryptjs";', ["ky", "bcryptjs"]],
  ['import "bcryptjs";', ["bcryptjs"]],
  ['type A = import("zod").infer<B>;', ["zod"]],
  ['/** import ky from "ky"; */ const a = 1;', []],
  ['await import("node:sqlite"); import "./own.js";', []],
])("%s", (source, names) => {
  expect(bareImports(source)).toEqual(names);
});
