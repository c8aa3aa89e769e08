import type { DeleteReason, StoreChange } from "../contract/token-store.ts";

/** A deletion's change notice. It names the token's id only if no process may use the token again. */
export function deletionNotice(key: string, tokenId: string, reason: DeleteReason = "refused"): StoreChange {
  return reason === "refused" ? { key, refusedTokenId: tokenId } : { key };
}
