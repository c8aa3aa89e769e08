import { type Attributes, context, DiagLogLevel, diag, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { DataPointType, type Histogram, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { onTestFinished } from "vitest";

class TestReader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/** One value of a metric. Histograms count. */
export interface Measured {
  readonly name: string;
  readonly attributes: Attributes;
  readonly value: number;
  readonly sum?: number | undefined;
}

/** The real SDK, in memory. */
export function startSdk() {
  const reader = new TestReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = tracerProvider.getTracer("test");

  async function collectMetrics() {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  async function collect(): Promise<Measured[]> {
    return (await collectMetrics()).flatMap(({ descriptor: { name }, dataPointType, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        if (dataPointType !== DataPointType.HISTOGRAM) return { name, attributes, value: value as number };
        const { count, sum } = value as Histogram;
        return { name, attributes, value: count, sum };
      }),
    );
  }

  async function readEach<T>(name: string, pick: (measured: Measured) => T): Promise<Record<string, T>> {
    const found = (await collect()).filter((each) => each.name === `token_cache.${name}`);
    return Object.fromEntries(found.map((each) => [Object.values(each.attributes).join(" "), pick(each)]));
  }

  return {
    meterProvider,
    tracerProvider,
    collect,
    /** The values of one metric, by what tells them apart: the values of their attributes. */
    read: (name: string) => readEach(name, ({ value }) => value),
    /** The sums of one histogram, in the same form. */
    readSums: (name: string) => readEach(name, ({ sum }) => sum),
    /** What the SDK was told about each metric. */
    async described() {
      const described = (await collectMetrics()).map((metric) => {
        const { name, unit, description } = metric.descriptor;
        const isMonotonic = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
        const [first] = metric.dataPointType === DataPointType.HISTOGRAM ? metric.dataPoints : [];
        const { boundaries } = first?.value.buckets ?? {};
        return [name, { type: metric.dataPointType, isMonotonic, unit, description, boundaries }] as const;
      });
      return Object.fromEntries(described);
    },
    spans: () => exporter.getFinishedSpans(),
    /** Calls within a span of a caller's own. */
    async inSpan<T>(call: (span: Span) => Promise<T>): Promise<T> {
      const span = tracer.startSpan("caller");
      try {
        return await context.with(trace.setSpan(context.active(), span), () => call(span));
      } finally {
        span.end();
      }
    },
  };
}

/** Lets spans know their callers. Returns how to stop. */
export function startContexts(): () => void {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  return () => context.disable();
}

/** Collects the errors and warnings of OpenTelemetry's own log until the test ends. */
export function startLog(): readonly string[] {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  diag.setLogger({ error: note, warn: note, info: note, debug: note, verbose: note }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  return lines;
}
