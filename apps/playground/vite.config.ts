import { defineConfig } from "vite";

/** The page: built once by `pnpm build`, served by `npm start`. */
export default defineConfig({
  root: "src/page",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  // The server's policy allows no inline scripts and styles, and no data: URLs but images.
  build: { outDir: "../../dist/page", emptyOutDir: true, target: "es2024", assetsInlineLimit: 0, modulePreload: false },
  logLevel: "warn",
});
