import { Labels } from '@pharos/promql';
import type { Redactor } from '../redact/redactor.ts';
import type { LineRefusal, LineTaker, LogLine, StreamRef } from '../sink.ts';

/** Work units between breaths: about 10 ms, when a line costs 1. */
const SLICE = 3000;
/** Texts of metadata that cost as much as a line. */
const PAIRS_PER_UNIT = 32;

/** Where a sender's lines go: a stream, or nowhere, for a reason. */
export type Target = StreamRef | LineRefusal;

/**
 * Whether a target's lines are read at all. One stream too many is known only where streams are kept, which may be after its lines were
 * read: so they always are, and what is wrong with a line itself is what is said of it.
 */
export function isReadFor(target: Target): boolean {
  return typeof target === 'number' || target.reason === 'stream_limit';
}

/** One request's reading: the streams it names, the one line that is used again and again, and breaths in between. */
export class IngestSession {
  readonly appender: LineTaker;
  readonly line: LogLine = {
    time: { ms: 0, nanos: 0 },
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    metadata: [],
  };
  readonly #breathe: () => Promise<void>;
  readonly #redactor: Redactor | undefined;
  #budget = SLICE;

  constructor(appender: LineTaker, breathe: () => Promise<void>, redactor?: Redactor) {
    this.appender = appender;
    this.#breathe = breathe;
    this.#redactor = redactor;
  }

  target(labels: Labels): Target {
    return this.appender.stream(this.#redactor?.labels(labels) ?? labels);
  }

  /** Takes the line as it stands, or counts it when its stream is refused. */
  take(target: Target): void {
    this.#budget -= 1 + this.line.metadata.length / PAIRS_PER_UNIT;
    if (isReadFor(target)) this.#redactor?.apply(this.line);
    if (typeof target === 'number') this.appender.append(target, this.line);
    else this.appender.refuse((isReadFor(target) ? this.appender.problem(this.line) : null) ?? target);
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
