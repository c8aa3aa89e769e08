import type { Text } from "../language.ts";

/** What Naver does about a broken rule: "penalty" limits the whole application to one call an hour on the next day. */
export type Consequence = "penalty" | "refused" | "risk";

/** One rule for Naver's token request: what is wrong, and what is right. `{name}` is replaced by a value. */
export interface Rule {
  readonly consequence: Consequence;
  readonly wrong: Text;
  readonly right: Text;
}

export const CONSEQUENCES: Readonly<Record<Consequence, Text>> = {
  penalty: {
    ko: "제재 대상: 토큰은 나오지만 다음 날 애플리케이션 전체가 시간당 1회로 제한됩니다.",
    en: "Penalty: the token comes, but on the next day the whole application is limited to one call an hour.",
  },
  refused: { ko: "네이버가 거절합니다.", en: "Naver rejects the request." },
  risk: { ko: "거절되지는 않지만 고치는 것이 좋습니다.", en: "Naver accepts it, but it should be changed." },
};

/** Every rule, by its name. */
export const RULES = {
  "form.query": {
    consequence: "penalty",
    wrong: {
      ko: "파라미터가 URL의 쿼리 문자열에 있습니다: {names}",
      en: "Parameters are in the URL's query string: {names}",
    },
    right: {
      ko: "모든 파라미터를 요청 본문에만 넣으세요.",
      en: "Put all parameters into the request's body, and only there.",
    },
  },
  "form.content_type": {
    consequence: "penalty",
    wrong: { ko: "Content-Type이 {type}입니다.", en: "The Content-Type is {type}." },
    right: {
      ko: "Content-Type: application/x-www-form-urlencoded로 보내세요.",
      en: "Send Content-Type: application/x-www-form-urlencoded.",
    },
  },
  "form.body": {
    consequence: "penalty",
    wrong: { ko: "본문이 폼 형식이 아니라 {form} 형식입니다.", en: "The body is {form}, not a form." },
    right: { ko: "본문을 a=1&b=2 형식으로 보내세요.", en: "Send a body of the form a=1&b=2." },
  },
  "form.method": {
    consequence: "refused",
    wrong: { ko: "메서드가 {method}입니다.", en: "The method is {method}." },
    right: { ko: "POST로 보내세요.", en: "Send it by POST." },
  },
  "form.scheme": {
    consequence: "refused",
    wrong: {
      ko: "암호화되지 않은 http로 보냅니다. 서명이 네트워크에 노출됩니다.",
      en: "It is sent by http, which shows the signature to the network.",
    },
    right: { ko: "https로 보내세요.", en: "Send it by https." },
  },
  "form.path": {
    consequence: "refused",
    wrong: { ko: "경로가 {path}입니다.", en: "The path is {path}." },
    right: { ko: "/external/v1/oauth2/token으로 보내세요.", en: "Send it to /external/v1/oauth2/token." },
  },
  "grant_type.missing": {
    consequence: "penalty",
    wrong: { ko: "grant_type이 없습니다.", en: "grant_type is missing." },
    right: { ko: "grant_type=client_credentials를 넣으세요.", en: "Send grant_type=client_credentials." },
  },
  "grant_type.wrong": {
    consequence: "refused",
    wrong: { ko: "grant_type이 client_credentials가 아닙니다.", en: "grant_type is not client_credentials." },
    right: { ko: "grant_type=client_credentials를 넣으세요.", en: "Send grant_type=client_credentials." },
  },
  "type.missing": {
    consequence: "refused",
    wrong: { ko: "type이 없습니다.", en: "type is missing." },
    right: { ko: "type=SELF 또는 type=SELLER를 넣으세요.", en: "Send type=SELF or type=SELLER." },
  },
  "type.lower_case": {
    consequence: "penalty",
    wrong: { ko: "type이 대문자가 아닙니다.", en: "type is not in capitals." },
    right: { ko: "SELF, SELLER처럼 대문자로 쓰세요.", en: "Write SELF or SELLER." },
  },
  "type.wrong": {
    consequence: "refused",
    wrong: { ko: "type이 SELF도 SELLER도 아닙니다.", en: "type is neither SELF nor SELLER." },
    right: { ko: "type=SELF 또는 type=SELLER를 넣으세요.", en: "Send type=SELF or type=SELLER." },
  },
  "account_id.missing": {
    consequence: "refused",
    wrong: { ko: "type=SELLER인데 account_id가 없습니다.", en: "type is SELLER, and account_id is missing." },
    right: { ko: "판매자 ID나 UID를 account_id로 보내세요.", en: "Send the seller's id or UID as account_id." },
  },
  "account_id.with_self": {
    consequence: "penalty",
    wrong: { ko: "SELLER가 아닌데 account_id가 있습니다.", en: "account_id is sent without type=SELLER." },
    right: { ko: "account_id를 빼세요. 빈 값도 보내지 마세요.", en: "Leave account_id out, even an empty one." },
  },
  "client_id.missing": {
    consequence: "refused",
    wrong: { ko: "client_id가 없습니다.", en: "client_id is missing." },
    right: {
      ko: "애플리케이션 ID를 client_id로 보내세요. clientId가 아닙니다.",
      en: "Send the application's id as client_id, not clientId.",
    },
  },
  "timestamp.missing": {
    consequence: "refused",
    wrong: { ko: "timestamp가 없습니다.", en: "timestamp is missing." },
    right: { ko: "서명에 쓴 시각을 밀리초 13자리로 보내세요.", en: "Send the signed time, 13 digits of milliseconds." },
  },
  "timestamp.seconds": {
    consequence: "refused",
    wrong: { ko: "timestamp가 초 단위(10자리)입니다.", en: "timestamp is in seconds (10 digits)." },
    right: {
      ko: "밀리초 13자리로 쓰고, 서명에도 같은 값을 쓰세요.",
      en: "Use 13 digits of milliseconds, also in the signature.",
    },
  },
  "timestamp.digits": {
    consequence: "refused",
    wrong: { ko: "timestamp가 13자리 숫자가 아닙니다.", en: "timestamp does not have 13 digits." },
    right: {
      ko: "밀리초 13자리로 쓰세요. 소수점도 붙이지 마세요.",
      en: "Use 13 digits of milliseconds, with no fraction.",
    },
  },
  "timestamp.future": {
    consequence: "refused",
    wrong: {
      ko: "timestamp가 보낸 시각보다 {span} 앞섭니다.",
      en: "timestamp is {span} ahead of the moment of sending.",
    },
    right: {
      ko: "시각을 맞추고, 몇 초 전의 시각으로 서명하세요. 9시간을 더하지 마세요.",
      en: "Synchronize the clock, and sign a time a few seconds in the past. Do not add nine hours.",
    },
  },
  "timestamp.expired": {
    consequence: "refused",
    wrong: { ko: "timestamp가 보낼 때 이미 {span} 지났습니다.", en: "timestamp was {span} old when it was sent." },
    right: {
      ko: "요청마다 새로 서명하세요. 5분이 지나면 만료됩니다.",
      en: "Sign each request again: 5 minutes are the limit.",
    },
  },
  "sign.missing": {
    consequence: "refused",
    wrong: { ko: "client_secret_sign이 없습니다.", en: "client_secret_sign is missing." },
    right: {
      ko: "base64(bcrypt(client_id + '_' + timestamp, 시크릿))를 보내세요.",
      en: "Send base64(bcrypt(client_id + '_' + timestamp, secret)).",
    },
  },
  "sign.secret_sent": {
    consequence: "risk",
    wrong: {
      ko: "client_secret이 요청에 들어 있습니다. 시크릿은 보내는 값이 아닙니다.",
      en: "client_secret is in the request. The secret is never sent.",
    },
    right: {
      ko: "client_secret을 빼고 서명만 보내세요. 기록에 남았다면 재발급받으세요.",
      en: "Leave it out, send the signature only. If it reached a log, have it reissued.",
    },
  },
  "sign.not_base64_of_bcrypt": {
    consequence: "refused",
    wrong: {
      ko: "client_secret_sign이 bcrypt 해시의 base64가 아닙니다 ({form}).",
      en: "client_secret_sign is not the base64 of a bcrypt hash ({form}).",
    },
    right: {
      ko: "HMAC이 아니라 bcrypt로 해시하고, 60자 결과 전체를 base64로 바꾸세요.",
      en: "Hash with bcrypt, not HMAC, and encode all 60 characters as base64.",
    },
  },
  "sign.not_encoded": {
    consequence: "refused",
    wrong: { ko: "bcrypt 해시를 base64로 바꾸지 않고 보냅니다.", en: "The bcrypt hash is sent without base64." },
    right: { ko: "해시를 base64로 바꿔 보내세요.", en: "Encode the hash as base64." },
  },
  "sign.mismatch": {
    consequence: "refused",
    wrong: {
      ko: "서명이 이 client_id와 timestamp의 것이 아닙니다{reason}.",
      en: "The signature is not of this client_id and timestamp{reason}.",
    },
    right: {
      ko: "client_id + '_' + timestamp를, 보내는 값 그대로 서명하세요.",
      en: "Sign client_id + '_' + timestamp, exactly as they are sent.",
    },
  },
  "sign.cost": {
    consequence: "refused",
    wrong: {
      ko: "서명의 bcrypt 비용이 {cost}입니다. 시크릿이 잘못되었습니다.",
      en: "The signature's bcrypt cost is {cost}: the secret is wrong.",
    },
    right: {
      ko: "시크릿을 다시 복사하세요. 네이버 시크릿은 $2a$04$로 시작합니다.",
      en: "Copy the secret again: Naver's begin with $2a$04$.",
    },
  },
  "shell.secret_expanded": {
    consequence: "refused",
    wrong: {
      ko: "셸이 $2, $0 같은 부분을 변수로 바꿉니다.",
      en: "The shell replaces $2, $0 and the like by variables.",
    },
    right: { ko: "작은따옴표로 감싸세요.", en: "Use single quotes." },
  },
  "parameter.repeated": {
    consequence: "risk",
    wrong: { ko: "같은 파라미터가 두 번 있습니다: {names}", en: "Parameters are there twice: {names}" },
    right: { ko: "한 번만 보내세요.", en: "Send each once." },
  },
  "parameter.unknown": {
    consequence: "risk",
    wrong: { ko: "네이버가 모르는 파라미터가 있습니다: {names}", en: "Naver does not know these parameters: {names}" },
    right: { ko: "빼세요.", en: "Leave them out." },
  },
} as const satisfies Readonly<Record<string, Rule>>;

/** The name of a rule. Programs that read `--json` may rely on it. */
export type RuleId = keyof typeof RULES;

/** A broken rule, and what was seen. Never a secret or a signature. */
export interface Broken {
  readonly rule: RuleId;
  readonly values: Readonly<Record<string, string | Text>>;
}
