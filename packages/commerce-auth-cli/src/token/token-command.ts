import { TokenCache, TokenError, type TokenEvent } from "@x/token-cache-core";
import { accessTo } from "../access/access.ts";
import { completed, readEnvFile } from "../access/env-file.ts";
import { secretForm } from "../access/secret-form.ts";
import { CommandError } from "../command-error.ts";
import type { CommandOf } from "../command-line/command-line.ts";
import { checkTokenFlags } from "../command-line/flag-conflicts.ts";
import { EXIT } from "../exit-codes.ts";
import { fillWords } from "../fill-words.ts";
import { explain, hasProblem } from "../findings/finding.ts";
import type { Language, Text } from "../language.ts";
import { PROFILES } from "../providers/profiles.ts";
import type { Io } from "../terminal/io.ts";
import { withProgress } from "../terminal/progress.ts";
import { type OpenStore, openStore } from "./shared-store.ts";

const REQUESTING: Text = { ko: "토큰 요청 중", en: "requesting a token" };

const ON_A_TERMINAL: Text = {
  ko: "토큰이 화면과 스크롤 기록에 남습니다. 스크립트에서는 TOKEN=$(commerce-auth token …)처럼 쓰세요.",
  en: "The token stays on the screen and in its history. In a script, use TOKEN=$(commerce-auth token …).",
};

const STORE_FAILED: Text = {
  ko: "공유 저장소를 쓰지 못해 토큰을 새로 요청했습니다.",
  en: "The shared store could not be used, so the token was requested.",
};

const NO_ANSWER: Text = {
  ko: "{seconds}초 안에 토큰을 받지 못했습니다. DNS, 프록시, 방화벽을 확인하거나 --timeout을 늘리세요.",
  en: "No token arrived within {seconds} s. Check DNS, proxy and firewall, or raise --timeout.",
};

const ASK_THE_DOCTOR: Text = { ko: "자세한 진단", en: "For a diagnosis" };

/** `token`: prints one token, of the shared store if it has one. */
export async function tokenCommand(flags: CommandOf<"token">, language: Language, io: Io): Promise<number> {
  const profile = PROFILES[flags.provider];
  const files = flags.envFiles.map((path) => readEnvFile(path, language));
  const env = completed(io.env, files);
  checkTokenFlags(flags, { profiles: [profile], env }, language);
  const access = await accessTo(profile, flags, env, io, language);
  if ("verdict" in access) throw new CommandError(explain(access, language).means, EXIT.problem);
  const bad = secretForm(access).find((each) => hasProblem([each]));
  if (bad !== undefined) {
    const { saw, means } = explain(bad, language);
    throw new CommandError(`${saw}\n${means}`);
  }

  const location = flags.store ?? env["COMMERCE_AUTH_STORE"];
  const shared = location ? await openStore(location, language) : undefined;
  const { cache, storeFailed } = cacheOn(shared, access.timeoutMs);
  try {
    const auth = profile.createAuth({ ...access, cache });
    const token = await withProgress(io.stderr, `${profile.title[language]} ${REQUESTING[language]}`, auth.getToken());
    if (storeFailed()) io.stderr.write(`${STORE_FAILED[language]}\n`);
    const text = flags.header ? `Authorization: Bearer ${token.value}` : token.value;
    const { id, expiresAt, tokenType } = token;
    const described = { token: token.value, tokenType, id, expiresAt: new Date(expiresAt).toISOString() };
    io.stdout.write(`${flags.json ? JSON.stringify(described) : text}\n`);
    if (io.stdout.isTTY) io.stderr.write(`${ON_A_TERMINAL[language]}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!TokenError.is(error)) throw error;
    const doctor = `commerce-auth doctor ${profile.name}`;
    const seconds = access.timeoutMs / 1_000;
    const why = error.code === "timeout" ? fillWords(NO_ANSWER[language], { seconds }, language) : error.message;
    throw new CommandError(`${why}\n${ASK_THE_DOCTOR[language]}: ${doctor}`, EXIT.problem);
  } finally {
    await cache.close();
    await shared?.close();
  }
}

/** The command lives for one token, so the store may take longer than it may in a server. */
const STORE_TIMEOUT_MS = 3_000;

/** The time limit is for all attempts together, and for each call of the store. */
function cacheOn(shared: OpenStore | undefined, timeoutMs: number) {
  let hasFailed = false;
  const observer = ({ type }: TokenEvent) => {
    if (type === "store_failed") hasFailed = true;
  };
  const cache = new TokenCache({
    store: shared?.store,
    storeTimeoutMs: Math.min(STORE_TIMEOUT_MS, timeoutMs),
    flightTimeoutMs: timeoutMs,
    observer,
  });
  return { cache, storeFailed: () => hasFailed };
}
