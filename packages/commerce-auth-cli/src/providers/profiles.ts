import { iamport } from "./iamport.ts";
import { naver } from "./naver.ts";
import type { ProviderName, ProviderProfile } from "./profile.ts";
import { toss } from "./toss.ts";

/** The three providers, in the order in which `doctor` without a name examines them. */
export const PROFILES: Readonly<Record<ProviderName, ProviderProfile>> = { toss, naver, iamport };
