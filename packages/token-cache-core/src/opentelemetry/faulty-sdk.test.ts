import {
  type ContextManager,
  context,
  createNoopMeter,
  type MeterProvider,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { afterEach, describe, expect, test } from "vitest";
import { TokenCache } from "../cache/token-cache.ts";
import { failing, failureOf, MINUTE, settle, TestTokenSource } from "../cache/token-source.test-support.ts";
import { ManualClock } from "../testing/index.ts";
import { openTelemetry } from "./index.ts";
import { startSdk } from "./sdk.test-support.ts";

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

test("options that are no SDK are named", () => {
  expect(() => openTelemetry({ meterProvider: createNoopMeter() as never })).toThrow(/meterProvider .* getMeter\(\)/);
  expect(() => openTelemetry({ tracerProvider: "global" as never })).toThrow(/tracerProvider .* getTracer\(\)/);
  expect(() => new TokenCache({ telemetry: openTelemetry as never })).toThrow(/telemetry .* openTelemetry\(\) returns/);
});
