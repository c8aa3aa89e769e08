import { apiCalls } from "./api-calls.ts";
import { mistakes, offForm } from "./mistakes.ts";
import { iamport, naverCommerce, tossShopping } from "./providers.ts";
import { secrecy } from "./secrets.ts";
import { sharingByRedis, sharingBySqlite } from "./sharing.ts";
import type { Chapter } from "./step.ts";

/**
 * The whole story, in order. The last chapter searches what the others left behind.
 *
 * @param folder an empty one, for what is stored
 * @param redisUrl without it, Redis's chapter is left out
 */
export function allChapters(folder: string, redisUrl: string | undefined): readonly Chapter[] {
  const redis = redisUrl === undefined ? [] : [sharingByRedis(redisUrl)];
  const sharing = [sharingBySqlite(folder), ...redis];
  return [tossShopping, naverCommerce, iamport, apiCalls, mistakes, offForm, ...sharing, secrecy];
}
