import { type Labels, METRIC_NAME } from '@pharos/promql';
import xxhash from 'xxhash-wasm';

/**
 * The identity of a series within its tenant: a 32-bit hash of the metric name and a 64-bit hash of the other
 * labels, kept as two words because BigInt costs an allocation.
 */
export interface SeriesKey {
  readonly metric: number;
  readonly low: number;
  readonly high: number;
}

/** A key as a text, for maps and sets. */
export function keyText(key: SeriesKey): string {
  return `${key.metric} ${key.low} ${key.high}`;
}

export interface SeriesHasher {
  keyOf(labels: Labels): SeriesKey;
  metricHash(name: string): number;
}

/** Seeds are part of the stored format: every writer must use the same. */
const SEED_32 = 0;
const SEED_64 = 0n;

/** Loads the WebAssembly hash once; the functions are synchronous after that. */
export async function createSeriesHasher(): Promise<SeriesHasher> {
  const { h32, h64 } = await xxhash();
  const metricHash = (name: string): number => h32(name, SEED_32) >>> 0;
  return {
    metricHash,
    keyOf(labels) {
      const hash = h64(canonicalText(labels), SEED_64);
      return {
        metric: metricHash(labels.metricName),
        low: Number(hash & 0xffffffffn),
        high: Number(hash >> 32n),
      };
    },
  };
}

/** Length-prefixed, so that no label value can imitate a boundary. */
function canonicalText(labels: Labels): string {
  let text = '';
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    const value = pairs[i + 1] ?? '';
    if (name !== METRIC_NAME) text += `${name.length}:${name}${value.length}:${value}`;
  }
  return text;
}
