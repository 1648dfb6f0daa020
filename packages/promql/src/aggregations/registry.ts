import type { AggregatorName } from '../parse/tokens.ts';
import { avg } from './avg.ts';
import { bottomk } from './bottomk.ts';
import { count } from './count.ts';
import { count_values } from './count_values.ts';
import { group } from './group.ts';
import { limit_ratio } from './limit_ratio.ts';
import { limitk } from './limitk.ts';
import { max } from './max.ts';
import { min } from './min.ts';
import { quantile } from './quantile.ts';
import { stddev } from './stddev.ts';
import { stdvar } from './stdvar.ts';
import { sum } from './sum.ts';
import { topk } from './topk.ts';
import type { Aggregation } from './types.ts';

/** Every aggregation operator; a missing one does not compile. */
export const AGGREGATIONS: Readonly<Record<AggregatorName, Aggregation>> = {
  sum,
  avg,
  count,
  min,
  max,
  group,
  stddev,
  stdvar,
  topk,
  bottomk,
  count_values,
  quantile,
  limitk,
  limit_ratio,
};
