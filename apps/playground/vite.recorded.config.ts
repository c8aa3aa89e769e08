import { defineConfig, mergeConfig } from "vite";
import page from "./vite.config.ts";

/** The recorded run: a folder of files for any web server, at any path. `src/record.ts` writes the recording. */
export default mergeConfig(
  page,
  defineConfig({
    root: "src/page/recorded",
    base: "./",
    publicDir: "../../../dist/recording",
    build: { outDir: "../../../dist/recorded" },
  }),
);
