import { codeIn } from "../answers/answer-fields.ts";
import type { Answer } from "../answers/recorder.ts";
import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { VerdictId } from "../findings/verdicts/verdicts.ts";
import type { Language, Text } from "../language.ts";
import type { ApiRead, ProviderProfile, Target } from "../providers/profile.ts";

/** What the answer to one harmless read means. */
export function readFinding(
  profile: ProviderProfile,
  { group, path }: ApiRead,
  answer: Answer,
  { apiBaseUrl }: Target,
): Finding {
  const { status, failure, body } = answer;
  const { origin, pathname, hostname: host } = new URL(apiBaseUrl + path);
  const url = origin + pathname;
  const code = failure ?? codeIn(body) ?? "";
  const values: Values = { group, status, code, url, host };
  if (failure !== undefined) return finding("api.no_answer", values);
  return finding(profile.readVerdict(answer, code) ?? verdictOf(status), values);
}

/** What a status means at any provider. */
function verdictOf(status: number): VerdictId {
  if (status >= 200 && status < 300) return "api.granted";
  if (status === 429) return "api.rate_limited";
  if (status === 404) return "api.not_found";
  if (status >= 300 && status < 400) return "api.redirected";
  return status >= 500 ? "api.unavailable" : "api.failed";
}

/** One line for the groups that answered alike. If the API refuses every read, the reason is not a missing group. */
export function joinedReads(findings: readonly Finding[]): readonly Finding[] {
  const [first] = findings;
  const isRefused = ({ verdict }: Finding) => verdict === "api.not_granted";
  if (first !== undefined && findings.every(isRefused)) return [finding("api.refused", first.values)];
  // A quota that is used up answers every read alike, and is a finding of its own.
  const shown = findings.filter(({ verdict }) => verdict !== "limits.quota_used");
  const byAnswer = Map.groupBy(shown, ({ verdict, values }) => `${verdict} ${values["status"]} ${values["code"]}`);
  return [...byAnswer.values()].map(joined);
}

function joined(findings: readonly Finding[]): Finding {
  const [first = finding("api.granted")] = findings;
  const groups = findings.map(({ values }) => values["group"] as Text);
  const list = (language: Language) => groups.map((group) => group[language]).join(", ");
  return { ...first, values: { ...first.values, group: { ko: list("ko"), en: list("en") } } };
}

/** What the headers of the answers tell of rate, quota and penalty. */
export function limitFindings(profile: ProviderProfile, answers: readonly Answer[]): readonly Finding[] {
  if (answers.every(({ status }) => status === 0)) return [];
  const found = profile.limitFindings?.(answers) ?? [];
  return found.length > 0 ? found : [finding("limits.none", { documented: profile.documentedLimits })];
}
