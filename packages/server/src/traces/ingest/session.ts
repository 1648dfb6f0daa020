import { type SourceRef, type SpanAppender, SpanDraft, type SpanRefusal, type SpanSource } from '../sink.ts';

/** Work units between breaths: about 10 ms, when a span costs 1. */
const SLICE = 1000;

/** One request's reading: the sources it names, the one span that is used again and again, and breaths in between. */
export class IngestSession {
  readonly appender: SpanAppender;
  readonly span = new SpanDraft();
  readonly #breathe: () => Promise<void>;
  #budget = SLICE;

  constructor(appender: SpanAppender, breathe: () => Promise<void>) {
    this.appender = appender;
    this.#breathe = breathe;
  }

  source(source: SpanSource): SourceRef | SpanRefusal {
    return this.appender.source(source);
  }

  /** Takes the span as it stands, or counts it when its source, or the reading of it, is refused. */
  take(source: SourceRef | SpanRefusal, problem: SpanRefusal | null = null): void {
    this.#budget--;
    if (problem !== null) this.appender.refuse(problem);
    else if (typeof source === 'number') this.appender.append(source, this.span);
    else this.appender.refuse(source);
  }

  get tired(): boolean {
    return this.#budget <= 0;
  }

  async rest(): Promise<void> {
    this.#budget = SLICE;
    await this.#breathe();
  }
}
