import { executionError } from '../errors.ts';
import type { VectorValue } from '../eval/value.ts';
import { formatGeneral } from '../text/format-value.ts';
import { keepChosen } from './choose.ts';
import { withoutHistograms } from './folding.ts';
import { scalarParam } from './param.ts';
import type { Aggregation, AggregationInput } from './types.ts';

/** `topk` and `bottomk`: the k samples of a group that come first by `before`; NaN comes last, ties keep order. */
export function top(before: (a: number, b: number) => number): Aggregation {
  return (given) => {
    const input = withoutHistograms(given);
    const wanted = countParam(input);
    return keepChosen(input, (candidates, step) =>
      best(input.vector, candidates, step, wanted[step] ?? 0, before),
    );
  };
}

/** The parameter of topk, bottomk and limitk as whole numbers. */
export function countParam(input: AggregationInput): Float64Array {
  const wanted = scalarParam(input);
  for (const k of wanted) {
    if (Number.isNaN(k)) throw executionError('Parameter value is NaN');
    if (Math.abs(k) >= 2 ** 63) throw executionError(`Scalar value ${formatGeneral(k)} overflows int64`);
  }
  return wanted.map(Math.trunc);
}

function best(
  vector: VectorValue,
  candidates: readonly number[],
  step: number,
  wanted: number,
  before: (a: number, b: number) => number,
): readonly number[] {
  if (wanted < 1) return [];
  const valueOf = (index: number): number => vector.series[index]?.values[step] ?? Number.NaN;
  const compare = (a: number, b: number): number => {
    const left = valueOf(a);
    const right = valueOf(b);
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return before(left, right);
  };
  if (wanted > INSERTION_LIMIT) return [...candidates].sort(compare).slice(0, wanted);
  return insertBest(candidates, wanted, compare);
}

/** Up to this many wanted, inserting into a short list beats sorting all candidates. */
const INSERTION_LIMIT = 32;

function insertBest(
  candidates: readonly number[],
  wanted: number,
  compare: (a: number, b: number) => number,
): readonly number[] {
  const kept: number[] = [];
  for (const candidate of candidates) {
    let at = kept.length;
    while (at > 0 && compare(candidate, kept[at - 1]) < 0) at--;
    if (at >= wanted) continue;
    kept.splice(at, 0, candidate);
    if (kept.length > wanted) kept.pop();
  }
  return kept;
}
