import { createNaverCommerceAuth, naverResult } from "@x/naver-commerce-auth";

// Outside of the handler: the next invocation in the same environment finds the token in memory. Between invocations
// the process is frozen. A background refresh then continues, or is retried, at the next one: there is nothing to set.
// Many environments at once need no store for Naver, which sends all of them the same token.
const naver = createNaverCommerceAuth();

export async function handler() {
  const { accountId } = await naverResult(naver.api.get("v1/seller/account"));
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ accountId }) };
}
