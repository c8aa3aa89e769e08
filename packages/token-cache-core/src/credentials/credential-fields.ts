import { checkText } from "../options/checks.ts";
import { invalidOption } from "../options/invalid-option.ts";

/** One value of a provider's credentials. */
export interface CredentialField {
  /** The environment variable that has it by default. */
  readonly variable: string;
  /** What to do about an empty value: the last sentence of the error. */
  readonly advice?: string | undefined;
  /**
   * Checks the value and returns it in the form that the token request needs.
   *
   * @throws TokenError `invalid_options` that shows nothing of the value
   */
  readonly parse?: ((text: string) => string) | undefined;
}

/** The fields of a provider's credentials by their names: a provider declares them once. */
export type CredentialFields<Name extends string> = { readonly [Field in Name]: CredentialField };

/** A provider's credentials: a text for each name. */
export type Credentials<Name extends string> = { readonly [Field in Name]: string };

/** The names of the fields, in their order. */
export function namesOf<Name extends string>(fields: CredentialFields<Name>): readonly Name[] {
  return Object.keys(fields) as Name[];
}

/** Checks one value: a string that is not empty, without white space around it, in the field's form. */
export function checkField(provider: string, subject: string, value: unknown, field: CredentialField): string {
  if (typeof value !== "string") throw invalidOption(provider, `${subject} must be a string.`);
  const text = checkText(provider, subject, value, field.advice);
  return field.parse?.(text) ?? text;
}

/**
 * The credentials in an object. Only its own members count, each is read once, and others are left alone.
 *
 * @param subjectOf names a field in errors
 */
export function pickCredentials<Name extends string>(
  provider: string,
  object: object,
  fields: CredentialFields<Name>,
  subjectOf: (name: Name) => string,
): Credentials<Name> {
  const picked = namesOf(fields).map((name): [Name, string] => {
    const value: unknown = Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
    return [name, checkField(provider, subjectOf(name), value, fields[name])];
  });
  return Object.fromEntries(picked) as Credentials<Name>;
}
