export { IamportApiError, iamportResult } from "./api-result.ts";
export { createIamportAuth, type IamportAuth } from "./auth.ts";
export type { IamportAuthOptions } from "./options.ts";
