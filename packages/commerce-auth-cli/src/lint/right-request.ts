import type { Language } from "../language.ts";
import { naver } from "../providers/naver.ts";
import { isUnknown } from "./check-request.ts";
import type { HttpRequest } from "./http-request.ts";

const PLACEHOLDERS = {
  ko: { id: "<애플리케이션 ID>", time: "<밀리초 13자리>", sign: "<서명>", account: "<판매자 ID>" },
  en: { id: "<application id>", time: "<13 digits of ms>", sign: "<signature>", account: "<seller id>" },
} as const;

/** The request in the one form that Naver accepts without a penalty. It shows nothing of the wrong one but its type. */
export function rightRequest(request: HttpRequest, language: Language): string {
  const placeholders = PLACEHOLDERS[language];
  const type = typeOf(request);
  const parameters = [
    `client_id=${placeholders.id}`,
    `timestamp=${placeholders.time}`,
    "grant_type=client_credentials",
    `client_secret_sign=${placeholders.sign}`,
    `type=${type}`,
    ...(type === "SELLER" ? [`account_id=${placeholders.account}`] : []),
  ];
  const lines = [
    `curl -X POST '${naver.target.tokenUrl}'`,
    "-H 'Content-Type: application/x-www-form-urlencoded'",
    ...parameters.map((each) => `--data-urlencode '${each}'`),
  ];
  return lines.join(" \\\n  ");
}

function typeOf({ url, body }: HttpRequest): "SELF" | "SELLER" {
  const given = url.searchParams.get("type") ?? /\btype"?\s*[=:]\s*"?(\w+)/.exec(body)?.[1] ?? "";
  return !isUnknown(given) && given.toUpperCase() === "SELLER" ? "SELLER" : "SELF";
}
