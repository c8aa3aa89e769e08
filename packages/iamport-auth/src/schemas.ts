/** What iamport's answers look like, as far as they are read. Loaded with the first answer: zod takes a while to start. */
import * as z from "zod/mini";

// Documented as integers; fractions and strings are read too.
const epochSeconds = z.union([
  z.number().check(z.minimum(0), z.maximum(1e12)),
  z.string().check(z.regex(/^\d{1,12}(\.\d{1,9})?$/)),
]);

/** Both times are the server's. "KST" in the guide is loose wording: there are no nine hours to add. */
export const tokenSchema = z.object({
  code: z.literal(0),
  response: z.object({ access_token: z.string(), now: epochSeconds, expired_at: epochSeconds }),
});

/** What iamport says of what it did not do. Not inferred: zod's types would be in ours. */
export interface Failure {
  readonly code: number;
  readonly message?: string | null | undefined;
}

/** The envelope of all answers. */
export const answerSchema = z.object({
  code: z.number(),
  message: z.optional(z.nullable(z.string())),
  response: z.optional(z.unknown()),
});

export type Answer = z.infer<typeof answerSchema>;
