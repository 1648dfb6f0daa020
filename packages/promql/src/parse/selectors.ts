import type { Matcher } from '../matcher.ts';
import type { Expr } from './ast.ts';
import { walk } from './ast.ts';

/** The matchers of every selector of a query, in source order. */
export function extractSelectors(expr: Expr): readonly (readonly Matcher[])[] {
  const found: (readonly Matcher[])[] = [];
  for (const node of walk(expr)) if (node.kind === 'vector') found.push(node.matchers);
  return found;
}
