import { Labels, type Queryable, type QueryEngine } from '@pharos/promql';
import type { RuleExpr, RuleLanguage } from './definition.ts';
import { rulesErrors } from './errors.ts';
import type { RuleSample } from './state/evaluate.ts';

/** What is asked, and what that says where it is parsed already. */
interface Asked {
  readonly query: string;
  readonly parsed?: RuleExpr | undefined;
}

/** What a query answers at a time (ms). Rejects with an error whose message says why there is no answer, or only a part of one. */
export type RuleQuery = (asked: Asked, time: number, signal: AbortSignal) => Promise<readonly RuleSample[]>;

/** Who answers what is asked in each of the languages. */
export type RuleQueries = Readonly<Record<RuleLanguage, RuleQuery>>;

/** Rules' door to PromQL. They take no place in the users' query gate: rules are shed last. */
export function createRuleQuery(engine: QueryEngine, queryable: () => Queryable): RuleQuery {
  return async ({ query, parsed }, time, signal) => {
    const expr = parsed?.language === 'promql' ? parsed.expr : undefined;
    const result = await engine.instant({ query, expr, time, queryable: queryable(), signal });
    if (result.type === 'vector') return result.samples;
    if (result.type === 'scalar') return [{ labels: Labels.EMPTY, value: result.value }];
    throw rulesErrors.make('query', 'rule result is not a vector or scalar');
  };
}
