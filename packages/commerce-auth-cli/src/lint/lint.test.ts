import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashSync } from "bcryptjs";
import { describe, expect, it } from "vitest";
import { run } from "../command.test-support.ts";
import { RULES, type RuleId } from "./rules.ts";

const URL = "https://api.commerce.naver.com/external/v1/oauth2/token";
const SECRET = "$2a$04$abcdefghijklmnopqrstuu";
const ID = "7dMvteboKNHwyRremLXXXX";
const NOW = String(Date.now() - 3_000);

const signed = (password: string) => Buffer.from(hashSync(password, SECRET)).toString("base64");

const GOOD = {
  client_id: ID,
  timestamp: NOW,
  grant_type: "client_credentials",
  client_secret_sign: signed(`${ID}_${NOW}`),
  type: "SELF",
};

type Change = Readonly<Record<string, string | undefined>>;

function form(change: Change = {}): string {
  const entries = Object.entries({ ...GOOD, ...change }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return new URLSearchParams(Object.fromEntries(entries)).toString();
}

const curl = (change?: Change, more = "") => `curl -X POST '${URL}' ${more} -d '${form(change)}'`;
const raw = (head: string, body: string) => `${head}\nHost: api.commerce.naver.com\n\n${body}`;
const har = (request: object, startedDateTime = new Date().toISOString()) =>
  JSON.stringify({ log: { entries: [{ startedDateTime, request: { url: URL, method: "POST", ...request } }] } });

async function lint(input: string | Buffer, ...args: string[]) {
  const { code, out, err } = await run(["lint", "--json", ...args], { input });
  for (const hidden of [SECRET, SECRET.slice(7), GOOD.client_secret_sign, ID]) expect(out + err).not.toContain(hidden);
  return {
    code,
    err,
    rules: out === "" ? [] : JSON.parse(out).requests[0].broken.map(({ rule }: { rule: string }) => rule),
  };
}

const BROKEN: Readonly<Record<RuleId, string>> = {
  "form.query": `curl -X POST -H 'content-type: application/x-www-form-urlencoded' '${URL}?${form()}'`,
  "form.content_type": raw("POST /external/v1/oauth2/token HTTP/1.1\nContent-Type: text/plain", form()),
  "form.body": curl().replace(/-d .*/, `--json '${JSON.stringify(GOOD)}'`),
  "form.method": curl().replace("-X POST", "-G"),
  "form.scheme": curl().replace("https:", "http:"),
  "form.path": curl().replace("/external/v1/oauth2/token", "/v1/oauth2/token"),
  "grant_type.missing": curl({ grant_type: undefined }),
  "grant_type.wrong": curl({ grant_type: "password" }),
  "type.missing": curl({ type: undefined }),
  "type.lower_case": curl({ type: "self" }),
  "type.wrong": curl({ type: "SHOP" }),
  "account_id.missing": curl({ type: "SELLER" }),
  "account_id.with_self": curl({ account_id: "" }),
  "client_id.missing": curl({ client_id: undefined, clientId: ID }),
  "timestamp.missing": curl({ timestamp: undefined }),
  "timestamp.seconds": curl({ timestamp: NOW.slice(0, 10) }),
  "timestamp.digits": curl({ timestamp: `${NOW}.5` }),
  "timestamp.future": curl({ timestamp: String(Date.now() + 9 * 3_600_000) }),
  "timestamp.expired": har({
    headers: [{ name: "Content-Type", value: "application/x-www-form-urlencoded" }],
    postData: {
      mimeType: "application/x-www-form-urlencoded",
      text: form({ timestamp: String(Date.now() - 400_000) }),
    },
  }),
  "sign.missing": curl({ client_secret_sign: undefined }),
  "sign.secret_sent": curl({ client_secret: SECRET }),
  "sign.not_base64_of_bcrypt": curl({
    client_secret_sign: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  }),
  "sign.not_encoded": curl({ client_secret_sign: hashSync(`${ID}_${NOW}`, SECRET) }),
  "sign.mismatch": curl({ client_secret_sign: signed(`${ID}${NOW}`) }),
  "sign.cost": curl({ client_secret_sign: Buffer.from(`$2a$31$${"a".repeat(53)}`).toString("base64") }),
  "shell.secret_expanded": `curl ${URL} -d client_secret="$2a$04$abc" -d '${form()}'`,
  "parameter.repeated": `${curl()} -d type=SELF`,
  "parameter.unknown": curl({ scope: "all" }),
};

describe("lint", () => {
  it.each(Object.entries(BROKEN))("finds the broken rule %s", async (rule, input) => {
    const { code, rules } = await lint(input);
    expect(rules).toContain(rule);
    expect(code).toBe(1);
    expect(Object.keys(RULES)).toContain(rule);
  });

  it.each([
    ["a curl line", curl()],
    ["a curl line of many lines", curl().replaceAll(" ", " \\\n  ")],
    [
      "a curl line with --data-urlencode",
      `curl ${URL} ${Object.entries(GOOD)
        .map(([name, value]) => `--data-urlencode '${name}=${value}'`)
        .join(" ")}`,
    ],
    ["Chrome's curl line", `curl $'${URL}' -H $'accept: */*' --data-raw $'${form()}' --compressed`],
    [
      "a curl line of a script",
      `curl -s "$BASE/external/v1/oauth2/token" -d "client_id=$ID&timestamp=$TS&grant_type=client_credentials&client_secret_sign=$(sign)&type=SELF" | jq .`,
    ],
    [
      "a raw request",
      raw(
        "POST /external/v1/oauth2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8",
        form(),
      ),
    ],
    [
      "a HAR file with parameters",
      har({
        headers: [],
        postData: {
          mimeType: "application/x-www-form-urlencoded",
          params: Object.entries(GOOD).map(([name, value]) => ({ name, value })),
        },
      }),
    ],
    ["UTF-16 of PowerShell", Buffer.from(`\ufeff${curl()}`, "utf16le")],
    ["an agency's path", curl().replace("external", "external/partner")],
    ["a seller's token", curl({ type: "SELLER", account_id: "ncp_1" })],
  ])("finds nothing in %s that is right", async (_name, input) => {
    expect(await lint(input)).toMatchObject({ code: 0, rules: [], err: "" });
  });

  it.each(["localhost.evil.com", "127.0.0.1.evil.com", "127.evil.com"])("knows %s as another machine", async (host) => {
    expect((await lint(curl().replace("https://api.commerce.naver.com", `http://${host}`))).rules).toEqual([
      "form.scheme",
    ]);
  });

  it.each(["localhost:4010/naver", "127.0.0.1:4010/naver", "127.1:4010", "[::1]:4010"])(
    "lets a test send to http://%s",
    async (base) => {
      expect((await lint(curl().replace("https://api.commerce.naver.com", `http://${base}`))).rules).toEqual([]);
    },
  );

  it("knows Naver's path by its beginning too, but not that of a proxy", async () => {
    const behind = (base: string) => curl().replace("https://api.commerce.naver.com", base);
    expect((await lint(behind("https://api.commerce.naver.com/proxy"))).rules).toEqual(["form.path"]);
    expect((await lint(behind("https://proxy.example/naver"))).rules).toEqual([]);
  });

  it.each([
    [`${ID}-${NOW}`, "'-'"],
    [`${NOW}_${ID}`, "reversed"],
    [ID, "timestamp is missing"],
    [`${ID}_${NOW.slice(0, 10)}`, "in seconds"],
    [`${ID}_${NOW}\n`, "line break"],
  ])("tells what was signed instead (%#)", async (password, words) => {
    const { out } = await run(["lint"], { input: curl({ client_secret_sign: signed(password) }) });
    expect(out.replaceAll(/\s+/g, " ")).toContain(words);
  });

  it("shows the right request, in Korean too, without the secret's signature", async () => {
    const { out, code } = await run(["lint", "--lang", "ko"], { input: BROKEN["form.query"] });
    expect(code).toBe(1);
    expect(out).toContain("파라미터가 URL의 쿼리 문자열에 있습니다: client_id, timestamp");
    expect(out.replaceAll(/\s+/g, " ")).toContain("시간당 1회로 제한됩니다");
    expect(out).toContain("--data-urlencode 'client_secret_sign=<서명>'");
    expect(out).not.toContain(GOOD.client_secret_sign);
    expect(out).not.toContain(encodeURIComponent(GOOD.client_secret_sign));
  });

  it.each([
    ["a method", curl().replace("-X POST", `-X ${GOOD.client_secret_sign}`)],
    ["a path", curl().replace("oauth2/token", `oauth2/token/${GOOD.client_secret_sign.slice(0, 60)}`)],
    ["a user", curl().replace("https://", `https://${ID}:${SECRET.slice(7)}@`)],
    ["a content type", curl({}, `-H 'Content-Type: ${GOOD.client_secret_sign}'`)],
    ["a parameter's name", `${curl()} -d ${SECRET.slice(7)}`],
    [
      "a parameter's value",
      curl({ type: SECRET, grant_type: SECRET, timestamp: SECRET, client_id: SECRET, account_id: SECRET }),
    ],
    ["a query", curl().replace("token'", `token?${SECRET.slice(7)}=${SECRET}&client_id=${SECRET}'`)],
    ["an expansion", `curl '${URL}' -d "client_secret_sign=\${${SECRET.slice(7)}}" -d "$(echo '${SECRET}')"`],
    ["an unreadable line", `curl '${SECRET}`],
  ])("shows no secret that stands in the place of %s", async (_name, input) => {
    for (const args of [[], ["--lang", "ko"], ["--json"]]) {
      const { out, err } = await run(["lint", ...args], { input });
      for (const hidden of [SECRET, SECRET.slice(7), GOOD.client_secret_sign.slice(0, 60)]) {
        expect(out + err).not.toContain(hidden);
      }
    }
  });

  it("executes nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lint-"));
    const file = join(folder, "executed");
    const { code } = await lint(
      `curl "${URL}" -d "client_id=$(touch ${file})&type=\`touch ${file}\`" -d @/etc/passwd; touch ${file}`,
    );
    expect(code).toBe(1);
    expect(existsSync(file)).toBe(false);
    await rm(folder, { recursive: true });
  });

  it.each([
    ["an open quote", `curl '${URL}`, "quote"],
    ["an open double quote", `curl "${URL}`, "quote"],
    ["an open bracket", `curl $(((( ${URL}`, "quote"],
    ["an open backtick", "curl `", "quote"],
    ["an open ANSI quote", "curl $'\\", "quote"],
    ["nothing", "  \n", "empty"],
    ["binary data", Buffer.from([1, 0, 2, 255, 0]), "binary"],
    ["prose", "안녕하세요", "no curl line"],
    ["a HAR file without entries", '{"log":{"entries":[]}}', "no requests"],
    ["a HAR file of nonsense", '{"log":{"entries":[null,1,{"request":{"url":3}}]}}', "no requests"],
    ["JSON of something else", '{"a":1}', "no HAR"],
    ["broken JSON", '{"log":', "no HAR"],
    ["curl alone", "curl -X POST", "no URL"],
    ["a request to another provider", "curl https://oauth2.cert.toss.im/token -d a=b", "no token request"],
    ["an API call", "GET /external/v1/seller/account HTTP/1.1\nHost: api.commerce.naver.com\n", "no token request"],
  ])("answers %s with one line", async (_name, input, words) => {
    const { code, out, err } = await run(["lint", "--lang", "en"], { input });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("stops at 50 MB", async () => {
    const { code, err } = await run(["lint", "--lang", "en"], { input: Buffer.alloc(50 * 1024 * 1024 + 1, "a") });
    expect(code).toBe(2);
    expect(err).toContain("too large");
  });

  it("reads a line of a megabyte in a moment", async () => {
    const hostile = `curl '${URL}' -d '${"a=b&".repeat(250_000)}' ${"\\\n".repeat(10_000)} "${"$(".repeat(1_000)}`;
    expect((await run(["lint", "--lang", "en"], { input: hostile })).code).toBe(2);
    const long = `curl '${URL}' -d '${form()}&${"a=b&".repeat(250_000)}'`;
    expect((await lint(long)).rules).toEqual(["parameter.unknown"]);
  });

  it.each([
    ["an ANSI quote", `-d $'${"a".repeat(20_000_000)}'`],
    ["escapes", `-d $'${"\\n".repeat(1_000_000)}'`],
    ["words", "-s ".repeat(600_000)],
  ])("has room for many: %s", async (_name, words) => {
    expect((await lint(`curl '${URL}' ${words} -d '${form()}'`)).rules).toEqual(
      words.startsWith("-d") ? ["parameter.unknown"] : [],
    );
  });

  it("reads a file, and says which one it cannot read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lint-"));
    await writeFile(join(folder, "request.txt"), curl());
    expect((await run(["lint", join(folder, "request.txt")])).code).toBe(0);
    const { code, err } = await run(["lint", join(folder, "missing"), "--lang", "en"]);
    expect(code).toBe(2);
    expect(err).toContain("cannot be read (ENOENT)");
    await rm(folder, { recursive: true });
  });
});
