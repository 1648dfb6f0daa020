import type { Histogram } from './histogram.ts';
import { hasCustomBuckets } from './histogram.ts';

/** The upper bound of exponential bucket `index`: 2^(index * 2^-schema); the last finite one is the largest number. */
export function exponentialBound(index: number, schema: number): number {
  if (schema <= 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const perOctave = 2 ** schema;
  const octave = Math.floor(index / perOctave);
  const within = index - octave * perOctave;
  if (octave === 1024 && within === 0) return Number.MAX_VALUE;
  // Split, so that whole powers stay exact whatever the schema.
  return 2 ** (within / perOctave) * 2 ** octave;
}

/** The upper bound of custom bucket `index`; +Inf after the last value. */
export function customBound(index: number, customValues: Float64Array): number {
  if (index < 0) return Number.NEGATIVE_INFINITY;
  return customValues[index] ?? Number.POSITIVE_INFINITY;
}

/** The upper bound of a positive bucket of a histogram; a negative one mirrors it. */
export function upperBound(histogram: Pick<Histogram, 'schema' | 'customValues'>, index: number): number {
  return hasCustomBuckets(histogram)
    ? customBound(index, histogram.customValues)
    : exponentialBound(index, histogram.schema);
}

export function sameBounds(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bounds two histograms have in common: what both can be told in. */
export function commonBounds(a: Float64Array, b: Float64Array): Float64Array {
  const known = new Set(b);
  return a.filter((bound) => known.has(bound));
}
