export type { ApiAnswer } from "./api-answer.ts";
export { type AuthenticatedFetchOptions, createAuthenticatedFetch } from "./authenticated-fetch.ts";
