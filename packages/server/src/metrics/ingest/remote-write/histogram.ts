import type { Histogram, ResetHint } from '@pharos/promql';
import { type ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import { HistogramBuckets } from '../histogram-buckets.ts';
import { histogramProblem, reducedToFinest } from '../histogram-check.ts';

/** The Histogram message, the same in 1.0 and 2.0 but for `start_timestamp` (compat RW-7). */
const TAG = {
  countInt: tagOf(1, WIRE.varint),
  countFloat: tagOf(2, WIRE.fixed64),
  sum: tagOf(3, WIRE.fixed64),
  schema: tagOf(4, WIRE.varint),
  zeroThreshold: tagOf(5, WIRE.fixed64),
  zeroCountInt: tagOf(6, WIRE.varint),
  zeroCountFloat: tagOf(7, WIRE.fixed64),
  resetHint: tagOf(14, WIRE.varint),
  timestamp: tagOf(15, WIRE.varint),
  startTimestamp: tagOf(17, WIRE.varint),
} as const;

const BUCKETS = {
  negativeSpans: 8,
  negativeDeltas: 9,
  negativeCounts: 10,
  positiveSpans: 11,
  positiveDeltas: 12,
  positiveCounts: 13,
  customValues: 16,
} as const;

const RESET_HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/** A histogram sample as it was sent. */
export interface SentHistogram {
  readonly timestamp: number;
  /** 0 for unknown. */
  readonly start: number;
  /** Its sum is the staleness marker: it says only that the series ended (RW-6). */
  readonly stale: boolean;
  readonly histogram: Histogram;
  /** Why it cannot be stored, or null. */
  readonly problem: string | null;
}

/** Reads the message from `reader.at` to `end`. */
export function readHistogram(reader: ProtobufReader, end: number): SentHistogram {
  const fields = new HistogramFields();
  while (reader.at < end) fields.read(reader, reader.uint32());
  reader.leave(end);
  return fields.result();
}

class HistogramFields {
  #timestamp = 0;
  #start = 0;
  #stale = false;
  #isFloat = false;
  #schema = 0;
  #sum = 0;
  #zeroThreshold = 0;
  #resetHint = 0;
  readonly #count = { int: 0, float: 0 };
  readonly #zeroCount = { int: 0, float: 0 };
  readonly #buckets = new HistogramBuckets(BUCKETS);

  read(reader: ProtobufReader, tag: number): void {
    switch (tag) {
      case TAG.countInt:
        this.#count.int = reader.uint64();
        return;
      case TAG.countFloat:
        this.#isFloat = true;
        this.#count.float = reader.double();
        return;
      case TAG.sum:
        this.#stale = isStaleAt(reader);
        this.#sum = reader.double();
        return;
      case TAG.schema:
        this.#schema = reader.sint64();
        return;
      case TAG.zeroThreshold:
        this.#zeroThreshold = reader.double();
        return;
      case TAG.zeroCountInt:
        this.#zeroCount.int = reader.uint64();
        return;
      case TAG.zeroCountFloat:
        this.#zeroCount.float = reader.double();
        return;
      case TAG.resetHint:
        this.#resetHint = reader.int64();
        return;
      case TAG.timestamp:
        this.#timestamp = reader.int64();
        return;
      case TAG.startTimestamp:
        this.#start = reader.int64();
        return;
      default:
        this.#buckets.read(reader, tag);
    }
  }

  result(): SentHistogram {
    const kind = this.#isFloat ? 'float' : 'int';
    const histogram: Histogram = {
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount[kind],
      count: this.#count[kind],
      sum: this.#sum,
      ...this.#buckets.columns(this.#isFloat),
      resetHint: RESET_HINTS[this.#resetHint] ?? 'unknown',
    };
    const problem = this.#stale ? null : histogramProblem(histogram, !this.#isFloat);
    return {
      timestamp: this.#timestamp,
      start: this.#start,
      stale: this.#stale,
      histogram: problem === null && !this.#stale ? reducedToFinest(histogram) : histogram,
      problem,
    };
  }
}

/** Whether the eight bytes that come next are the staleness marker, bit for bit. */
export function isStaleAt(reader: ProtobufReader): boolean {
  const { at, view } = reader;
  return (
    at + 8 <= reader.end &&
    view.getUint32(at, true) === STALE_LOW &&
    view.getUint32(at + 4, true) === STALE_HIGH
  );
}
