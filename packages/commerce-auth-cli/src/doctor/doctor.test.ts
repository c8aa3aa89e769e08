import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { type Emulator, startEmulator } from "@x/commerce-auth-emulator";
import { createIamportAuth } from "@x/iamport-auth";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { expect, it } from "vitest";
import { credentialsOf, diagnose, type Patient, run } from "../command.test-support.ts";
import { levelOf } from "../findings/finding.ts";
import type { VerdictId } from "../findings/verdicts/verdicts.ts";
import { VERDICTS } from "../findings/verdicts/verdicts.ts";
import { networkFinding } from "./reachability.ts";

const HOUR_MS = 3_600_000;
const naver = { provider: "naver" } as const;
const toss = { provider: "toss" } as const;
const iamport = { provider: "iamport" } as const;

const secret = (value: string) => ({ ...naver, env: { NAVER_COMMERCE_CLIENT_SECRET: value } });
const tokenUrl = (url: string) => ["--token-url", url, "--timeout", "0.5"];
const naverError = (code: string, endpoint: "naver.token" | "naver.api" = "naver.token") => ({
  ...naver,
  fault: (emulator: Emulator) => emulator.fault({ endpoint, kind: "provider-error", code }),
});
const tossError = (code: string, status: number) => ({
  ...toss,
  fault: (emulator: Emulator) => emulator.fault({ endpoint: "toss.token", kind: "provider-error", code, status }),
});

/** A token request of another program, off form by its query string. */
async function offFormRequest({ naver: { tokenUrl: url } }: Emulator): Promise<void> {
  const fetch: typeof globalThis.fetch = (input, { body, ...init } = {}) =>
    globalThis.fetch(`${input}?${body}`, { ...init });
  const credentials = { clientId: "emulatedNaverClient001", clientSecret: "$2a$04$abcdefghijklmnopqrstuv" };
  await createNaverCommerceAuth({ ...credentials, tokenUrl: url, fetch }).getToken();
}

/** A request of another program with the same keys. */
async function earlierToken(emulator: Emulator): Promise<void> {
  await createIamportAuth(emulator.iamport.options).getToken();
  emulator.clock.advance(HOUR_MS / 6);
}

const PATIENTS: Readonly<
  Record<Exclude<VerdictId, `emulator.${string}` | `network.${"certificate" | "timeout" | "unreachable"}`>, Patient>
