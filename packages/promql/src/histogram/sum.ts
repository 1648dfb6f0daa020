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

/** A histogram with its buckets' indexes written out. */
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
 * told in; while all have one layout, which is the rule, counts are added in place.
 */
export class HistogramSum {
  #sums: Histogram;
  /** What rounding has taken, in the layout of the sums; count, sum and zero count among them. */
  #lost: Histogram;
  readonly #scalars: Float64Array;
  readonly #scalarsLost = new Float64Array(3);
  #hint: ResetHint;
  #resetSeen: boolean;
  #noResetSeen: boolean;

  constructor(first: Histogram, factor = 1) {
    const { count, sum, zeroCount, resetHint } = first;
    this.#sums = withBuckets(first, (value) => value * factor);
    this.#lost = withBuckets(first, () => 0);
    this.#scalars = Float64Array.of(count * factor, sum * factor, zeroCount * factor);
    this.#hint = resetHint;
    this.#resetSeen = resetHint === 'reset';
    this.#noResetSeen = resetHint === 'not_reset';
  }

  /** Both a histogram that says it is a counter's reset and one that says it is none were added. */
  get resetsCollide(): boolean {
    return this.#resetSeen && this.#noResetSeen;
  }

  add(histogram: Histogram, factor = 1): AddOutcome {
    const custom = hasCustomBuckets(histogram);
    if (custom !== hasCustomBuckets(this.#sums)) return 'incompatible';
    this.#noteHint(histogram.resetHint);
    let other = histogram;
    let outcome: AddOutcome = 'added';
    if (!sameLayout(this.#sums, histogram)) {
      if (custom && !sameBounds(this.#sums.customValues, histogram.customValues)) outcome = 'reconciled';
      other = this.#align(histogram);
    }
    const scalars = [other.count, other.sum, other.zeroCount] as const;
    for (let i = 0; i < 3; i++) addTo(this.#scalars, this.#scalarsLost, i, scalars[i] * factor);
    addAll(this.#sums.positiveBuckets, this.#lost.positiveBuckets, other.positiveBuckets, factor);
    addAll(this.#sums.negativeBuckets, this.#lost.negativeBuckets, other.negativeBuckets, factor);
    return outcome;
  }

  /** Brings the sum to the layout that can hold both, and answers the other one in it. */
  #align(histogram: Histogram): Histogram {
    let [sums, lost, other] = [this.#current(), partsOf(this.#lost), partsOf(histogram)];
    if (hasCustomBuckets(histogram)) {
      const bounds = commonBounds(sums.customValues, other.customValues);
      [sums, lost, other] = [withBounds(sums, bounds), withBounds(lost, bounds), withBounds(other, bounds)];
    } else {
      if (sums.zeroThreshold !== other.zeroThreshold) {
        const settled = partsOf(this.toHistogram());
        const [mine, others] = reconcileZero(sidesOf(settled), sidesOf(other));
        sums = fromSides(settled, mine);
        lost = zeroed(sums);
        this.#scalarsLost.fill(0);
        other = fromSides(other, others);
      }
      const schema = Math.min(sums.schema, other.schema);
      [sums, lost, other] = [withSchema(sums, schema), withSchema(lost, schema), withSchema(other, schema)];
    }
    const [positive, negative] = [
      unionOf(sums.positive, other.positive),
      unionOf(sums.negative, other.negative),
    ];
    this.#scalars.set(sums.scalars);
    this.#sums = spreadOver(sums, positive, negative);
    this.#lost = spreadOver(lost, positive, negative);
    return spreadOver(other, positive, negative);
  }

  #current(): Parts {
    return { ...partsOf(this.#sums), scalars: this.#scalars };
  }

  /** Gauge if any is one; else what all agree on. */
  #noteHint(hint: ResetHint): void {
    if (hint === 'reset') this.#resetSeen = true;
    if (hint === 'not_reset') this.#noResetSeen = true;
    if (hint === this.#hint || this.#hint === 'gauge') return;
    this.#hint = hint === 'gauge' ? 'gauge' : 'unknown';
  }

  /** The sum with the compensation in it, without empty buckets. */
  toHistogram(resetHint: ResetHint = this.#hint): Histogram {
    const [count, sum, zeroCount] = this.#scalars.map((value, i) => value + this.#scalarsLost[i]);
    const { positiveBuckets, negativeBuckets } = this.#lost;
    return compactHistogram({
      ...this.#sums,
      count,
      sum,
      zeroCount,
      positiveBuckets: this.#sums.positiveBuckets.map((value, i) => value + positiveBuckets[i]),
      negativeBuckets: this.#sums.negativeBuckets.map((value, i) => value + negativeBuckets[i]),
      resetHint,
    });
  }
}

/** The same layout with other bucket counts, in arrays of its own. */
function withBuckets(histogram: Histogram, change: (count: number) => number): Histogram {
  return {
    ...histogram,
    positiveBuckets: histogram.positiveBuckets.map(change),
    negativeBuckets: histogram.negativeBuckets.map(change),
  };
}

/** Whether the counts of two histograms stand for the same buckets. */
export function sameLayout(a: Histogram, b: Histogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    sameNumbers(a.positiveSpans, b.positiveSpans) &&
    sameNumbers(a.negativeSpans, b.negativeSpans) &&
    sameBounds(a.customValues, b.customValues)
  );
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A histogram with all counts times a number; a negative one makes it a gauge. */
export function scaleHistogram(histogram: Histogram, factor: number): Histogram {
  return changeCounts(histogram, factor < 0, (value) => value * factor);
}

/** A histogram with all counts divided; by zero it loses its buckets but for the zero bucket. */
export function divideHistogram(histogram: Histogram, divisor: number): Histogram {
  const whole = changeCounts(histogram, divisor < 0, (value) => value / divisor);
  if (divisor !== 0) return whole;
  const { schema, zeroThreshold, zeroCount, count, sum, customValues, resetHint } = whole;
  return createHistogram({ schema, zeroThreshold, zeroCount, count, sum, customValues, resetHint });
}

function changeCounts(histogram: Histogram, negative: boolean, change: (count: number) => number): Histogram {
  return compactHistogram({
    ...withBuckets(histogram, change),
    count: change(histogram.count),
    sum: change(histogram.sum),
    zeroCount: change(histogram.zeroCount),
    resetHint: negative ? 'gauge' : histogram.resetHint,
  });
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

/** Adds an array of the same layout to compensated sums. */
function addAll(sums: Float64Array, lost: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) addTo(sums, lost, i, values[i] * factor);
}

function addTo(sums: Float64Array, lost: Float64Array, i: number, value: number): void {
  const sum = sums[i];
  const total = sum + value;
  if (!Number.isFinite(total)) lost[i] = 0;
  else if (Math.abs(sum) >= Math.abs(value)) lost[i] = lost[i] + (sum - total + value);
  else lost[i] = lost[i] + (value - total + sum);
  sums[i] = total;
}

/** Rising indexes of either. */
function unionOf({ indexes: a }: BucketRow, { indexes: b }: BucketRow): Int32Array {
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

/** Parts as a histogram with a bucket at each of the given indexes, which hold all of theirs. */
function spreadOver(parts: Parts, positive: Int32Array, negative: Int32Array): Histogram {
  const [count, sum, zeroCount] = parts.scalars;
  return {
    schema: parts.schema,
    zeroThreshold: parts.zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans: spansOf(positive),
    positiveBuckets: spread(parts.positive, positive),
    negativeSpans: spansOf(negative),
    negativeBuckets: spread(parts.negative, negative),
    customValues: parts.customValues,
    resetHint: 'unknown',
  };
}

/** A fresh array with a row's counts at the places of `indexes`, which hold all of the row's. */
function spread(row: BucketRow, indexes: Int32Array): Float64Array {
  const counts = new Float64Array(indexes.length);
  let i = 0;
  for (let at = 0; at < indexes.length && i < row.indexes.length; at++)
    if (indexes[at] === row.indexes[i]) counts[at] = row.counts[i++];
  return counts;
}
