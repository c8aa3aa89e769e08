import { packageConfig } from "../../tsdown.base.ts";

export default packageConfig({
  entry: [
    "src/index.ts",
    "src/provider/index.ts",
    "src/rate-limit/index.ts",
    "src/stores/sqlite/sqlite-store.ts",
    "src/stores/redis/redis-store.ts",
    "src/stores/encrypted/encrypted-store.ts",
    "src/opentelemetry/index.ts",
    "src/credentials/credentials-from-file.ts",
    "src/testing/index.ts",
  ],
});
