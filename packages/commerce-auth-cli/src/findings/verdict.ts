import type { Text } from "../language.ts";

/** How bad it is. A problem ends in exit code 1. */
export type Level = "ok" | "note" | "warning" | "problem";

/** What a line of the report is about. */
export type Topic = "emulator" | "secret" | "proxy" | "network" | "clock" | "address" | "token" | "api" | "limits";

/** Where a user changes a setting, or whom the user asks. */
export type ConsolePage = "keys" | "addresses" | "permissions" | "sellers" | "support";

/** What was seen, what it means, what to do. `{name}` is replaced by a value of the finding. */
type Words = readonly [saw: string, means: string, advice?: string];

/** One possible result of an examination, in words. The first sentence of its meaning names the cause. */
export interface Verdict {
  readonly topic: Topic;
  readonly level: Level;
  /** Where to change it, or whom to ask. */
  readonly page?: ConsolePage;
  readonly ko: Words;
  readonly en: Words;
}

/** The headings of the lines. */
export const TOPICS: Readonly<Record<Topic, Text>> = {
  emulator: { ko: "에뮬레이터", en: "Emulator" },
  secret: { ko: "인증 정보", en: "Credentials" },
  proxy: { ko: "프록시", en: "Proxy" },
  network: { ko: "네트워크", en: "Network" },
  clock: { ko: "시각", en: "Clock" },
  address: { ko: "호출 IP", en: "Address" },
  token: { ko: "토큰", en: "Token" },
  api: { ko: "API 권한", en: "API" },
  limits: { ko: "호출 한도", en: "Limits" },
};
