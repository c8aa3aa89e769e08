import type { DeleteReason, StoreChange } from "../contract/token-store.ts";

/** What a store tells of a deletion: the token's id only where no process may use the token again. */
export function deletionNotice(key: string, tokenId: string, reason: DeleteReason = "refused"): StoreChange {
  return reason === "refused" ? { key, refusedTokenId: tokenId } : { key };
}
