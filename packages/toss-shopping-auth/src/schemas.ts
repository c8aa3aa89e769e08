/** What Toss's answers look like, as far as they are read. Loaded with the first answer: zod takes a while to start. */
import * as z from "zod/mini";

export const tokenSchema = z.object({
  access_token: z.string(),
  token_type: z.optional(z.string().check(z.regex(/^bearer$/i))),
  scope: z.optional(z.string()),
  // Documented as an integer; a string of digits is read all the same.
  expires_in: z.union([z.number(), z.string().check(z.regex(/^\d{1,12}$/))]),
});

export const tokenErrorSchema = z.object({ error: z.string() });

/** What Toss says of a call that it did not carry out. Not inferred: zod's types would be in ours. */
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
