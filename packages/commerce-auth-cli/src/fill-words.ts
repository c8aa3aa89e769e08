import type { Language, Text } from "./language.ts";

/** What fills the placeholders of a text. Never a token, a secret or a signature. */
export type Values = Readonly<Record<string, string | number | Text | undefined>>;

/** Puts values into the placeholders `{name}` of a text. */
export function fillWords(text: string, values: Values, language: Language): string {
  return text
    .replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
      const value = values[name] ?? "";
      return typeof value === "object" ? value[language] : String(value);
    })
    .trimEnd();
}
