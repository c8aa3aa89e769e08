/** What Naver's answers look like, as far as they are read. Loaded with the first answer: zod takes a while to start. */
import * as z from "zod/mini";

export const tokenSchema = z.object({
  access_token: z.string(),
  token_type: z.optional(z.string().check(z.regex(/^bearer$/i))),
  // Documented as an integer; a string of digits is read all the same.
  expires_in: z.union([z.number(), z.string().check(z.regex(/^\d{1,12}$/))]),
});

/** One input that Naver finds wrong. */
export interface NaverInvalidInput {
  readonly name?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly message?: string | null | undefined;
}

/**
 * The error object of the token endpoint and of the API, of which each leaves some out. Not inferred: zod's types would be
 * in ours.
 */
export interface Failure {
  readonly code: string;
  readonly message?: string | null | undefined;
  readonly traceId?: string | null | undefined;
  readonly invalidInputs?: readonly NaverInvalidInput[] | null | undefined;
}

const text = z.optional(z.nullable(z.string()));

export const failureSchema = z.object({
  code: z.string(),
  message: text,
  traceId: text,
  invalidInputs: z.optional(z.nullable(z.array(z.object({ name: text, type: text, message: text })))),
});

/** What says that the token is bad. */
export const refusalSchema = z.object({ code: z.literal("GW.AUTHN") });
