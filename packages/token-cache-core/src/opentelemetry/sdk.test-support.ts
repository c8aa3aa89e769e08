import { type Attributes, context, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { DataPointType, type Histogram, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

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

  async function collect(): Promise<Measured[]> {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ descriptor: { name }, dataPointType, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => {
          if (dataPointType !== DataPointType.HISTOGRAM) return { name, attributes, value: value as number };
          const { count, sum } = value as Histogram;
          return { name, attributes, value: count, sum };
        }),
      ),
    );
  }

  return {
    meterProvider,
    tracerProvider,
    collect,
    /** The values of one metric, by what tells them apart: the values of their attributes. */
    async read(name: string): Promise<Record<string, number>> {
      const found = (await collect()).filter((each) => each.name === `token_cache.${name}`);
      return Object.fromEntries(found.map(({ attributes, value }) => [Object.values(attributes).join(" "), value]));
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
