import { packageConfig } from "../../tsdown.base.ts";

export default packageConfig({
  entry: [
    "src/index.ts",
    "src/fetch/index.ts",
    "src/stores/sqlite-store.ts",
    "src/stores/redis-store.ts",
    "src/stores/encrypted-store.ts",
    "src/testing/index.ts",
  ],
});
