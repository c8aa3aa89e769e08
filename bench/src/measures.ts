import type { Measure } from "./measure.ts";
import { apiCalls } from "./measures/api-calls.ts";
import { behaviour } from "./measures/behaviour.ts";
import { bundle } from "./measures/bundle.ts";
import { cold } from "./measures/cold.ts";
import { crowd } from "./measures/crowd.ts";
import { expiry } from "./measures/expiry.ts";
import { fetchedCredentials } from "./measures/fetched-credentials.ts";
import { firstToken } from "./measures/first-token.ts";
import { hotPath } from "./measures/hot-path.ts";
import { identities } from "./measures/identities.ts";
import { imports } from "./measures/imports.ts";
import { installedSize } from "./measures/installed-size.ts";
import { limits } from "./measures/limits.ts";
import { limitsOfOneProcess } from "./measures/limits-one-process.ts";
import { scale } from "./measures/scale.ts";
import { signatures } from "./measures/signatures.ts";
import { storeReads } from "./measures/store-reads.ts";
import { telemetry } from "./measures/telemetry.ts";

/** In the order of the report. */
export const measures: readonly Measure[] = [
  hotPath,
  telemetry,
  fetchedCredentials,
  identities,
  scale,
  apiCalls,
  cold,
  expiry,
  crowd,
  storeReads,
  signatures,
  imports,
  firstToken,
  installedSize,
  bundle,
  behaviour,
  limits,
  limitsOfOneProcess,
];
