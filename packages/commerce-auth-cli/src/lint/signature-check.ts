import { hashSync } from "bcryptjs";
import type { Text } from "../language.ts";
import { isPlausibleCost, SALT_LENGTH } from "../providers/naver-secret.ts";
import { UNKNOWN } from "./http-request.ts";
import type { Broken } from "./rules.ts";

const BCRYPT_HASH = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}$/;
/** Up to here, several guesses take less than a second. */
const HIGHEST_COST_OF_GUESSES = 10;

/**
 * The faults of `client_secret_sign`. A bcrypt hash begins with its salt, which here is the application's secret: so the
 * signature can be checked without asking for it, and so nobody may see a signature.
 */
export function signatureFaults(
  clientId: string | undefined,
  timestamp: string | undefined,
  sign: string | undefined,
): readonly Broken[] {
  if (!sign) return [{ rule: "sign.missing", values: {} }];
  if (sign.includes(UNKNOWN)) return [];
  if (sign.startsWith("$2")) return [{ rule: "sign.not_encoded", values: {} }];
  const hash = Buffer.from(sign, "base64").toString("latin1");
  const cost = BCRYPT_HASH.exec(hash)?.[1];
  if (cost === undefined) return [{ rule: "sign.not_base64_of_bcrypt", values: { form: formOf(sign) } }];
  if (!isPlausibleCost(cost)) return [{ rule: "sign.cost", values: { cost } }];
  if (!clientId || !timestamp || (clientId + timestamp).includes(UNKNOWN)) return [];
  const signs = (password: string) => hashSync(password, hash.slice(0, SALT_LENGTH)) === hash;
  if (signs(`${clientId}_${timestamp}`)) return [];
  const guess =
    Number(cost) > HIGHEST_COST_OF_GUESSES ? undefined : guesses(clientId, timestamp).find(([text]) => signs(text));
  return [{ rule: "sign.mismatch", values: { reason: guess?.[1] ?? "" } }];
}

/** What people sign instead. */
function guesses(clientId: string, timestamp: string): readonly (readonly [password: string, reason: Text])[] {
  return [
    [`${clientId}${timestamp}`, { ko: " ('_'가 빠졌습니다)", en: " (the '_' is missing)" }],
    [`${clientId}-${timestamp}`, { ko: " ('_' 대신 '-'를 썼습니다)", en: " (it has '-' in place of '_')" }],
    [`${timestamp}_${clientId}`, { ko: " (순서가 바뀌었습니다)", en: " (the order is reversed)" }],
    [clientId, { ko: " (timestamp가 빠졌습니다)", en: " (the timestamp is missing)" }],
    [
      `${clientId}_${timestamp.slice(0, 10)}`,
      { ko: " (초 단위 시각으로 서명했습니다)", en: " (it signs the time in seconds)" },
    ],
    [`${clientId}_${timestamp}\n`, { ko: " (줄바꿈이 붙었습니다)", en: " (a line break was added)" }],
  ];
}

function formOf(sign: string): Text {
  if (/^[\da-f]{40,128}$/i.test(sign)) return { ko: "16진수 해시로 보임", en: "it looks like a hexadecimal hash" };
  if (/\s/.test(sign)) return { ko: "공백이 들어 있음", en: "it contains white space" };
  return { ko: `${sign.length}자`, en: `${sign.length} characters` };
}
