import type { Duration, Expr, TimeModifiers } from '../parse/ast.ts';
import { walk } from '../parse/ast.ts';

/**
 * Whether the value at a step depends on the time of that step and on samples up to it alone, not on where the query starts
 * and ends, nor on what comes later: then a step computed once holds until one of those samples changes.
 */
export function isStepwise(expr: Expr): boolean {
  for (const node of walk(expr)) if (!isStepwiseNode(node)) return false;
  return true;
}

function isStepwiseNode(node: Expr): boolean {
  switch (node.kind) {
    case 'vector':
      return looksBack(node) && !node.smoothed;
    case 'matrix':
      return isPlain(node.range) && node.edges === 'plain';
    case 'subquery':
      return looksBack(node) && isPlain(node.range) && isPlain(node.step);
    case 'aggregate':
      // The first k are those the storage gives first, which may be others when less is asked for.
      return node.op !== 'limitk';
    case 'call':
      return node.func !== 'info';
    case 'number':
    case 'string':
    case 'paren':
    case 'unary':
    case 'binary':
      return true;
  }
}

function looksBack({ at, offset }: TimeModifiers): boolean {
  return at === undefined && isPlain(offset) && offset >= 0;
}

/** Not an expression over the query's own step and range. */
function isPlain(duration: Duration): duration is number {
  return typeof duration === 'number';
}
