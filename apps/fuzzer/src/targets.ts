import type { Target } from "./target.ts";
import { apiAnswers } from "./targets/api-answers.ts";
import { apiRequests } from "./targets/api-requests.ts";
import { controlRequests } from "./targets/control-requests.ts";
import { drippingBodies } from "./targets/dripping-bodies.ts";
import { encryptionKeys } from "./targets/encryption-keys.ts";
import { followedAnswers } from "./targets/followed-answers.ts";
import { issuedTokens } from "./targets/issued-tokens.ts";
import { mixedUpReplies } from "./targets/mixed-up-replies.ts";
import { notices } from "./targets/notices.ts";
import { pollutedPrototypes } from "./targets/polluted-prototypes.ts";
import { redisValues } from "./targets/redis-values.ts";
import { sqlitePaths } from "./targets/sqlite-paths.ts";
import { storeAnswers } from "./targets/store-answers.ts";
import { storeEntries } from "./targets/store-entries.ts";
import { subscriptions } from "./targets/subscriptions.ts";
import { tokenAnswers } from "./targets/token-answers.ts";

/** Everything that takes input from outside. */
export const targets: readonly Target[] = [
  tokenAnswers,
  issuedTokens,
  apiRequests,
  apiAnswers,
  drippingBodies,
  followedAnswers,
  pollutedPrototypes,
  storeEntries,
  storeAnswers,
  mixedUpReplies,
  redisValues,
  notices,
  subscriptions,
  encryptionKeys,
  sqlitePaths,
  controlRequests,
];
