import { credentials } from "./mutants/credentials.ts";
import { endings } from "./mutants/endings.ts";
import { failures } from "./mutants/failures.ts";
import { flights } from "./mutants/flights.ts";
import { lanes } from "./mutants/lanes.ts";
import { lifetimes } from "./mutants/lifetimes.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { refusals } from "./mutants/refusals.ts";
import { sharing } from "./mutants/sharing.ts";

/** Each has to be caught by some seed. */
export const mutants: readonly Mutant[] = [
  ...lifetimes,
  ...flights,
  ...failures,
  ...refusals,
  ...credentials,
  ...sharing,
  ...endings,
  ...lanes,
];
