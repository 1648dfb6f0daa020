import type { VectorValue } from '../eval/value.ts';
import { keepChosen } from './choose.ts';
import { countParam } from './top.ts';
import type { AggregationInput } from './types.ts';

/** `limitk(k, x)` (experimental): any k samples of each group, here the first. */
export function limitk(input: AggregationInput): Promise<VectorValue> {
  const wanted = countParam(input);
  return keepChosen(input, (candidates, step) => candidates.slice(0, Math.max(0, wanted[step] ?? 0)));
}
