import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

/** The reference has every entry of the package, each from the source that it is built from. */
export default {
  entryPoints: Object.values(exports).map(({ types }) => types.replace("./dist/", "src/").replace(".d.ts", ".ts")),
};