> = {
  "secret.ok": naver,
  "secret.plain": toss,
  "secret.escaped": secret("\\$2a\\$04\\$abcdefghijklmnopqrstuv"),
  "secret.missing": secret(""),
  "secret.expanded_by_shell": secret("abash4abcdefghijklmnopqrstuv"),
  "secret.expanded": secret("uv"),
  "secret.file_expands": {
    ...naver,
    flags: ["--dotenv", new URL("unescaped.test-support.env", import.meta.url).pathname],
  },
  "secret.quoted": secret("'$2a$04$abcdefghijklmnopqrstuv'"),
  "secret.space": secret("$2a$04$abcdefghijklmnopqrstuv\n"),
  "secret.invisible": secret("$2a$04$abcdefghijklmnopqrstuv\u200b"),
  "secret.placeholder": { ...iamport, env: { IAMPORT_IMP_KEY: "imp_apikey" } },
  "secret.swapped": { ...naver, env: { NAVER_COMMERCE_CLIENT_ID: "$2a$04$abcdefghijklmnopqrstuv" } },
  "secret.wrong_form": secret("$2a$04$abcdefghij"),
  "secret.cost": secret("$2a$31$abcdefghijklmnopqrstuv"),
  "secret.v2_identifier": { ...iamport, env: { IAMPORT_IMP_KEY: "channel-key-893597d6-e62d-410f-83f9-119f530b4b11" } },
  "secret.merchant_code": { ...iamport, env: { IAMPORT_IMP_KEY: "imp12345678" } },
  "proxy.unused": { ...toss, env: { http_proxy: "http://user:password@proxy.corp:3128" } },
  "proxy.used": { ...toss, env: { http_proxy: "http://proxy.corp:3128", NODE_USE_ENV_PROXY: "1" } },
  "network.ok": iamport,
  "network.dns": { ...naver, flags: tokenUrl("https://does-not-exist.invalid/token") },
  "network.refused": { ...naver, flags: tokenUrl("https://127.0.0.1:1/token") },
  "network.reset": { ...toss, fault: (emulator) => emulator.fault({ endpoint: "toss.token", kind: "cut" }) },
  "network.not_tls": {
    ...iamport,
    flags: ({ iamport }) => tokenUrl(iamport.tokenUrl.replace("http:", "https:")),
  },
  "clock.ok": naver,
  "clock.ahead": { ...toss, rules: { clock: { skewMs: -HOUR_MS } } },
  "clock.behind": { ...naver, rules: { clock: { skewMs: HOUR_MS } } },
  "clock.unknown": { ...iamport, rules: { dateHeader: false } },
  "clock.cached": { ...toss, fault: (emulator) => emulator.fault({ endpoint: "toss.token", kind: "stale" }) },
  "token.new": naver,
  "token.returned": { ...iamport, fault: earlierToken },
  "token.hour": toss,
  "token.year": { ...toss, rules: { toss: { lifetimeSeconds: 31_535_999 } } },
  "token.other_lifetime": { ...toss, rules: { toss: { lifetimeSeconds: 7_200 } } },
  "address.not_allowed": naverError("GW.IP_NOT_ALLOWED"),
  "address.not_allowed_known": {
    ...naver,
    fault: (emulator) =>
      emulator.fault({
        endpoint: "naver.token",
        kind: "provider-error",
        code: "GW.IP_NOT_ALLOWED",
        message: "호출이 허용되지 않은 IP입니다. (203.0.113.7)",
      }),
  },
  "token.bad_signature": secret("$2a$04$zzzzzzzzzzzzzzzzzzzzzz"),
  "token.bad_credentials": { ...toss, env: { TOSS_SHOPPING_SECRET_KEY: "another-secret-key" } },
  "token.unknown_account": { ...naver, env: { NAVER_COMMERCE_ACCOUNT_ID: "ncp_of_another" } },
  "token.wrong_type": {
    ...naver,
    fault: (emulator) =>
      emulator.fault({
        endpoint: "naver.token",
        kind: "status",
        status: 400,
        body: { code: "BAD_REQUEST", message: "", invalidInputs: [{ name: "type", type: "NotValid", message: "" }] },
      }),
  },
  // Without a Date header, the client cannot learn Naver's time.
  "token.clock_refused": { ...naver, rules: { dateHeader: false, clock: { skewMs: HOUR_MS } } },
  "token.not_permitted": tossError("unauthorized_client", 403),
  "token.wrong_scope": { ...toss, rules: { toss: { scopes: ["another:scope"] } } },
  "token.rate_limited": { ...toss, rules: { toss: { tokenRateLimit: { requests: 0, perSeconds: 60 } } } },
  "token.quota": naverError("GW.QUOTA_LIMIT"),
  "token.unavailable": naverError("GW.PROXY.01"),
  "token.maintenance": naverError("GW.BLOCK.02"),
  "token.html": { ...iamport, fault: (emulator) => emulator.fault({ endpoint: "iamport.token", kind: "html" }) },
  "token.none": { ...toss, fault: (emulator) => emulator.fault({ endpoint: "toss.token", kind: "empty" }) },
  "token.redirected": {
    ...iamport,
    fault: (emulator) =>
      emulator.fault({ endpoint: "iamport.token", kind: "redirect", location: "https://login.corp/" }),
  },
  "token.not_found": { ...iamport, flags: ({ iamport }) => tokenUrl(iamport.tokenUrl.replace(/iamport.*/, "nowhere")) },
  "token.malformed": {
    ...iamport,
    fault: (emulator) =>
      emulator.fault({
        endpoint: "iamport.token",
        kind: "provider-error",
        status: 400,
        message: "imp_key, imp_secret 파라메터가 누락되었습니다.",
      }),
  },
  "token.bad_option": { ...toss, flags: tokenUrl("http://toss.example/token") },
  "api.granted": naver,
  "api.parameter_missing": naver,
  "api.no_payment": { ...iamport, rules: { iamport: { payments: [] } } },
  "api.not_granted": { ...naver, rules: { naver: { deniedRoutes: ["settlements", "inquiries"] } } },
  "api.refused": {
    ...naver,
    rules: {
      naver: { deniedRoutes: ["seller-account", "product-attributes", "order-changes", "inquiries", "settlements"] },
    },
  },
  "api.address": naverError("GW.IP_NOT_ALLOWED", "naver.api"),
  "api.rate_limited": {
    ...toss,
    rules: { toss: { rateLimit: { readsPerSecond: 0 } } },
  },
  "api.unavailable": naverError("GW.BLOCK.01", "naver.api"),
  "api.no_answer": { ...iamport, fault: (emulator) => emulator.fault({ endpoint: "iamport.api", kind: "cut" }) },
  "api.not_found": {
    ...naver,
    flags: ({ naver }) => ["--token-url", naver.tokenUrl, "--api-url", `${naver.apiBaseUrl}/partner`],
  },
  "api.redirected": {
    ...iamport,
    fault: (emulator) =>
      emulator.fault({ endpoint: "iamport.api", kind: "redirect", location: "https://login.example/" }),
  },
  "api.solution_code": { ...toss, env: { TOSS_SHOPPING_SOLUTION_CODE: "not-registered" } },
  "api.tier": { ...iamport, rules: { iamport: { tiers: ["001"] } }, env: { IAMPORT_TIER: "002" } },
  "api.failed": {
    ...toss,
    fault: (emulator) => emulator.fault({ endpoint: "toss.api", kind: "provider-error", code: "SELLER_SUSPENDED" }),
  },
  "limits.rate": { ...naver, rules: { naver: { rateLimit: "documented" } } },
  "limits.none": toss,
  "limits.herald": { ...naver, rules: { naver: { rateLimit: "documented" } }, fault: offFormRequest },
  "limits.penalty": { ...naver, rules: { naver: { offFormPenalty: "at-once" } }, fault: offFormRequest },
  "limits.quota": { ...naver, rules: { naver: { quota: { period: "DAYS", limit: 1_000 } } } },
  "limits.quota_used": { ...naver, rules: { naver: { quota: { period: "DAYS", limit: 2 } } } },
};

