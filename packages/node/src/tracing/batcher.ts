import type { Context } from '@opentelemetry/api';
import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Clock, Timer } from '../clock.ts';

export interface BatcherOptions {
  readonly clock: Clock;
  /** Milliseconds a span waits at most. */
  readonly intervalMs: number;
  /** Spans sent together at most. */
  readonly maxSpans: number;
  /** Takes a batch away at once; what fails there does not come back. */
  readonly send: (spans: readonly ReadableSpan[]) => Promise<void>;
}

/**
 * Gathers ended spans that are sampled and hands them on in batches. OpenTelemetry's own batch processor keeps its time by
 * itself and waits for its exporter; here the delivery queue behind does the waiting, within its bytes.
 */
export class SpanBatcher implements SpanProcessor {
  readonly #options: BatcherOptions;
  readonly #sending = new Set<Promise<void>>();
  readonly #timer: Timer;
  #spans: ReadableSpan[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#timer = options.clock.every(options.intervalMs, () => this.#flush());
  }

  onStart(_span: Span, _parent: Context): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#spans.push(span);
    if (this.#spans.length >= this.#options.maxSpans) this.#flush();
  }

  async forceFlush(): Promise<void> {
    this.#flush();
    await Promise.all(this.#sending);
  }

  async shutdown(): Promise<void> {
    this.#timer.cancel();
    await this.forceFlush();
  }

  #flush(): void {
    if (this.#spans.length === 0) return;
    const batch = this.#spans;
    this.#spans = [];
    const sent = this.#options.send(batch).finally(() => this.#sending.delete(sent));
    this.#sending.add(sent);
  }
}
