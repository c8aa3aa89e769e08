import { emulatorOf } from "../access/access.ts";
import { CommandError } from "../command-error.ts";
import type { Language, Text } from "../language.ts";
import type { ProviderProfile } from "../providers/profile.ts";
import { PROFILES } from "../providers/profiles.ts";
import type { CommandOf } from "./command-line.ts";

/** Whom the flags are for. The environment is completed by the files. */
interface Use {
  readonly profiles: readonly ProviderProfile[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Throws a CommandError if a flag would have no effect. To ignore it would mislead: with `--test`, a user believes that
 * no request reaches the live hosts.
 */
export function checkDoctorFlags(flags: CommandOf<"doctor">, use: Use, language: Language): void {
  const canSlow = use.profiles.some(({ hasSlowQuestion }) => hasSlowQuestion);
  const slow = !flags.slow ? undefined : !flags.probe ? SLOW_ALONE : canSlow ? undefined : NOTHING_SLOW;
  reject(slow ?? hostConflict(flags, use), language);
}

/** The same for `token`. */
export function checkTokenFlags(flags: CommandOf<"token">, use: Use, language: Language): void {
  const output = flags.header && flags.json ? TWO_FORMS : undefined;
  const store = flags.store === "" ? EMPTY_STORE : undefined;
  reject(output ?? store ?? hostConflict({ ...flags, apiUrl: undefined }, use), language);
}

/** Flags that say where the provider is. One of them wins over another, and the emulator's variable over most. */
function hostConflict(
  { tokenUrl, apiUrl, test }: Pick<CommandOf<"doctor">, "tokenUrl" | "apiUrl" | "test">,
  { profiles, env }: Use,
): Text | undefined {
  const hasUrl = tokenUrl !== undefined || apiUrl !== undefined;
  if (test && profiles.some(({ testTarget }) => testTarget === undefined)) return NO_TEST_HOSTS;
  if (test && hasUrl) return TEST_OR_URL;
  return (test || hasUrl) && emulatorOf({ tokenUrl }, env) !== undefined ? EMULATOR_WINS : undefined;
}

function reject(conflict: Text | undefined, language: Language): void {
  if (conflict !== undefined) throw new CommandError(conflict[language]);
}

/** The titles of the providers that a flag is for. */
function titles(isMeant: (profile: ProviderProfile) => boolean): Text {
  const meant = Object.values(PROFILES).filter(isMeant);
  const list = (language: Language) => meant.map(({ title }) => title[language]).join(", ");
  return { ko: list("ko"), en: list("en") };
}

const SLOW_ALONE: Text = {
  ko: "--slow는 --probe와 함께 쓰세요: 'doctor iamport --probe --slow'",
  en: "--slow needs --probe: 'doctor iamport --probe --slow'",
};

const slowOnes = titles(({ hasSlowQuestion }) => hasSlowQuestion === true);
const NOTHING_SLOW: Text = {
  ko: `--slow는 ${slowOnes.ko} 전용입니다. 다른 제공사에는 오래 걸리는 질문이 없으니 빼세요.`,
  en: `--slow is for ${slowOnes.en} only. Leave it out: no question to the others takes long.`,
};

const testable = titles(({ testTarget }) => testTarget !== undefined);
const NO_TEST_HOSTS: Text = {
  ko: `--test는 ${testable.ko} 전용입니다. 다른 제공사에는 테스트 서버가 없습니다. 'doctor toss --test'처럼 쓰거나 --test를 빼세요.`,
  en: `--test is for ${testable.en} only: the others have no test hosts. Name the provider, as in 'doctor toss --test', or leave it out.`,
};

const TEST_OR_URL: Text = {
  ko: "--test는 토큰 URL과 API URL을 모두 정합니다. --test를 빼고 --token-url과 --api-url을 쓰거나, --test만 쓰세요.",
  en: "--test sets the token URL and the API URL. Use it alone, or use --token-url and --api-url without it.",
};

const EMULATOR_WINS: Text = {
  ko: "COMMERCE_AUTH_EMULATOR가 모든 요청을 에뮬레이터로 보내므로 --test, --token-url, --api-url은 효과가 없습니다. 환경 변수를 지우거나 옵션을 빼세요.",
  en: "COMMERCE_AUTH_EMULATOR sends all requests to the emulator, so --test, --token-url and --api-url have no effect. Remove the variable or the flag.",
};

const TWO_FORMS: Text = {
  ko: "--header와 --json 중 하나만 쓰세요.",
  en: "Use either --header or --json.",
};

const EMPTY_STORE: Text = {
  ko: "--store가 비어 있습니다. SQLite 파일 경로나 redis:// URL을 쓰거나 옵션을 빼세요.",
  en: "--store is empty. Name an SQLite file or a redis:// URL, or leave it out.",
};
