import { GUIDED_CHAPTERS } from "../chapters/all.ts";
import type { Means } from "../chapters/side.ts";
import { apiCalls } from "./api-calls.ts";
import { guided } from "./guided.ts";
import { mistakes } from "./mistakes.ts";
import { iamport, naverCommerce, tossShopping } from "./providers.ts";
import { secrecy } from "./secrets.ts";
import { sharingByRedis, sharingBySqlite } from "./sharing.ts";
import type { Chapter } from "./step.ts";

/**
 * The whole story, in order: the guided chapters that the page plays too, then the details, provider by provider. The
 * last chapter searches what the others left behind.
 *
 * @param redisUrl the Redis to share tokens by; without it, that chapter is left out
 */
export function allChapters(means: Means, redisUrl: string | undefined): readonly Chapter[] {
  const playable = GUIDED_CHAPTERS.filter(({ needsRedis }) => !needsRedis || means.redisProgram !== undefined);
  const redis = redisUrl === undefined ? [] : [sharingByRedis(redisUrl)];
  const lives = [tossShopping, naverCommerce, iamport];
  const story = playable.map((chapter) => guided(chapter, means));
  return [...story, ...lives, apiCalls, mistakes, sharingBySqlite(means.folder), ...redis, secrecy];
}
