/** The parts of Naver's responses that are read. */
import * as z from "zod/mini";

export const tokenSchema = z.object({
  access_token: z.string(),
  token_type: z.optional(z.string().check(z.regex(/^bearer$/i))),
  // Documented as an integer. A string of digits is accepted too.
  expires_in: z.union([z.number(), z.string().check(z.regex(/^\d{1,12}$/))]),
});

/** An input that Naver rejects. */
export interface NaverInvalidInput {
  readonly name?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly message?: string | null | undefined;
}

/**
 * The error object of the token endpoint and of the API. Each leaves some fields out. Not inferred from the schema: the
 * public types must not contain zod's.
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

/** The response that refuses the token. */
export const refusalSchema = z.object({ code: z.literal("GW.AUTHN") });
