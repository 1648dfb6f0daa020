import { commonBounds, sameBounds } from './bounds.ts';
import type { Histogram, ResetHint } from './histogram.ts';
import { createHistogram, hasCustomBuckets } from './histogram.ts';
import type { BucketRow } from './rows.ts';
import { compactRow, rowOf, spansOf, toBounds, toSchema } from './rows.ts';
import type { ZeroSides } from './zero.ts';
import { reconcileZero } from './zero.ts';

/**
 * What adding did: `reconciled` when custom bounds differed and only the common ones were kept; `incompatible` when
 * exponential met custom buckets, which leaves the sum as it was.
 */
export type AddOutcome = 'added' | 'reconciled' | 'incompatible';

/** The whole of a sum's numbers, twice: the sums, and what rounding has taken from them (Neumaier). */
interface Parts {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customValues: Float64Array;
  /** Count, sum and zero count. */
  readonly scalars: Float64Array;
  readonly positive: BucketRow;
  readonly negative: BucketRow;
}

/**
 * A compensated sum of histograms. Resolutions, zero buckets and custom bounds are brought to what all of them can be
 * told in.
 */
export class HistogramSum {
  #sums: Parts;
  #lost: Parts;
  #hint: ResetHint;
  #resetSeen: boolean;
  #noResetSeen: boolean;

  constructor(first: Histogram, factor = 1) {
    this.#sums = scaled(partsOf(first), factor);
    this.#lost = zeroed(this.#sums);
    this.#hint = first.resetHint;
    this.#resetSeen = first.resetHint === 'reset';
    this.#noResetSeen = first.resetHint === 'not_reset';
  }

  /** Both a histogram that says it is a counter's reset and one that says it is none were added. */
  get resetsCollide(): boolean {
    return this.#resetSeen && this.#noResetSeen;
  }

