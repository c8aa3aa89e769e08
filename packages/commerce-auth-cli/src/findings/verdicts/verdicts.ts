import type { Verdict } from "../verdict.ts";
import { apiVerdicts } from "./api.ts";
import { connectionVerdicts } from "./connection.ts";
import { credentialVerdicts } from "./credentials.ts";
import { tokenVerdicts } from "./token.ts";
import { tokenRefusalVerdicts } from "./token-refusals.ts";

const ALL = { ...credentialVerdicts, ...connectionVerdicts, ...tokenVerdicts, ...tokenRefusalVerdicts, ...apiVerdicts };

/** The name of a verdict. Programs that read `--json` may rely on it. */
export type VerdictId = keyof typeof ALL;

/** Every verdict, by its name. */
export const VERDICTS: Readonly<Record<VerdictId, Verdict>> = ALL;
