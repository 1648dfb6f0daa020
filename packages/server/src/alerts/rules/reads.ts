import { type Expr, extractSelectors, METRIC_NAME } from '@pharos/promql';
import type { RuleExpr } from './definition.ts';

/** Log lines are written by no rule. */
const NONE: ReadonlySet<string> = new Set();
const known = new WeakMap<Expr, ReadonlySet<string> | null>();

/** The names of metrics an expression reads; null where they cannot be told, such as `{job="x"}` or `{__name__=~"a.*"}`. */
export function metricsRead(parsed: RuleExpr): ReadonlySet<string> | null {
  return parsed.language === 'promql' ? namesRead(parsed.expr) : NONE;
}

function namesRead(expr: Expr): ReadonlySet<string> | null {
  // Asked of the same expressions at every evaluation.
  let read = known.get(expr);
  if (read === undefined) known.set(expr, (read = namesIn(expr)));
  return read;
}

function namesIn(expr: Expr): ReadonlySet<string> | null {
  const names = new Set<string>();
  for (const matchers of extractSelectors(expr)) {
    const exact = matchers.find(({ name, literals }) => name === METRIC_NAME && literals !== undefined);
    if (exact?.literals === undefined) return null;
    for (const name of exact.literals) names.add(name);
  }
  return names;
}

/** Whether an expression that reads these may see one of those. */
export function mayRead(reads: ReadonlySet<string> | null, written: ReadonlySet<string>): boolean {
  if (written.size === 0) return false;
  if (reads === null) return true;
  for (const name of reads) if (written.has(name)) return true;
  return false;
}
