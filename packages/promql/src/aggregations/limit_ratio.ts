import { executionError } from '../errors.ts';
import type { VectorValue } from '../eval/value.ts';
import type { Labels } from '../labels.ts';
import { keepChosen } from './choose.ts';
import { scalarParam } from './param.ts';
import type { AggregationInput } from './types.ts';

/**
 * `limit_ratio(r, x)` (experimental): a sample of about the share r of the series, chosen by a hash of the
 * labels, so the same ones every time. A negative r takes exactly those that `1 + r` leaves out.
 */
export function limit_ratio(input: AggregationInput): Promise<VectorValue> {
  const { context, node, vector } = input;
  const ratios = scalarParam(input).map((ratio) => {
    if (Number.isNaN(ratio)) throw executionError('Ratio value is NaN');
    const capped = Math.max(-1, Math.min(1, ratio));
    if (capped !== ratio) context.annotations.invalidRatio(node.param?.span ?? node.span, ratio, capped);
    return capped;
  });
  const places = vector.series.map((series) => placeOf(series.labels));
  return keepChosen(input, (candidates, step) => {
    const ratio = ratios[step] ?? 0;
    return candidates.filter((index) => {
      const place = places[index] ?? 0;
      return ratio >= 0 ? place < ratio : place >= 1 + ratio;
    });
  });
}

/** A number in [0, 1) from a label set, evenly spread: FNV-1a with a final mix. */
function placeOf(labels: Labels): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < labels.key.length; i++) {
    hash ^= labels.key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}
