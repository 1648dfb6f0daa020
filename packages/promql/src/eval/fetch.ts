import type { Aggregate, Expr, VectorSelector } from '../parse/ast.ts';
import { findPushdowns } from '../plan/pushdown.ts';
import type { SelectionSettings } from '../plan/selections.ts';
import { collectSelections } from '../plan/selections.ts';
import type { Grid } from '../result.ts';
import type { GridSeries, PushdownRequest, Queryable, SeriesColumns } from '../storage.ts';
import type { EvalContext } from './context.ts';

/** Everything a query read, before its evaluation starts. */
export interface Fetched {
  seriesOf(selector: VectorSelector): readonly SeriesColumns[];
  /** Aggregations the storage answered, with their series. */
  readonly pushed: ReadonlyMap<Expr, PushedAggregate>;
  readonly samplesRead: number;
  readonly seriesRead: number;
}

export interface PushedAggregate {
  readonly request: PushdownRequest;
  readonly series: readonly GridSeries[];
}

export interface FetchInput {
  readonly context: EvalContext;
  readonly queryable: Queryable;
  readonly settings: Omit<SelectionSettings, 'skip'>;
  readonly grid: Grid;
  readonly query: { readonly signal?: AbortSignal | undefined };
}

/** Asks the storage for the aggregations it may compute, then for all samples the rest of the plan needs. */
export async function fetchSelections(expr: Expr, input: FetchInput): Promise<Fetched> {
  const { context, queryable, settings, grid, query } = input;
  const pushed = await pushDown(expr, input);
  const selections = collectSelections(expr, grid, { ...settings, skip: new Set(pushed.keys()) });
  const results = await Promise.all(
    selections.requests.map((request) => queryable.select(request, query.signal)),
  );
  let samplesRead = 0;
  let seriesRead = 0;
  for (const result of results) {
    seriesRead += result.series.length;
    for (const series of result.series) samplesRead += series.to - series.from;
    for (const warning of result.warnings ?? []) context.annotations.foreignWarning(warning);
  }
  context.budget.hold(samplesRead);
  context.budget.check();
  return {
    seriesOf: (selector) => {
      const index = selections.indexOf.get(selector);
      const result = index === undefined ? undefined : results[index];
      return result?.series ?? [];
    },
    pushed,
    samplesRead,
    seriesRead,
  };
}

async function pushDown(expr: Expr, input: FetchInput): Promise<ReadonlyMap<Expr, PushedAggregate>> {
  const { context, queryable, settings, grid, query } = input;
  const accepted = new Map<Expr, PushedAggregate>();
  if (queryable.pushdown === undefined || context.options.pushdown === false) return accepted;
  const candidates = findPushdowns(expr, grid, {
    ...settings,
    delayedNameRemoval: context.options.delayedNameRemoval === true,
  });
  const ask = async (node: Aggregate, request: PushdownRequest): Promise<void> => {
    const series = await queryable.pushdown?.(request, query.signal);
    if (series != null) accepted.set(node, { request, series });
  };
  await Promise.all([...candidates].map(([node, request]) => ask(node, request)));
  return accepted;
}
