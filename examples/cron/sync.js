// */10 * * * * cd /srv/shop && node --env-file=.env sync.js

import { createNaverCommerceAuth, naverResult, TokenCache } from "@x/naver-commerce-auth";
import { sqliteStore } from "@x/token-cache-core/sqlite";

// The file keeps the token between runs. Without it each run asks for a token, which is allowed, too.
const cache = new TokenCache({ store: sqliteStore({ path: "tokens.db" }) });
const naver = createNaverCommerceAuth({ cache });

const account = await naverResult(naver.api.get("v1/seller/account"));
console.log(`synced ${account.accountId}`);

// Nothing has to be closed: the process ends here.
