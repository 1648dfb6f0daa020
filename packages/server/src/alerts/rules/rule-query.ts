import { Labels, type Queryable, type QueryEngine } from '@pharos/promql';
import { rulesErrors } from './errors.ts';
import type { RuleQuery } from './group-evaluation.ts';

/** Rules' door to PromQL. They take no place in the users' query gate: rules are shed last. */
export function createRuleQuery(engine: QueryEngine, queryable: () => Queryable): RuleQuery {
  return async ({ query, expr }, time, signal) => {
    const result = await engine.instant({ query, expr, time, queryable: queryable(), signal });
    if (result.type === 'vector') return result.samples;
    if (result.type === 'scalar') return [{ labels: Labels.EMPTY, value: result.value }];
    throw rulesErrors.make('query', 'rule result is not a vector or scalar');
  };
}