  add(histogram: Histogram, factor = 1): AddOutcome {
    let other = partsOf(histogram);
    const custom = hasCustomBuckets(histogram);
    if (custom !== hasCustomBuckets(this.#sums)) return 'incompatible';
    this.#noteHint(histogram.resetHint);
    const reconciled = custom && !sameBounds(this.#sums.customValues, other.customValues);
    if (reconciled) {
      const bounds = commonBounds(this.#sums.customValues, other.customValues);
      this.#sums = withBounds(this.#sums, bounds);
      this.#lost = withBounds(this.#lost, bounds);
      other = withBounds(other, bounds);
    } else if (!custom) {
      other = this.#alignExponential(other);
    }
    this.#addAligned(factor === 1 ? other : scaled(other, factor));
    return reconciled ? 'reconciled' : 'added';
  }

  /** Of both, the lower resolution and the wider zero bucket. */
  #alignExponential(given: Parts): Parts {
    let other = given;
    if (other.zeroThreshold !== this.#sums.zeroThreshold) {
      const [mine, others] = reconcileZero(sidesOf(this.#settled()), sidesOf(other));
      this.#sums = fromSides(this.#settled(), mine);
      this.#lost = zeroed(this.#sums);
      other = fromSides(other, others);
    }
    const schema = Math.min(this.#sums.schema, other.schema);
    this.#sums = withSchema(this.#sums, schema);
    this.#lost = withSchema(this.#lost, schema);
    return withSchema(other, schema);
  }

  #addAligned(other: Parts): void {
    const { schema, zeroThreshold, customValues } = this.#sums;
    const shape = { schema, zeroThreshold, customValues };
    const scalars = addArrays(this.#sums.scalars, this.#lost.scalars, other.scalars);
    const positive = addRows(this.#sums.positive, this.#lost.positive, other.positive);
    const negative = addRows(this.#sums.negative, this.#lost.negative, other.negative);
    this.#sums = { ...shape, scalars: scalars.sums, positive: positive.sums, negative: negative.sums };
    this.#lost = { ...shape, scalars: scalars.lost, positive: positive.lost, negative: negative.lost };
  }

  /** Gauge if any is one; else what all agree on. */
  #noteHint(hint: ResetHint): void {
    if (hint === 'reset') this.#resetSeen = true;
    if (hint === 'not_reset') this.#noResetSeen = true;
    if (hint === this.#hint || this.#hint === 'gauge') return;
    this.#hint = hint === 'gauge' ? 'gauge' : 'unknown';
  }

  /** Sums with the compensation in them. */
  #settled(): Parts {
    return zip(this.#sums, this.#lost, (sum, lost) => sum + lost);
  }

  toHistogram(resetHint: ResetHint = this.#hint): Histogram {
    return histogramOf(this.#settled(), resetHint);
  }
}

/** A histogram with all counts times a number; a negative one makes it a gauge. */
export function scaleHistogram(histogram: Histogram, factor: number): Histogram {
  const resetHint = factor < 0 ? 'gauge' : histogram.resetHint;
  return histogramOf(scaled(partsOf(histogram), factor), resetHint);
}

/** A histogram with all counts divided; by zero it loses its buckets but for the zero bucket. */
export function divideHistogram(histogram: Histogram, divisor: number): Histogram {
  const parts = partsOf(histogram);
  const divided = zip(parts, parts, (count) => count / divisor);
  const resetHint = divisor < 0 ? 'gauge' : histogram.resetHint;
  const whole = histogramOf(divided, resetHint);
  if (divisor !== 0) return whole;
  const { schema, zeroThreshold, zeroCount, count, sum, customValues } = whole;
  return createHistogram({ schema, zeroThreshold, zeroCount, count, sum, customValues, resetHint });
}

/** Without empty buckets. */
export function compactHistogram(histogram: Histogram): Histogram {
  if (!histogram.positiveBuckets.includes(0) && !histogram.negativeBuckets.includes(0)) return histogram;
  return histogramOf(partsOf(histogram), histogram.resetHint);
}

function partsOf(histogram: Histogram): Parts {
  const { schema, zeroThreshold, customValues, count, sum, zeroCount } = histogram;
  return {
    schema,
    zeroThreshold,
    customValues,
    scalars: Float64Array.of(count, sum, zeroCount),
    positive: rowOf(histogram.positiveSpans, histogram.positiveBuckets),
    negative: rowOf(histogram.negativeSpans, histogram.negativeBuckets),
  };
}

function histogramOf(parts: Parts, resetHint: ResetHint): Histogram {
  const positive = compactRow(parts.positive);
  const negative = compactRow(parts.negative);
  const [count, sum, zeroCount] = parts.scalars;
  return {
    schema: parts.schema,
    zeroThreshold: parts.zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans: spansOf(positive.indexes),
    positiveBuckets: positive.counts,
    negativeSpans: spansOf(negative.indexes),
    negativeBuckets: negative.counts,
    customValues: parts.customValues,
    resetHint,
  };
}

function zip(a: Parts, b: Parts, combine: (a: number, b: number) => number): Parts {
  const arrays = (x: Float64Array, y: Float64Array): Float64Array => x.map((one, i) => combine(one, y[i]));
  return {
    ...a,
    scalars: arrays(a.scalars, b.scalars),
    positive: { indexes: a.positive.indexes, counts: arrays(a.positive.counts, b.positive.counts) },
    negative: { indexes: a.negative.indexes, counts: arrays(a.negative.counts, b.negative.counts) },
  };
}

function scaled(parts: Parts, factor: number): Parts {
  return zip(parts, parts, (count) => count * factor);
}

function zeroed(parts: Parts): Parts {
  return zip(parts, parts, () => 0);
}

function withSchema(parts: Parts, schema: number): Parts {
  if (parts.schema === schema) return parts;
  return {
    ...parts,
    schema,
    positive: toSchema(parts.positive, parts.schema, schema),
    negative: toSchema(parts.negative, parts.schema, schema),
  };
}

function withBounds(parts: Parts, customValues: Float64Array): Parts {
  return { ...parts, customValues, positive: toBounds(parts.positive, parts.customValues, customValues) };
}

function sidesOf({ schema, zeroThreshold, scalars, positive, negative }: Parts): ZeroSides {
  return { schema, threshold: zeroThreshold, zeroCount: scalars[2], positive, negative };
}

function fromSides(parts: Parts, { threshold, zeroCount, positive, negative }: ZeroSides): Parts {
  const scalars = Float64Array.of(parts.scalars[0], parts.scalars[1], zeroCount);
  return { ...parts, zeroThreshold: threshold, scalars, positive, negative };
}

interface Compensated<T> {
  readonly sums: T;
  readonly lost: T;
}

function addArrays(sums: Float64Array, lost: Float64Array, values: Float64Array): Compensated<Float64Array> {
  const result = { sums: sums.slice(), lost: lost.slice() };
  for (let i = 0; i < values.length; i++) addTo(result.sums, result.lost, i, values[i]);
  return result;
}

function addTo(sums: Float64Array, lost: Float64Array, i: number, value: number): void {
  const sum = sums[i];
  const total = sum + value;
  if (!Number.isFinite(total)) lost[i] = 0;
  else if (Math.abs(sum) >= Math.abs(value)) lost[i] = lost[i] + (sum - total + value);
  else lost[i] = lost[i] + (value - total + sum);
  sums[i] = total;
}

function addRows(sums: BucketRow, lost: BucketRow, values: BucketRow): Compensated<BucketRow> {
  const indexes = unionOf(sums.indexes, values.indexes);
  const result = { sums: spread(sums, indexes), lost: spread(lost, indexes) };
  const added = spread(values, indexes);
  for (let i = 0; i < added.length; i++) addTo(result.sums, result.lost, i, added[i]);
  return { sums: { indexes, counts: result.sums }, lost: { indexes, counts: result.lost } };
}

/** Rising indexes of either. */
function unionOf(a: Int32Array, b: Int32Array): Int32Array {
  const union = new Int32Array(a.length + b.length);
  let [i, j, at] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const next = j >= b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
    if (a[i] === next) i++;
    if (b[j] === next) j++;
    union[at++] = next;
  }
  return union.subarray(0, at);
}

/** A fresh array with a row's counts at the places of `indexes`, which hold all of the row's. */
function spread(row: BucketRow, indexes: Int32Array): Float64Array {
  const counts = new Float64Array(indexes.length);
  let i = 0;
  for (let at = 0; at < indexes.length && i < row.indexes.length; at++)
    if (indexes[at] === row.indexes[i]) counts[at] = row.counts[i++];
  return counts;
}
