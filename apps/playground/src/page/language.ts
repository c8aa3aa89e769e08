import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Language, languageOf, type Words } from "../chapters/words.ts";

const KEY = "language";

/** The language that was chosen here before, else the browser's. */
export function initialLanguage(): Language {
  return languageOf(localStorage.getItem(KEY) ?? navigator.language);
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
}

export const LanguageContext = createContext<Language>("en");

/** A text in the page's language. */
export function useWords(): (words: Words) => string {
  const language = useContext(LanguageContext);
  return (words) => words[language];
}
