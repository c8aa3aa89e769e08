export const LANGUAGES = ["en", "ko"] as const;

export type Language = (typeof LANGUAGES)[number];

/** A text in both languages. */
export type Words = Readonly<Record<Language, string>>;

/** Korean if the environment or the browser prefers it, for example `ko_KR.UTF-8` or `ko-KR`. */
export function languageOf(locale: string | undefined): Language {
  return /^ko\b|^ko[_-]/i.test(locale ?? "") ? "ko" : "en";
}

const NUMBER = new Intl.NumberFormat("en-US");

/** 1234 as `1,234`, as both languages write it. */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** `1 request`, `1,000 requests`, `no requests`. */
export function plural(count: number, noun: string): string {
  return `${count === 0 ? "no" : number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `12 ms` or `1.3 s`: short enough for a sentence. */
export function duration(ms: number): Words {
  if (ms < 1) return { en: "under 1 ms", ko: "1 ms 미만" };
  if (ms < 1_000) return { en: `${Math.round(ms)} ms`, ko: `${Math.round(ms)} ms` };
  const seconds = (ms / 1_000).toFixed(1);
  return { en: `${seconds} s`, ko: `${seconds}초` };
}
