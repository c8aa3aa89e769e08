import { causeOf, explain, type Finding, hasProblem, levelOf } from "../findings/finding.ts";
import { type Level, TOPICS } from "../findings/verdict.ts";
import { VERDICTS } from "../findings/verdicts/verdicts.ts";
import type { Language, Text } from "../language.ts";
import type { ProviderProfile } from "../providers/profile.ts";
import type { Layout } from "../terminal/layout.ts";

const MARKS = {
  ok: ["✓", "green"],
  note: ["i", "cyan"],
  warning: ["!", "yellow"],
  problem: ["✗", "red"],
} as const satisfies Record<Level, unknown>;

const TITLE_COLUMNS = 14;
const INDENT = TITLE_COLUMNS + 2;

const LABELS = {
  advice: { ko: "할 일: ", en: "Do: " },
  page: { ko: "위치: ", en: "Where: " },
  cause: { ko: "원인: ", en: "Cause: " },
  risk: { ko: "주의: ", en: "Note: " },
} satisfies Record<string, Text>;

const ALL_WELL: Text = {
  ko: "문제가 없습니다. 토큰 발급과 API 호출이 모두 됩니다.",
  en: "All is well: tokens are issued, and the API takes them.",
};

/** The report for people. */
export function doctorReport(
  profile: ProviderProfile,
  found: readonly Finding[],
  language: Language,
  layout: Layout,
): string {
  const title = layout.paint("bold", profile.title[language]);
  return [
    title,
    ...found.map((each) => line(profile, each, language, layout)),
    conclusion(found, language, layout),
    "",
  ].join("\n");
}

function line(profile: ProviderProfile, each: Finding, language: Language, layout: Layout): string {
  const { topic } = VERDICTS[each.verdict];
  const level = levelOf(each);
  const { saw, means, advice } = explain(each, language);
  const [mark, colour] = MARKS[level];
  const head = `${layout.paint(colour, mark)} ${layout.pad(TOPICS[topic][language], TITLE_COLUMNS)}`;
  const where = pageOf(profile, each, language);
  return [
    head + layout.wrap(saw, INDENT).trimStart(),
    layout.paint("dim", layout.wrap(means, INDENT)),
    advice === undefined ? undefined : layout.wrap(LABELS.advice[language] + advice, INDENT),
    where === undefined ? undefined : layout.wrap(LABELS.page[language] + where, INDENT),
  ]
    .filter((part) => part !== undefined)
    .join("\n");
}

function pageOf({ consolePages }: ProviderProfile, { verdict }: Finding, language: Language): string | undefined {
  const { page } = VERDICTS[verdict];
  return page === undefined ? undefined : consolePages[page][language];
}

/** One sentence that names the cause. */
function conclusionOf(found: readonly Finding[], language: Language): string {
  const cause = causeOf(found);
  if (cause === undefined) return ALL_WELL[language];
  const label = levelOf(cause) === "problem" ? LABELS.cause : LABELS.risk;
  const [firstSentence = ""] = explain(cause, language).means.split(/(?<=\.)\s/);
  return label[language] + firstSentence;
}

function conclusion(found: readonly Finding[], language: Language, { paint, wrap }: Layout): string {
  const cause = causeOf(found);
  const colour = cause === undefined ? "green" : MARKS[levelOf(cause)][1];
  return `\n${paint(colour, wrap(conclusionOf(found, language), 0))}`;
}

/** The report for programs. */
export function doctorJson(profile: ProviderProfile, found: readonly Finding[], language: Language) {
  const findings = found.map((each) => {
    const { topic } = VERDICTS[each.verdict];
    const where = pageOf(profile, each, language);
    return {
      verdict: each.verdict,
      topic,
      level: levelOf(each),
      ...explain(each, language),
      where,
      values: each.values,
    };
  });
  return {
    provider: profile.name,
    ok: !hasProblem(found),
    cause: causeOf(found)?.verdict ?? null,
    conclusion: conclusionOf(found, language),
    findings,
  };
}
