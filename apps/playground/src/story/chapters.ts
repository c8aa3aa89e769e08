import { apiCalls } from "./api-calls.ts";
import { mistakes, offForm } from "./mistakes.ts";
import { iamport, naverCommerce, tossShopping } from "./providers.ts";
import { secrecy } from "./secrets.ts";
import type { Chapter } from "./step.ts";

/** The whole story, in order. The last chapter searches what the others left behind. */
export const chapters: readonly Chapter[] = [
  tossShopping,
  naverCommerce,
  iamport,
  apiCalls,
  mistakes,
  offForm,
  secrecy,
];
