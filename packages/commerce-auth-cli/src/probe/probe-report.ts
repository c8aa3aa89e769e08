import packageJson from "../../package.json" with { type: "json" };
import type { Language } from "../language.ts";
import type { ProviderProfile } from "../providers/profile.ts";
import type { Layout } from "../terminal/layout.ts";
import type { ProbeResult } from "./probe.ts";
import { OPEN, QUESTIONS } from "./questions.ts";

const PROJECT_ISSUES = packageJson.bugs;

/** The report to send: answers only. It names no key, no token, no shop and no machine. */
export function probeJson(profile: ProviderProfile, { answers, requests }: ProbeResult, isEmulated: boolean) {
  const { name: command, version } = packageJson;
  return {
    probe: 1,
    provider: profile.name,
    emulator: isEmulated,
    command: `${command} ${version}`,
    requests,
    answers,
  };
}

/** The same for people. */
export function probeText(
  profile: ProviderProfile,
  { answers, requests }: ProbeResult,
  language: Language,
  { paint, wrap }: Layout,
): string {
  const lines = answers.map((each) => {
    const question = wrap(QUESTIONS[each.question][language], 2).trimStart();
    const isOpen = "open" in each;
    const answer = isOpen ? OPEN[each.open][language] : String(each.answer);
    return `${isOpen ? paint("yellow", "?") : paint("green", "✓")} ${question}\n${wrap(`→ ${answer}`, 4)}`;
  });
  const notAsked = profile.neverAsked[language];
  const footer =
    language === "ko"
      ? `요청 ${requests}번. ${notAsked} 이 결과에는 키, 토큰, 상점 정보가 없습니다. '--probe --json'의 출력을 프로젝트에 보내 주세요: ${PROJECT_ISSUES}`
      : `${requests} requests. ${notAsked} This report has no key, token or shop in it. Please send the output of '--probe --json' to the project: ${PROJECT_ISSUES}`;
  return `${paint("bold", profile.title[language])}\n${lines.join("\n")}\n\n${wrap(footer, 0)}\n`;
}
