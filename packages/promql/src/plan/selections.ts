import { compareText } from '../labels.ts';
import type { Matcher } from '../matcher.ts';
import type { Aggregate, Call, Expr, MatrixSelector, VectorSelector } from '../parse/ast.ts';
import { unwrapParens } from '../parse/ast.ts';
import type { Grid } from '../result.ts';
import type { SelectHints, SelectRequest } from '../storage.ts';
import { innerGrid, milliseconds, reachOf, timeSpan } from './grids.ts';

/** What a plan must read: each request once, however many selectors share it. */
export interface Selections {
  readonly requests: readonly SelectRequest[];
  /** Index into `requests`. */
  readonly indexOf: ReadonlyMap<VectorSelector, number>;
  /** Per request: every selector that shares it can read it series by series. */
  readonly streamed: readonly boolean[];
}

export interface SelectionSettings {
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
  readonly invariants: ReadonlySet<Expr>;
  /** Start times are wanted of everything. */
  readonly starts: boolean;
  /** Subtrees the storage has computed already, and selectors whose samples are here already. */
  readonly skip: ReadonlySet<Expr>;
  /** Whether a selector's samples can be read series by series, given the range selector and the call around it. */
  readonly streams: (node: VectorSelector, matrix: MatrixSelector | undefined, around: Around) => boolean;
}

interface Draft {
  matchers: readonly Matcher[];
  startExclusive: number;
  end: number;
  hints: SelectHints;
  streamed: boolean;
}

export type Around = Call | Aggregate | undefined;

/** Walks a resolved tree and collects the selections; equal matchers over touching times become one. */
export function collectSelections(expr: Expr, grid: Grid, settings: SelectionSettings): Selections {
  const drafts: Draft[] = [];
  const byMatchers = new Map<string, number[]>();
  const indexOf = new Map<VectorSelector, number>();
  const { lookbackMs } = settings;
  const add = (node: VectorSelector, matrix: MatrixSelector | undefined, on: Grid, around: Around): void => {
    if (settings.skip.has(node)) return;
    const { first, last } = timeSpan(node, on);
    const range = matrix === undefined ? 0 : milliseconds(matrix.range);
    const { before, after } = reachOf(matrix?.edges ?? (node.smoothed ? 'smoothed' : 'plain'), lookbackMs);
    const draft = {
      matchers: node.matchers,
      startExclusive: first - (matrix === undefined ? lookbackMs : range + before),
      end: last + after,
      hints: hintsOf(on, range, around, settings.starts),
      streamed: settings.streams(node, matrix, around),
    };
    const key = matchersKey(node.matchers);
    const candidates = byMatchers.get(key) ?? [];
    const fit = candidates.find((index) => touches(drafts[index], draft));
    if (fit === undefined) {
      byMatchers.set(key, [...candidates, drafts.length]);
      indexOf.set(node, drafts.length);
      drafts.push(draft);
    } else {
      widen(drafts[fit], draft);
      indexOf.set(node, fit);
    }
  };
  const visit = (node: Expr, outer: Grid, around: Around): void => {
    if (settings.skip.has(node)) return;
    const on = settings.invariants.has(node) ? { ...outer, count: 1 } : outer;
    switch (node.kind) {
      case 'number':
      case 'string':
        return;
      case 'vector':
        return add(node, undefined, on, around);
      case 'matrix':
        return add(node.vector, node, on, around);
      case 'subquery': {
        const inner = innerGrid(node, on, settings.subqueryStepMs);
        if (inner.count > 0) visit(node.expr, inner, undefined);
        return;
      }
      case 'paren':
        return visit(node.expr, on, around);
      case 'unary':
        return visit(node.expr, on, undefined);
      case 'binary':
        visit(node.left, on, undefined);
        return visit(node.right, on, undefined);
      case 'call':
        return node.args.forEach((arg) => visit(arg, on, node));
      case 'aggregate':
        if (node.param !== undefined) visit(node.param, on, undefined);
        return visit(node.expr, on, unwrapParens(node.expr).kind === 'vector' ? node : undefined);
    }
  };
  visit(expr, grid, undefined);
  return { requests: drafts, indexOf, streamed: drafts.map(({ streamed }) => streamed) };
}

/** What is told of a selector on a grid. */
export function hintsOf(grid: Grid, range: number, around: Around, allStarts: boolean): SelectHints {
  const starts = allStarts || (around?.kind === 'call' && around.func === 'start_timestamp');
  const end = grid.start + grid.step * (grid.count - 1);
  const base = { start: grid.start, end, step: grid.step, range, ...(starts ? { starts } : {}) };
  if (around === undefined) return base;
  if (around.kind === 'call') return { ...base, func: around.func };
  return { ...base, func: around.op, by: !around.without, grouping: around.grouping };
}

function matchersKey(matchers: readonly Matcher[]): string {
  const texts = matchers.map(({ name, op, value }) => JSON.stringify([name, op, value]));
  return texts.sort(compareText).join();
}

function touches(known: Draft | undefined, draft: Draft): boolean {
  return known !== undefined && known.startExclusive <= draft.end && draft.startExclusive <= known.end;
}

function widen(known: Draft | undefined, draft: Draft): void {
  if (known === undefined) return;
  known.startExclusive = Math.min(known.startExclusive, draft.startExclusive);
  known.end = Math.max(known.end, draft.end);
  known.streamed &&= draft.streamed;
  const starts = known.hints.starts === true || draft.hints.starts === true;
  if (known.hints.func !== draft.hints.func || known.hints.range !== draft.hints.range) {
    const { start, end, step } = known.hints;
    known.hints = { start, end, step, range: Math.max(known.hints.range, draft.hints.range) };
  }
  if (starts) known.hints = { ...known.hints, starts };
}
