import {
  type ContextManager,
  context,
  createNoopMeter,
  diag,
  type MeterProvider,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { TokenCache } from "../cache/token-cache.ts";
import { failing, failureOf, MINUTE, settle, TestTokenSource } from "../cache/token-source.test-support.ts";
import { ManualClock } from "../testing/index.ts";
import { openTelemetry } from "./index.ts";
import { startContexts, startLog, startSdk } from "./sdk.test-support.ts";

/** Every call on it throws, and so does every call on a result. */
function thrower(): never {
  throw new Error("the SDK's own");
}
const broken = (...methods: string[]) => Object.fromEntries(methods.map((name) => [name, thrower]));

const brokenInstrument = broken("add", "record", "addCallback");
const instruments = ["Counter", "Histogram", "ObservableCounter", "ObservableUpDownCounter", "ObservableGauge"];
const workingMeter = {
  ...Object.fromEntries(instruments.map((kind) => [`create${kind}`, () => brokenInstrument])),
  addBatchObservableCallback: thrower,
};
const brokenSpan = broken("setAttributes", "setStatus", "end", "addLink", "spanContext", "isRecording");

const faults: [string, unknown, unknown][] = [
  ["a meter provider", broken("getMeter"), undefined],
  ["a meter", { getMeter: () => broken("createCounter", "createHistogram") }, undefined],
  ["a meter that is none", { getMeter: () => undefined }, undefined],
  ["an instrument", { getMeter: () => workingMeter }, undefined],
  ["a tracer provider", undefined, broken("getTracer")],
  ["a tracer", undefined, { getTracer: () => broken("startSpan") }],
  ["a span", undefined, { getTracer: () => ({ startSpan: () => brokenSpan }) }],
  ["a span that is none", undefined, { getTracer: () => ({ startSpan: () => undefined }) }],
];

/** Issue, hit, background refresh, failure, refusal, close. */
async function useCache(meterProvider: unknown, tracerProvider: unknown): Promise<TestTokenSource> {
  const clock = new ManualClock();
  const telemetry = openTelemetry({
    meterProvider: meterProvider as MeterProvider,
    tracerProvider: tracerProvider as TracerProvider,
  });
  const cache = new TokenCache({ clock, maxAttempts: 1, telemetry });
  const source = new TestTokenSource();
  const [token] = await Promise.all([cache.getToken(source), cache.getToken(source)]);
  expect((await cache.getToken(source)).id).toBe(token.id);
  clock.advance(55 * MINUTE);
  await cache.getToken(source);
  await settle();
  const renewed = await cache.getToken(source);
  expect(renewed.id).not.toBe(token.id);
  source.answer = failing("network");
  const refused = cache.getToken(source, { refusedTokenId: renewed.id });
  expect((await failureOf(refused)).code).toBe("network");
  await cache.close();
  return source;
}

describe("no token call fails, and no token request is sent twice, if the SDK throws:", () => {
  test.each(faults)("%s", async (_, meterProvider, tracerProvider) => {
    expect((await useCache(meterProvider, tracerProvider)).issues).toBe(3);
  });

  const managers: [string, Partial<ContextManager>][] = [
    ["before", { with: thrower }],
    [
      "after",
      {
        with(_active, call, self, ...args) {
          call.apply(self as never, args);
          return thrower();
        },
      },
    ],
    [
      "twice",
      {
        with(_active, call, self, ...args) {
          call.apply(self as never, args);
          return call.apply(self as never, args);
        },
      },
    ],
    ["never", { with: () => undefined as never }],
    ["without a context", { active: thrower, with: thrower }],
  ];

  afterEach(() => context.disable());

  test.each(managers)("a context manager that calls %s", async (_, manager) => {
    const { meterProvider, tracerProvider } = startSdk();
    const enabled = {
      active: () => trace.setSpan({} as never, {} as never),
      bind: (_: unknown, target: unknown) => target,
    };
    context.setGlobalContextManager({ ...enabled, enable: () => enabled, disable: () => enabled, ...manager } as never);
    expect((await useCache(meterProvider, tracerProvider)).issues).toBe(3);
  });
});

describe("what is lost is logged", () => {
  const tracerProvider = { getTracer: () => broken("startSpan") } as never;

  test("once, with the error's name alone", async () => {
    const log = startLog();
    onTestFinished(startContexts());
    const { meterProvider, inSpan } = startSdk();
    const telemetry = openTelemetry({ meterProvider, tracerProvider });
    const cache = new TokenCache({ clock: new ManualClock(), maxAttempts: 1, telemetry });
    await inSpan(() => failureOf(cache.getToken(new TestTokenSource({ answer: failing("network") }))));
    const line = expect.stringMatching(/^@x\/token-cache-core: the OpenTelemetry SDK threw a Error\./);
    // The spans of the flight and of the request.
    expect(log).toEqual([line, line]);
    expect(`${log}`).not.toContain("the SDK's own");
  });

  test("or not, if the log throws as well", async () => {
    diag.setLogger(broken("error", "warn", "info", "debug", "verbose") as never, { suppressOverrideMessage: true });
    onTestFinished(() => diag.disable());
    expect((await useCache(broken("getMeter"), tracerProvider)).issues).toBe(3);
  });
});

test("options that are no SDK are named", () => {
  expect(() => openTelemetry({ meterProvider: createNoopMeter() as never })).toThrow(/meterProvider .* getMeter\(\)/);
  expect(() => openTelemetry({ tracerProvider: "global" as never })).toThrow(/tracerProvider .* getTracer\(\)/);
  expect(() => new TokenCache({ telemetry: openTelemetry as never })).toThrow(/telemetry .* openTelemetry\(\) returns/);
});
