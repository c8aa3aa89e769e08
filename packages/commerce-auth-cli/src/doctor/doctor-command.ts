import { setTimeout } from "node:timers/promises";
import { type Access, accessTo, credentialsIn } from "../access/access.ts";
import { completed, type EnvFile, isExpandedByLoaders, readEnvFile } from "../access/env-file.ts";
import { secretForm } from "../access/secret-form.ts";
import { CommandError } from "../command-error.ts";
import type { CommandOf } from "../command-line/command-line.ts";
import { checkDoctorFlags } from "../command-line/flag-conflicts.ts";
import { EXIT } from "../exit-codes.ts";
import { type Finding, finding, hasProblem } from "../findings/finding.ts";
import type { Language, Text } from "../language.ts";
import { probe } from "../probe/probe.ts";
import { probeJson, probeText } from "../probe/probe-report.ts";
import { PROVIDER_NAMES, type ProviderProfile } from "../providers/profile.ts";
import { PROFILES } from "../providers/profiles.ts";
import type { Io } from "../terminal/io.ts";
import { layoutOf } from "../terminal/layout.ts";
import { withProgress } from "../terminal/progress.ts";
import { examine, type Watch } from "./doctor.ts";
import { doctorJson, doctorReport } from "./report.ts";

/** `doctor`: examines one provider, or all whose credentials are set. With `--probe`, asks what is not documented. */
export async function doctorCommand(flags: CommandOf<"doctor">, language: Language, io: Io): Promise<number> {
  const files = flags.envFiles.map((path) => readEnvFile(path, language));
  const env = completed(io.env, files);
  const profiles = chosenProfiles(flags, env, language);
  checkDoctorFlags(flags, { profiles, env }, language);
  const reports: Report[] = [];
  for (const profile of profiles) {
    const access = await accessTo(profile, flags, env, io, language);
    const surroundings = { profile, flags, files, language, io };
    const canProbe = flags.probe && isComplete(access);
    const report = canProbe ? await probed(access, surroundings) : await examined(access, surroundings);
    reports.push(report);
    if (!flags.json) io.stdout.write(`${report.text}\n`);
  }
  const ok = reports.every((report) => report.ok);
  const all = { ok, reports: reports.map(({ json }) => json) };
  if (flags.json) io.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
  return ok ? EXIT.ok : EXIT.problem;
}

/** Whether there are credentials to probe with. If not, the diagnosis says what is missing. */
function isComplete(access: Access | Finding): access is Access {
  return !("verdict" in access) && !hasProblem(secretForm(access));
}

interface Report {
  readonly ok: boolean;
  readonly text: string;
  readonly json: object;
}

interface Surroundings {
  readonly profile: ProviderProfile;
  readonly flags: CommandOf<"doctor">;
  readonly files: readonly EnvFile[];
  readonly language: Language;
  readonly io: Io;
}

async function examined(access: Access | Finding, { profile, files, language, io }: Surroundings): Promise<Report> {
  const watch: Watch = (step, work) =>
    withProgress(io.stderr, `${profile.title[language]} ${STEPS[step][language]}`, work);
  const findings = "verdict" in access ? [access] : await examine({ ...access, env: io.env }, watch);
  const found = [...fileFindings(profile, files), ...findings];
  return {
    ok: !hasProblem(found),
    text: doctorReport(profile, found, language, layoutOf(io.stdout, io.env)),
    json: doctorJson(profile, found, language),
  };
}

async function probed(access: Access, { profile, flags, language, io }: Surroundings): Promise<Report> {
  const wait = io.wait ?? ((ms: number) => setTimeout(ms));
  const asking = probe({ ...access, wait }, flags.slow);
  const result = await withProgress(io.stderr, `${profile.title[language]} ${STEPS.probe[language]}`, asking);
  return {
    ok: !result.answers.some((each) => "open" in each && each.open === "no_token"),
    text: probeText(profile, result, language, layoutOf(io.stdout, io.env)),
    json: probeJson(profile, result, access.target.emulator !== undefined),
  };
}

const NOTHING_SET: Text = {
  ko: "어느 제공사의 인증 정보도 없습니다. 'doctor naver'처럼 제공사를 지정하거나 --dotenv로 파일을 지정하세요.",
  en: "No provider's credentials are set. Name a provider, as in 'doctor naver', or a file with --dotenv.",
};

const WHOSE_URL: Text = {
  ko: "--token-url과 --api-url은 제공사와 함께 쓰세요: 'doctor naver --token-url …'",
  en: "--token-url and --api-url need a provider: 'doctor naver --token-url …'",
};

function chosenProfiles(
  { provider, tokenUrl, apiUrl }: CommandOf<"doctor">,
  env: NodeJS.ProcessEnv,
  language: Language,
): ProviderProfile[] {
  if (provider !== undefined) return [PROFILES[provider]];
  if (tokenUrl !== undefined || apiUrl !== undefined) throw new CommandError(WHOSE_URL[language]);
  const all = PROVIDER_NAMES.map((name) => PROFILES[name]);
  const known = all.filter((profile) => Object.keys(credentialsIn(profile, env)).length > 0);
  if (known.length > 0) return known;
  if (env["COMMERCE_AUTH_EMULATOR"]) return all;
  throw new CommandError(NOTHING_SET[language]);
}

function fileFindings({ fields }: ProviderProfile, files: readonly EnvFile[]): Finding[] {
  const secrets = fields.filter(({ isSecret }) => isSecret);
  return files.flatMap((file) =>
    secrets
      .filter(({ variable }) => isExpandedByLoaders(file, variable))
      .map(({ variable }) => finding("secret.file_expands", { file: file.path, variable })),
  );
}

const STEPS = {
  network: { ko: "연결 확인 중", en: "connecting" },
  token: { ko: "토큰 요청 중", en: "requesting a token" },
  api: { ko: "API 확인 중", en: "reading the API" },
  probe: { ko: "질문 확인 중", en: "asking" },
} satisfies Record<string, Text>;