it.each(Object.entries(PATIENTS))("finds %s", async (verdict, patient) => {
  const { findings, cause, conclusion, code } = await diagnose(patient);
  expect(findings.map((each) => each.verdict)).toContain(verdict);
  const level = levelOf({ verdict: verdict as VerdictId, values: {} });
  expect(code).toBe(findings.some((each) => VERDICTS[each.verdict as VerdictId].level === "problem") ? 1 : 0);
  if (level === "problem") {
    expect(cause).toBe(verdict);
    expect(conclusion).toMatch(/^Cause: [^\n]+\.$/);
  }
  for (const { saw, means, advice = "" } of findings) expect(saw + means + advice).not.toMatch(/\{\w+\}|undefined|NaN/);
});

it("finds network.timeout at a host that accepts connections and says nothing", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  const { cause } = await diagnose({ ...naver, flags: tokenUrl(`https://127.0.0.1:${port}/token`) });
  expect(cause).toBe("network.timeout");
  silent.close();
});

it("finds network.timeout at a token endpoint that never answers", async () => {
  const fault = (emulator: Emulator) => emulator.fault({ endpoint: "naver.token", kind: "hang" });
  const { cause } = await diagnose({ ...naver, fault, flags: ["--timeout", "0.5"] });
  expect(cause).toBe("network.timeout");
});

