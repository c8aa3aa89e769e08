import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { FlightWatcher } from "../contract/telemetry.ts";
import { TokenError } from "../contract/token-error.ts";
import type { IssueReason, TokenEventDetail } from "../contract/token-events.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { outcomeOf } from "./event-metrics.ts";
import { ATTRIBUTE } from "./metrics.ts";
import { callIn, quietly } from "./quietly.ts";

/** What a {@link FlightSpan} is made from. */
export interface FlightSpanInit {
  readonly tracer: Tracer;
  readonly source: TokenSource;
  readonly reason: IssueReason;
  readonly isBackground: boolean;
  /** Attributes that the source's spans have in common. */
  readonly attributes: Attributes;
  /** Monotonic clock, in ms. */
  now(): number;
  /** Records the duration of a token request. `error`: the `error.type`, if it failed. */
  onRequest(durationMs: number, error: string | undefined, active: Context): void;
}

/**
 * The span of one flight, and of each of its token requests. No caller owns a flight. So its span begins a trace of its
 * own, and the callers' spans link to it.
 */
export class FlightSpan implements FlightWatcher {
  readonly #init: FlightSpanInit;
  readonly #span: Span | undefined;
  readonly #context: Context;
  readonly #linked = new WeakSet<Span>();
  #failure: string | undefined;

  constructor(init: FlightSpanInit) {
    this.#init = init;
    const { tracer, reason, isBackground, attributes } = init;
    this.#span = quietly(() => {
      const caller = trace.getActiveSpan();
      const links = caller === undefined ? [] : [{ context: caller.spanContext() }];
      const own = { [ATTRIBUTE.reason]: reason, [ATTRIBUTE.background]: isBackground };
      return tracer.startSpan("token_cache.flight", { root: true, links, attributes: { ...attributes, ...own } });
    });
    this.#context = contextOf(this.#span, ROOT_CONTEXT);
    this.joined();
  }

  joined(): void {
    quietly(() => {
      const caller = trace.getSpan(context.active());
      if (caller === undefined || this.#span === undefined || this.#linked.has(caller)) return;
      this.#linked.add(caller);
      if (caller.isRecording()) caller.addLink({ context: this.#span.spanContext() });
    });
  }

  run<T>(fly: () => Promise<T>): Promise<T> {
    const outcome = callIn(this.#context, fly);
    const end = (error?: unknown) =>
      quietly(() => {
        const failure = this.#failure ?? (error === undefined ? undefined : errorType(error));
        if (failure !== undefined) this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        this.#span?.end();
      });
    outcome.then(() => end(), end);
    return outcome;
  }

  request<T>(send: () => Promise<T>): Promise<T> {
    const { tracer, source, attributes, now, onRequest } = this.#init;
    const began = now();
    const span = quietly(() => {
      const all = { ...attributes, [ATTRIBUTE.server]: new URL(source.origin).hostname };
      return tracer.startSpan("token_cache.request", { kind: SpanKind.CLIENT, attributes: all }, this.#context);
    });
    const active = contextOf(span, this.#context);
    const outcome = callIn(active, send);
    const end = (failure?: string, error?: unknown) => {
      quietly(() => onRequest(now() - began, failure, active));
      quietly(() => {
        if (failure !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        if (failure !== undefined) span?.setAttributes(errorAttributes(error));
        span?.end();
      });
    };
    outcome.then(
      () => end(),
      (error) => end(errorType(error), error),
    );
    return outcome;
  }

  observe(detail: TokenEventDetail): void {
    const failure = detail.type === "renewal_failed" ? detail.code : undefined;
    this.#failure = failure;
    quietly(() => this.#span?.setAttributes({ [ATTRIBUTE.outcome]: outcomeOf(detail), [ATTRIBUTE.error]: failure }));
  }
}

function contextOf(span: Span | undefined, parent: Context): Context {
  return span === undefined ? parent : (quietly(() => trace.setSpan(parent, span)) ?? parent);
}

function errorType(error: unknown): string {
  return TokenError.is(error) ? error.code : "_OTHER";
}

/** Nothing of a foreign error, whose text may hold a secret. */
function errorAttributes(error: unknown): Attributes {
  if (!TokenError.is(error)) return { [ATTRIBUTE.error]: errorType(error) };
  const { code, providerStatus, providerCode, traceId } = error;
  return {
    [ATTRIBUTE.error]: code,
    [ATTRIBUTE.status]: providerStatus,
    [ATTRIBUTE.providerCode]: providerCode,
    [ATTRIBUTE.traceId]: traceId,
  };
}
