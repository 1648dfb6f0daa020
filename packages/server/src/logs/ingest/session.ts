import { Labels } from '@pharos/promql';
import type { LineRefusal, LogAppender, LogLine, StreamRef } from '../sink.ts';

/** Work units between breaths: about 10 ms, when a line costs 1. */
const SLICE = 3000;

/** One request's reading: streams by the text or labels they were sent as, the one line that is reused, and breaths in between. */
export class IngestSession {
  readonly appender: LogAppender;
  readonly line: LogLine = {
    time: { ms: 0, nanos: 0 },
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    metadata: [],
  };
  readonly #breathe: () => Promise<void>;
  #budget = SLICE;

  constructor(appender: LogAppender, breathe: () => Promise<void>) {
    this.appender = appender;
    this.#breathe = breathe;
  }

  /** The stream of a label set, or null when it is refused; its lines are then to be counted by {@link refused}. */
  stream(labels: Labels): StreamRef | null {
    const ref = this.appender.stream(labels);
    return typeof ref === 'number' ? ref : null;
  }

  take(stream: StreamRef): LineRefusal | null {
    this.#budget--;
    return this.appender.append(stream, this.line);
  }

  get tired(): boolean {
    return this.#budget <= 0;
  }

  async rest(): Promise<void> {
    this.#budget = SLICE;
    await this.#breathe();
  }
}

/** Pairs as labels: sorted, empty ones dropped, the last of a name. */
export function labelsOf(pairs: readonly string[]): Labels {
  const map = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i] ?? '', pairs[i + 1] ?? '');
  return Labels.fromMap(map);
}