it.each([
  ["ENETUNREACH", "network.unreachable"],
  ["EHOSTUNREACH", "network.unreachable"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "network.certificate"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "network.certificate"],
  ["CERT_HAS_EXPIRED", "network.certificate"],
  ["EAI_AGAIN", "network.dns"],
  ["ETIMEDOUT", "network.timeout"],
] as const)("knows the system's %s as %s", (code, verdict) => {
  expect(networkFinding("api.commerce.naver.com", code, 1_000).verdict).toBe(verdict);
});

it("finds network.certificate with a self-signed certificate", async ({ skip }) => {
  const pair = selfSigned();
  if (pair === undefined) return skip("openssl is not installed");
  const server = createTlsServer(pair);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const { cause } = await diagnose({ ...naver, flags: ["--token-url", `https://127.0.0.1:${port}/token`] });
  expect(cause).toBe("network.certificate");
  server.close();
});

/** A temporary key and certificate: the repository keeps none. */
function selfSigned(): { key: string; cert: string } | undefined {
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1 -keyout - -out -";
  const { status, stdout } = spawnSync("openssl", args.split(" "), { encoding: "utf8" });
  return status === 0 ? { key: stdout, cert: stdout } : undefined;
}

it("finds emulator.in_use and emulator.unreachable", async () => {
  const emulator = await startEmulator();
  const env = { COMMERCE_AUTH_EMULATOR: emulator.origin };
  const used = JSON.parse((await run(["doctor", "naver", "--json"], { env })).out).reports[0];
  expect(used).toMatchObject({
    ok: true,
    cause: null,
    findings: [{ verdict: "emulator.in_use" }, {}, {}, {}, {}, {}, {}],
  });
  await emulator.close();
  const gone = JSON.parse((await run(["doctor", "naver", "--json"], { env })).out).reports[0];
  expect(gone).toMatchObject({ ok: false, cause: "emulator.unreachable" });
});

it("takes the emulator's origin from a file, and leaves the process's environment as it is", async () => {
  await using emulator = await startEmulator();
  const folder = await mkdtemp(join(tmpdir(), "doctor-"));
  const file = join(folder, ".env");
  await writeFile(file, `COMMERCE_AUTH_EMULATOR=${emulator.origin}\n`);
  emulator.rotateSecret("naver");
  for (const provider of ["toss", "naver", "iamport"]) {
    const { code, out } = await run(["doctor", provider, "--dotenv", file, "--json"]);
    expect(JSON.parse(out).reports[0].findings[0]).toMatchObject({ verdict: "emulator.in_use" });
    expect(code).toBe(0);
  }
  expect((await run(["token", "toss", "--dotenv", file])).code).toBe(0);
  expect(process.env["COMMERCE_AUTH_EMULATOR"]).toBeUndefined();

  await writeFile(file, "COMMERCE_AUTH_EMULATOR=http://emulator.test:4010\n");
  const { code, err } = await run(["doctor", "toss", "--dotenv", file, "--lang", "en"]);
  expect(code).toBe(2);
  expect(err).toContain("COMMERCE_AUTH_EMULATOR");
  await rm(folder, { recursive: true });
});

it("asks once for a token, and once for each group, in a form that Naver does not punish", async () => {
  const { emulator } = await diagnose({ ...naver, rules: { naver: { rateLimit: "documented" } } });
  expect(emulator.requestCount("naver.token")).toBe(1);
  expect(emulator.requestCount("naver.api")).toBe(5);
  expect(emulator.limitedCount("naver.api")).toBe(0);
  expect(emulator.journal.filter(({ offForm }) => offForm !== undefined && offForm.length > 0)).toEqual([]);
});

it.each([
  [{ status: 403 }, "api.failed"],
  [{ status: 403, body: { code: "GW.AUTHN" } }, "api.refused"],
  [{ status: 302, headers: { location: "https://login.example/" } }, "api.redirected"],
] as const)("calls it a problem if every read is answered with %j", async (answer, verdict) => {
  for (const provider of ["naver", "toss", "iamport"] as const) {
    const fault = (emulator: Emulator) => emulator.fault({ endpoint: `${provider}.api`, kind: "status", ...answer });
    const { code, cause, findings } = await diagnose({ provider, fault });
    expect({ provider, code, cause }).toMatchObject({ provider, code: 1, cause: expect.stringMatching(/^api\./) });
    if (provider === "naver") expect(cause).toBe(verdict);
    expect(findings.filter(({ verdict: each }) => each === "api.granted")).toEqual([]);
  }
});

