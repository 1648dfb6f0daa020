import { FUNCTIONS } from '../functions/registry.ts';
import type { Aggregate, Expr, MatrixSelector, VectorSelector } from '../parse/ast.ts';
import { findDownsamples } from '../plan/downsamples.ts';
import { findPushdowns } from '../plan/pushdown.ts';
import type { Around, SelectionSettings } from '../plan/selections.ts';
import { collectSelections } from '../plan/selections.ts';
import type { Grid } from '../result.ts';
import type {
  Downsampled,
  DownsampleRequest,
  GridSeries,
  PushdownRequest,
  Queryable,
  SelectResult,
  SeriesColumns,
  SeriesScan,
} from '../storage.ts';
import type { EvalContext } from './context.ts';

/** Everything a query read, before its evaluation starts. */
export interface Fetched {
  seriesOf(selector: VectorSelector): readonly SeriesColumns[];
  /** Where the selector's samples are read while it is evaluated; then `seriesOf` has nothing. */
  scanOf(selector: VectorSelector): SeriesScan | undefined;
  /** Where buckets stand for the older samples of a selector; then `seriesOf` has nothing. */
  downsampledOf(selector: VectorSelector): DownsampledSelection | undefined;
  /** How many selectors have buckets. */
  readonly downsampled: number;
  /** Whether every scan saw all there is. */
  isWhole(): boolean;
  /** Aggregations the storage answered, with their series. */
  readonly pushed: ReadonlyMap<Expr, PushedAggregate>;
  readonly samplesRead: number;
  readonly seriesRead: number;
}

export interface PushedAggregate {
  readonly request: PushdownRequest;
  readonly series: readonly GridSeries[];
}

export interface DownsampledSelection extends Downsampled {
  readonly request: DownsampleRequest;
}

export interface FetchInput {
  readonly context: EvalContext;
  readonly queryable: Queryable;
  readonly settings: Omit<SelectionSettings, 'skip' | 'streams' | 'starts'>;
  readonly grid: Grid;
  readonly query: { readonly signal?: AbortSignal | undefined };
  /** Selections may be read series by series while they are evaluated. */
  readonly scan: boolean;
}

/** Asks the storage for the aggregations it may compute, then for all samples the rest of the plan needs. */
export async function fetchSelections(expr: Expr, input: FetchInput): Promise<Fetched> {
  const { context, queryable, settings, grid, query } = input;
  const pushed = await pushDown(expr, input);
  const starts = context.options.startTimestamps === true;
  const downsampled = await askForBuckets(expr, input, new Set(pushed.keys()));
  const scannable = input.scan && queryable.scan !== undefined && !starts;
  const selections = collectSelections(expr, grid, {
    ...settings,
    skip: new Set<Expr>([...pushed.keys(), ...downsampled.keys()]),
    streams: scannable ? isStreamable : () => false,
    starts,
  });
  const counts = { samples: 0 };
  const scans = selections.requests.map((request, index) => {
    const scan = selections.streamed[index] === true ? queryable.scan?.(request) : undefined;
    return scan == null ? undefined : counted(scan, counts);
  });
  const results = await Promise.all(
    selections.requests.map((request, index) =>
      scans[index] === undefined ? queryable.select(request, query.signal) : NOTHING,
    ),
  );
  let samplesRead = 0;
  let seriesRead = scans.reduce((sum, scan) => sum + (scan?.set.count ?? 0), 0);
  for (const result of results) {
    seriesRead += result.series.length;
    for (const series of result.series) samplesRead += series.to - series.from;
    for (const warning of result.warnings ?? []) context.annotations.foreignWarning(warning);
  }
  for (const { raw, pieces, warnings } of downsampled.values()) {
    const read = [...raw, ...pieces.flatMap(({ series }) => series)];
    seriesRead += read.length;
    for (const { from, to } of read) samplesRead += to - from;
    for (const warning of warnings ?? []) context.annotations.foreignWarning(warning);
  }
  context.budget.hold(samplesRead);
  context.budget.check();
  return {
    seriesOf: (selector) => {
      const index = selections.indexOf.get(selector);
      const result = index === undefined ? undefined : results[index];
      return result?.series ?? [];
    },
    scanOf: (selector) => {
      const index = selections.indexOf.get(selector);
      return index === undefined ? undefined : scans[index];
    },
    downsampledOf: (selector) => downsampled.get(selector),
    downsampled: downsampled.size,
    isWhole: () => scans.every((scan) => scan === undefined || scan.isWhole()),
    pushed,
    get samplesRead() {
      return samplesRead + counts.samples;
    },
    seriesRead,
  };
}

const NOTHING: Promise<SelectResult> = Promise.resolve({ series: [] });

/** A scan that tells how many samples went through it. */
function counted(scan: SeriesScan, counts: { samples: number }): SeriesScan {
  return {
    set: scan.set,
    isWhole: () => scan.isWhole(),
    read: (index) => {
      const columns = scan.read(index);
      if (columns !== null) counts.samples += columns.to - columns.from;
      return columns;
    },
  };
}

/** Instant selectors, and range selectors directly under a function that takes each series by itself. */
function isStreamable(node: VectorSelector, matrix: MatrixSelector | undefined, around: Around): boolean {
  if (node.smoothed) return false;
  if (around?.kind === 'call' && (around.func === 'info' || around.func === 'start_timestamp')) return false;
  if (matrix === undefined) return true;
  return around?.kind === 'call' && matrix.edges === 'plain' && FUNCTIONS[around.func].kind === 'range';
}

async function askForBuckets(
  expr: Expr,
  { context, queryable, settings, grid, query }: FetchInput,
  skip: ReadonlySet<Expr>,
): Promise<ReadonlyMap<VectorSelector, DownsampledSelection>> {
  const accepted = new Map<VectorSelector, DownsampledSelection>();
  if (queryable.downsampled === undefined) return accepted;
  const starts = context.options.startTimestamps === true;
  const candidates = findDownsamples(expr, grid, { ...settings, skip, starts });
  const ask = async (selector: VectorSelector, request: DownsampleRequest): Promise<void> => {
    const found = await queryable.downsampled?.(request, query.signal);
    if (found == null) return;
    accepted.set(selector, { ...found, request });
    if (found.note !== undefined) context.annotations.info(selector.span, found.note);
  };
  await Promise.all([...candidates].map(([selector, request]) => ask(selector, request)));
  return accepted;
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
