import { packageConfig } from "../../tsdown.base.ts";

export default packageConfig({ entry: ["src/bin.ts"], platform: "node", dts: false });