it("waits once only for an API that does not answer", async () => {
  const fault = (emulator: Emulator) => emulator.fault({ endpoint: "naver.api", kind: "hang" });
  const { emulator, cause } = await diagnose({ ...naver, fault, flags: ["--timeout", "1.0006"] });
  expect(cause).toBe("api.no_answer");
  expect(emulator.requestCount("naver.api")).toBe(1);
});

it("stops reading when the quota is used up", async () => {
  const { emulator, findings } = await diagnose(PATIENTS["limits.quota_used"]);
  expect(emulator.requestCount("naver.api")).toBe(2);
  expect(findings.filter(({ verdict }) => verdict.startsWith("api."))).toHaveLength(2);
});

it.each(["GW.AUTHN", "GW.AUTHZ", "403 GW.AUTHN"] as const)(
  "tells a group that was not granted from a bad token, by %s",
  async (missingPermission) => {
    const rules = { naver: { deniedRoutes: ["inquiries"], missingPermission } } as const;
    const { cause, findings, emulator, code } = await diagnose({ ...naver, rules });
    expect(cause).toBe("api.not_granted");
    expect(findings.find(({ verdict }) => verdict === "api.not_granted")?.saw).toContain("문의");
    expect(code).toBe(0);
    expect(emulator.requestCount("naver.token")).toBe(1);
  },
);

it("shows nothing of an answer that repeats the secret", async () => {
  const env = { IAMPORT_IMP_SECRET: "a-wrong-secret-that-is-echoed" };
  const { findings, cause } = await diagnose({ ...iamport, rules: { iamport: { echoCredentials: true } }, env });
  expect(cause).toBe("token.bad_credentials");
  expect(JSON.stringify(findings)).not.toContain("echoed");
});

it("reads the proxy settings of this process only: Node applies none of a file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "doctor-"));
  const file = join(folder, ".env");
  await writeFile(file, "http_proxy=http://proxy.corp:3128\nNODE_USE_ENV_PROXY=1\n");
  const { findings } = await diagnose({ ...toss, flags: ["--dotenv", file] });
  expect(findings.filter(({ verdict }) => verdict.startsWith("proxy."))).toEqual([]);
  await rm(folder, { recursive: true });
});

it("hides the proxy's password", async () => {
  const { findings } = await diagnose(PATIENTS["proxy.unused"]);
  expect(JSON.stringify(findings)).not.toContain("password");
});

it("names the page of the console", async () => {
  const { findings } = await diagnose(PATIENTS["address.not_allowed"], "ko");
  expect(findings.at(-1)?.where).toBe(
    "커머스API센터(apicenter.commerce.naver.com) > 애플리케이션 관리 > 애플리케이션 > API 호출 IP",
  );
});

it("examines those providers whose credentials are set", async () => {
  await using emulator = await startEmulator();
  const { toss, iamport } = credentialsOf(emulator);
  // Both would contact the real hosts. A missing secret prevents every request.
  const env = { ...toss, ...iamport, TOSS_SHOPPING_SECRET_KEY: "", IAMPORT_IMP_SECRET: "" };
  const { out, code } = await run(["doctor", "--json", "--lang", "ko"], { env });
  const { reports } = JSON.parse(out);
  expect(reports.map(({ provider, cause }: { provider: string; cause: string }) => [provider, cause])).toEqual([
    ["toss", "secret.missing"],
    ["iamport", "secret.missing"],
  ]);
  expect(code).toBe(1);
  const none = await run(["doctor", "--lang", "ko"]);
  expect(none).toMatchObject({ code: 2, out: "" });
});
