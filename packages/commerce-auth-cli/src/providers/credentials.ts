import type { Values } from "../fill-words.ts";
import type { Finding } from "../findings/finding.ts";
import type { Text } from "../language.ts";

/** What a user types to be known by the provider. */
export interface CredentialField {
  readonly name: string;
  /** The environment variable, the same as the provider's package reads. */
  readonly variable: string;
  readonly label: Text;
  readonly isSecret: boolean;
  /** Without it the provider still issues a token. */
  readonly isOptional?: boolean;
  /** What the value's form tells, where copying and shells did no damage. Undefined: nothing. */
  readonly form?: (value: string, values: Values) => Finding | undefined;
}

/** The credentials by the fields' names. */
export type Credentials = Readonly<Record<string, string>>;
