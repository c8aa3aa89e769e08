/** The parts of iamport's responses that are read. */
import * as z from "zod/mini";

// Documented as integers. Fractions and strings are accepted too.
const epochSeconds = z.union([
  z.number().check(z.minimum(0), z.maximum(1e12)),
  z.string().check(z.regex(/^\d{1,12}(\.\d{1,9})?$/)),
]);

/** Both are epoch seconds of the server's clock. The guide's "KST" does not mean nine more hours. */
export const tokenSchema = z.object({
  code: z.literal(0),
  response: z.object({ access_token: z.string(), now: epochSeconds, expired_at: epochSeconds }),
});

/** The error in iamport's envelope. Not inferred from the schema: the public types must not contain zod's. */
export interface Failure {
  readonly code: number;
  readonly message?: string | null | undefined;
}

/** The envelope of all responses. */
export const answerSchema = z.object({
  code: z.number(),
  message: z.optional(z.nullable(z.string())),
  response: z.optional(z.unknown()),
});

export type Answer = z.infer<typeof answerSchema>;
