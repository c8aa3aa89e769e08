export { IamportApiError, iamportResult } from "./api-answer.ts";
export { createIamportAuth, type IamportAuth } from "./auth.ts";
export type { IamportAuthOptions } from "./options.ts";
