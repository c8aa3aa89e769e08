/** The parts of Toss's responses that are read. */
import * as z from "zod/mini";

export const tokenSchema = z.object({
  access_token: z.string(),
  token_type: z.optional(z.string().check(z.regex(/^bearer$/i))),
  scope: z.optional(z.string()),
  // Documented as an integer. A string of digits is accepted too.
  expires_in: z.union([z.number(), z.string().check(z.regex(/^\d{1,12}$/))]),
});

export const tokenErrorSchema = z.object({ error: z.string() });

/** The error in Toss's envelope. Not inferred from the schema: the public types must not contain zod's. */
export interface Failure {
  readonly errorCode: string;
  readonly reason?: string | null | undefined;
}

/** The API's envelope. */
export const answerSchema = z.discriminatedUnion("resultType", [
  z.object({ resultType: z.literal("SUCCESS"), success: z.optional(z.unknown()) }),
  z.object({
    resultType: z.literal("FAIL"),
    error: z.object({ errorCode: z.string(), reason: z.optional(z.nullable(z.string())) }),
  }),
]);

export type Answer = z.infer<typeof answerSchema>;
