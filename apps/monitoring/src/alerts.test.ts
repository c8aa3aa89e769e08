// Real metrics of the emulator's faults, through OpenTelemetry's exporter, judged by Prometheus's own tool.

import { readFile } from "node:fs/promises";
import { HOUR, MINUTE } from "@x/testing/emulated-life";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findPromtool, promtool, rulesFile } from "./promtool.test-support.ts";
import { type Shop, startShop } from "./shop.test-support.ts";

const command = findPromtool();

/** The rules file's alerts. */
const { groups } = parse(await readFile(rulesFile, "utf8")) as { groups: { rules: { alert: string }[] }[] };
const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

type Arguments = Parameters<typeof startShop>[0];

/** A fault, the time before it, and the one alert that fires for it. */
interface Scenario {
  readonly fault: string;
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options?: Arguments;
  /** Default 20. */
  readonly minutes?: number;
  goWrong(shop: Shop): void | Promise<void>;
}

const naver = { token_cache_provider: "naver-commerce" };

/**
 * Until just before the renewal of Naver's token of three hours. Its jitter decides when, up to half an hour before its
 * end.
 */
async function untilRenewalIsNear(shop: Shop): Promise<void> {
  for (let passed = 0; passed < 2.3 * HOUR; passed += 10 * MINUTE) await shop.later(10 * MINUTE);
}

const scenarios: readonly Scenario[] = [
  {
    fault: "the token endpoint is down while the token runs out",
    alert: "TokenRenewalFails",
    labels: { ...naver, error_type: "provider_unavailable", severity: "critical" },
    minutes: 60,
    async goWrong(shop) {
      await untilRenewalIsNear(shop);
      shop.emulator.fault({ endpoint: "naver.token", kind: "status", status: 503 });
    },
  },
  {
    fault: "the client secret is not valid any more",
    alert: "TokenRenewalFails",
    labels: { ...naver, error_type: "invalid_credentials", severity: "critical" },
    minutes: 60,
    async goWrong(shop) {
      await untilRenewalIsNear(shop);
      shop.emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.AUTHN", status: 401 });
    },
  },
  {
    fault: "the quota of API calls is used up",
    alert: "TokenPenaltyOrQuota",
    labels: { ...naver, severity: "critical" },
    options: { naver: { rateLimit: "documented", quota: { period: "HOURS", limit: 10 } } },
    goWrong() {},
  },
  {
    fault: "a penalty is announced by half a rate limit",
    alert: "TokenPenaltyOrQuota",
    labels: { ...naver, severity: "critical" },
    options: { naver: { rateLimit: "documented", offFormPenalty: "next-day", verifySignature: false } },
    async goWrong(shop) {
      const { tokenUrl, credentials } = shop.emulator.naver;
      const query = new URLSearchParams({
        client_id: credentials.clientId,
        timestamp: String(shop.emulator.clock.now()),
        client_secret_sign: "not-verified",
        grant_type: "client_credentials",
        type: "SELF",
      });
      await shop.record(2);
      const response = await fetch(`${tokenUrl}?${query}`, { method: "POST" });
      expect(response.status).toBe(200);
    },
  },
  {
    fault: "this server's address is not on the list",
    alert: "TokenAddressRefused",
    labels: { ...naver, severity: "critical" },
    goWrong({ emulator }) {
      emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.IP_NOT_ALLOWED", status: 403 });
    },
  },
  {
    fault: "the store is gone",
    alert: "TokenStoreGone",
    labels: { severity: "warning" },
    async goWrong(shop) {
      await shop.record(2);
      shop.store.setChaos({ throws: 1 });
    },
  },
  {
    fault: "this machine's clock is two minutes fast",
    alert: "TokenClockOff",
    labels: { ...naver, severity: "warning" },
    options: { clientAheadMs: 2 * MINUTE },
    goWrong() {},
  },
];

describe.skipIf(command === undefined)("the alerts", () => {
  test("are rules that Prometheus accepts", async () => {
    expect(await promtool(command ?? "", ["check", "rules", rulesFile], {})).toContain(`${alerts.length} rules found`);
  });

  test("each have a scenario", () => {
    expect([...new Set(scenarios.map(({ alert }) => alert))].sort()).toEqual([...alerts].sort());
  });

  test("stay silent while all is well, renewals included", async () => {
    await using shop = await startShop({ naver: { rateLimit: "documented" } });
    await untilRenewalIsNear(shop);
    await shop.record(60);
    expect(shop.emulator.issuedCount("naver")).toBe(2);
    await expectFiring(shop, undefined);
  });

  test.each(scenarios)(
    "$alert, and no other one, fires when $fault",
    async ({ goWrong, alert, labels, options, minutes = 20 }) => {
      await using shop = await startShop(options);
      await goWrong(shop);
      await shop.record(minutes);
      await expectFiring(shop, { alertname: alert, job: "shop", ...labels });
    },
  );

  test("end with the fault that they fired for", async () => {
    await using shop = await startShop();
    await untilRenewalIsNear(shop);
    const remove = shop.emulator.fault({ endpoint: "naver.token", kind: "status", status: 503 });
    await shop.record(35);
    remove();
    await shop.record(4);
    await expectFiring(shop, undefined);
  });
});

/** Runs the rules over the recorded time series: at its end this alert fires, and no other one has fired before. */
async function expectFiring({ recording }: Shop, expected: Record<string, string> | undefined): Promise<void> {
  const end = `${recording.minutes - 1}m`;
  const others = expected === undefined ? "" : `,alertname!="${expected["alertname"]}"`;
  const samples = expected === undefined ? [] : [{ labels: `{${labelsOf(expected)}}`, value: 1 }];
  await promtool(command ?? "", ["test", "rules"], {
    rule_files: [rulesFile],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: recording.inputSeries(),
        promql_expr_test: [
          {
            expr: 'count by (alertname, job, token_cache_provider, error_type, severity) (ALERTS{alertstate="firing"})',
            eval_time: end,
            exp_samples: samples,
          },
          {
            expr:
              expected === undefined
                ? "vector(0)"
                : `count(count_over_time(ALERTS{alertstate="firing"${others}}[1h])) or vector(0)`,
            eval_time: end,
            exp_samples: [{ labels: "{}", value: 0 }],
          },
        ],
      },
    ],
  });
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(",");
}
