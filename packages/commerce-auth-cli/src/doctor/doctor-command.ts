import { accessTo, environmentOf, readEnvFiles } from "../access.ts";
import type { CommandOf } from "../command-line.ts";
import { credentialsIn, type EnvFile, isExpandedByLoaders } from "../credentials.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import type { Language, Text } from "../language.ts";
import { PROVIDER_NAMES, type ProviderProfile } from "../providers/profile.ts";
import { PROFILES } from "../providers/profiles.ts";
import type { Io } from "../terminal/io.ts";
import { layoutOf } from "../terminal/layout.ts";
import { withProgress } from "../terminal/progress.ts";
import { examine, type Watch } from "./doctor.ts";
import { type Finding, finding, levelOf } from "./finding.ts";
import { doctorJson, doctorReport } from "./report.ts";

/** `doctor`: examines one provider, or all whose credentials are set. */
export async function doctorCommand(flags: CommandOf<"doctor">, language: Language, io: Io): Promise<number> {
  const files = readEnvFiles(flags, language);
  const env = environmentOf(files, io);
  const layout = layoutOf(io.stdout, io.env);
  const reports: object[] = [];
  let isWell = true;
  for (const profile of chosenProfiles(flags, env, language)) {
    const found = [...fileFindings(profile, files), ...(await findingsOf(profile, flags, env, io, language))];
    isWell &&= !found.some((each) => levelOf(each) === "problem");
    if (flags.json) reports.push(doctorJson(profile, found, language));
    else io.stdout.write(`${doctorReport(profile, found, language, layout)}\n`);
  }
  if (flags.json) io.stdout.write(`${JSON.stringify({ ok: isWell, reports }, undefined, 2)}\n`);
  return isWell ? EXIT.ok : EXIT.problem;
}

const NOTHING_SET: Text = {
  ko: "어느 제공사의 인증 정보도 없습니다. 'doctor naver'처럼 제공사를 지정하거나 --env-file로 파일을 지정하세요.",
  en: "No provider's credentials are set. Name a provider, as in 'doctor naver', or a file with --env-file.",
};

function chosenProfiles(
  { provider }: CommandOf<"doctor">,
  env: NodeJS.ProcessEnv,
  language: Language,
): ProviderProfile[] {
  if (provider !== undefined) return [PROFILES[provider]];
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
} satisfies Record<Parameters<Watch>[0], Text>;

async function findingsOf(
  profile: ProviderProfile,
  flags: CommandOf<"doctor">,
  env: NodeJS.ProcessEnv,
  io: Io,
  language: Language,
): Promise<Finding[]> {
  const access = await accessTo(profile, flags, env, io, language);
  if ("verdict" in access) return [access];
  const watch: Watch = (step, work) =>
    withProgress(io.stderr, `${profile.title[language]} ${STEPS[step][language]}`, work);
  return await examine({ profile, ...access, env, timeoutMs: flags.timeout * 1_000 }, watch);
}
