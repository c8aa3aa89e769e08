export { TossApiError, tossResult } from "./api-result.ts";
export { createTossShoppingAuth, type TossShoppingAuth } from "./auth.ts";
export type { TossShoppingAuthOptions } from "./options.ts";
