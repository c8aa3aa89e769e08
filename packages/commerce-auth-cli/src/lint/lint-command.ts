import { createReadStream } from "node:fs";
import { CommandError } from "../command-error.ts";
import type { CommandOf } from "../command-line/command-line.ts";
import { EXIT } from "../exit-codes.ts";
import { fillWords } from "../fill-words.ts";
import type { Language, Text } from "../language.ts";
import { ask } from "../terminal/hidden-prompt.ts";
import type { Io } from "../terminal/io.ts";
import { type Layout, layoutOf } from "../terminal/layout.ts";
import { brokenRules, isNaverTokenRequest, shownMethod, shownPath } from "./check-request.ts";
import { type HttpRequest, type UnreadableReason, UnreadableRequest } from "./http-request.ts";
import { LARGEST_INPUT_BYTES, readRequests } from "./read-input.ts";
import { rightRequest } from "./right-request.ts";
import { type Broken, CONSEQUENCES, RULES } from "./rules.ts";

const UNREADABLE: Readonly<Record<UnreadableReason, Text>> = {
  empty: { ko: "입력이 비어 있습니다.", en: "The input is empty." },
  binary: { ko: "텍스트가 아니라 바이너리 파일입니다.", en: "This is a binary file, not text." },
  too_large: { ko: "파일이 너무 큽니다. 50 MB까지 읽습니다.", en: "The input is too large: 50 MB are the limit." },
  no_form: {
    ko: "curl 명령, HAR 파일, HTTP 요청 원문 중 어느 것도 아닙니다.",
    en: "This is no curl line, no HAR file and no raw HTTP request.",
  },
  quotes: { ko: "따옴표나 괄호가 닫히지 않았습니다.", en: "A quote or a bracket is not closed." },
  no_url: { ko: "요청에 URL이 없습니다.", en: "The request has no URL." },
  har: { ko: "HAR 형식이 아닙니다: log.entries가 없습니다.", en: "This is no HAR file: it has no log.entries." },
  no_entries: { ko: "HAR 파일에 요청이 없습니다.", en: "The HAR file has no requests." },
};

const NONE: Text = {
  ko: "네이버 토큰 요청이 없습니다. /external/v1/oauth2/token으로 가는 요청을 넣으세요.",
  en: "There is no token request to Naver in it: one to /external/v1/oauth2/token.",
};

const WORDS = {
  request: { ko: "요청", en: "Request" },
  well: { ko: "모든 규칙을 지켰습니다.", en: "It keeps all rules." },
  right: { ko: "올바른 요청:", en: "The right request:" },
  fix: { ko: "해결: ", en: "Do: " },
  paste: {
    ko: "요청을 붙여넣고 Ctrl+D를 누르세요 (화면에 표시되지 않음)",
    en: "Paste the request, then press Ctrl+D (not shown)",
  },
  unsafe: {
    ko: "서명에는 시크릿이 그대로 들어 있습니다. 이 요청을 남에게 보내지 마세요.",
    en: "A signature contains the secret. Do not send this request to anyone.",
  },
} satisfies Record<string, Text>;

/** `lint`: checks the requests of another program. Sends nothing and executes nothing. */
export async function lintCommand({ file, json }: CommandOf<"lint">, language: Language, io: Io): Promise<number> {
  const requests = requestsIn(await inputOf(file, io, language), language).filter(isNaverTokenRequest);
  if (requests.length === 0) throw new CommandError(NONE[language]);
  const checked = requests.map((request) => ({ request, faults: brokenRules(request) }));
  const isWell = checked.every(({ faults }) => faults.length === 0);
  io.stdout.write(json ? jsonOf(checked, isWell, language) : textOf(checked, language, layoutOf(io.stdout, io.env)));
  return isWell ? EXIT.ok : EXIT.problem;
}

interface Checked {
  readonly request: HttpRequest;
  readonly faults: readonly Broken[];
}

function requestsIn(input: Buffer, language: Language): readonly HttpRequest[] {
  try {
    return readRequests(input);
  } catch (error) {
    if (error instanceof UnreadableRequest) throw new CommandError(UNREADABLE[error.reason][language]);
    throw error;
  }
}

/** Reads a little more than the limit at most. */
async function inputOf(file: string | undefined, io: Io, language: Language): Promise<Buffer> {
  const { stdin } = io;
  // A terminal would show what is pasted.
  if (file === undefined && stdin.isTTY) {
    return Buffer.from(await ask(io, WORDS.paste[language], { isSecret: true, isLong: true }));
  }
  const stream = file === undefined || file === "-" ? stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      chunks.push(bytes);
      if (size > LARGEST_INPUT_BYTES) break;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      language === "ko" ? `${file} 파일을 읽을 수 없습니다 (${code}).` : `The file ${file} cannot be read (${code}).`;
    throw new CommandError(message);
  }
  return Buffer.concat(chunks);
}

/** Where it goes. Not the query string: a wrong request has its signature there. */
function destination({ method, url }: HttpRequest): string {
  return `${shownMethod(method)} ${url.origin}${shownPath(url)}`;
}

function textOf(checked: readonly Checked[], language: Language, layout: Layout): string {
  const { paint, wrap } = layout;
  const sections = checked.map(({ request, faults }, index) => {
    const title = paint("bold", `${WORDS.request[language]} ${index + 1}: ${destination(request)}`);
    if (faults.length === 0) return `${title}\n${paint("green", "✓")} ${WORDS.well[language]}`;
    const right = `${WORDS.right[language]}\n${rightRequest(request, language)}`;
    return [title, ...faults.map((fault) => faultText(fault, language, layout)), "", right].join("\n");
  });
  return `${[...sections, paint("dim", wrap(WORDS.unsafe[language], 0))].join("\n\n")}\n`;
}

function faultText(fault: Broken, language: Language, { paint, wrap }: Layout): string {
  const { consequence, wrong, right } = explained(fault, language);
  const isRisk = consequence === "risk";
  const mark = paint(isRisk ? "yellow" : "red", isRisk ? "!" : "✗");
  return [
    `${mark} ${wrap(`${wrong} (${fault.rule})`, 2).trimStart()}`,
    paint("dim", wrap(CONSEQUENCES[consequence][language], 2)),
    wrap(WORDS.fix[language] + right, 2),
  ].join("\n");
}

function explained({ rule, values }: Broken, language: Language) {
  const { consequence, wrong, right } = RULES[rule];
  return {
    consequence,
    wrong: fillWords(wrong[language], values, language),
    right: fillWords(right[language], values, language),
  };
}

function jsonOf(checked: readonly Checked[], isWell: boolean, language: Language): string {
  const requests = checked.map(({ request, faults }) => ({
    request: destination(request),
    ok: faults.length === 0,
    broken: faults.map((fault) => ({ rule: fault.rule, ...explained(fault, language) })),
    right: rightRequest(request, language),
  }));
  return `${JSON.stringify({ ok: isWell, requests }, undefined, 2)}\n`;
}
