import type { AggregationInput } from './types.ts';

/** The scalar parameter of an aggregation, one value per step. */
export function scalarParam(input: AggregationInput): Float64Array {
  const { param } = input;
  if (param?.type !== 'scalar') throw new TypeError('aggregation parameter is no scalar');
  return param.values;
}
