import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Frame } from '../../../api/frame.ts';
import { askFrame } from '../../../api/query-client.ts';
import { useLive } from '../../../live/provider.tsx';
import { boundsOf, parseDuration, refreshMillis, type TimeRange } from '../../../time/range.ts';
import { rangeKey } from '../../../time/use-range.ts';
import type { Panel, PanelQuery, PanelType } from '../model.ts';
import { fillQuery, fillText, type Values } from '../vars/interpolate.ts';
import { builtIns, leastStep, stepFor } from '../vars/steps.ts';

/** Most series that cross from the worker to each kind of panel. A panel that got fewer than there are says so. */
export const SERIES_LIMITS: Readonly<Record<PanelType, number>> = {
  timeseries: 60,
  stat: 48,
  gauge: 48,
  bar: 100,
  table: 1000,
  heatmap: 200,
  statetimeline: 50,
  text: 0,
  row: 0,
  unsupported: 0,
};

export interface Asked {
  readonly ref: string;
  readonly expr: string;
  readonly instant: boolean;
  readonly exemplars: boolean;
}

export interface PanelData {
  readonly frames: readonly Frame[];
  readonly total: number;
  readonly loading: boolean;
  readonly error: Error | null;
  /** Bounds of what was asked for, epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly warnings: readonly string[];
  /** The queries as they were sent, variables filled in. */
  readonly asked: readonly Asked[];
  readonly skipped: readonly PanelQuery[];
}

export interface PanelDataOptions {
  readonly panel: Panel;
  readonly values: Values;
  readonly range: TimeRange;
  readonly refresh: string;
  /** Pixels; decides how many points there are. */
  readonly width: number;
  readonly enabled: boolean;
  readonly search: string;
}

const MIN_STEP = 5;

/** A panel may look at another span than its page, or at the same one further back. */
function panelRange(range: TimeRange, timeFrom: string, values: Values): TimeRange {
  const own = timeFrom === '' ? null : parseDuration(fillText(timeFrom, values).replace(/^now-/, ''));
  return own === null ? range : { kind: 'relative', range: `${own}s`, seconds: own };
}

function interval(range: TimeRange, refresh: string): number | false {
  if (refresh === 'off' || range.kind === 'absolute') return false;
  const own = refresh === '' ? null : parseDuration(refresh);
  return own === null ? Math.max(10_000, Number(refreshMillis(range))) : Math.max(2000, own * 1000);
}

/** The answers to all queries of a panel, capped, refreshed, and kept while the next ones come. */
export function usePanelData(options: PanelDataOptions): PanelData {
  const { panel, values, search, enabled } = options;
  const { paused } = useLive();
  const range = panelRange(options.range, panel.timeFrom, values);
  const shiftMs = panel.timeShift === '' ? 0 : (parseDuration(fillText(panel.timeShift, values)) ?? 0) * 1000;
  const span = range.kind === 'relative' ? range.seconds : (range.to - range.from) / 1000;
  const points = Math.min(panel.maxPoints ?? 2000, Math.max(60, Math.round(options.width / 4)));
  const asked = panel.queries.filter(
    (query) => query.source === 'metrics' && query.expr.trim() !== '' && !query.hidden,
  );
  const limit = SERIES_LIMITS[panel.type];
  const histograms = panel.type === 'heatmap' ? 'buckets' : 'quantiles';
  const refetchInterval = paused ? false : interval(range, options.refresh);
  const plans = asked.map((query) => {
    const step = Math.max(
      stepFor(span, points, Math.max(MIN_STEP, leastStep([panel.interval, query.interval], values))),
      1,
    );
    const fixed = range.kind === 'absolute' ? range : { from: 0, to: span * 1000 };
    const known: Values = new Map([...builtIns(step, fixed.from, fixed.to), ...values]);
    return { query, step, expr: fillQuery(query.expr, known), legend: fillText(query.legend, known) };
  });
  const results = useQueries({
    queries: plans.map(({ query, step, expr, legend }) => ({
      queryKey: [
        'panel',
        query.ref,
        expr,
        legend,
        query.instant,
        step,
        limit,
        histograms,
        search,
        shiftMs,
        rangeKey(range),
      ],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const now = boundsOf(range, Date.now() - shiftMs);
        const end = Math.floor(now.to / 1000 / step) * step;
        const start = Math.ceil(now.from / 1000 / step) * step;
        const at = query.instant
          ? { start: now.to / 1000, end: now.to / 1000, step: 0 }
          : { start, end, step };
        return askFrame({ query: expr, legend, ref: query.ref, limit, search, histograms, ...at }, signal);
      },
      enabled,
      refetchInterval,
      placeholderData: keepPreviousData,
      structuralSharing: false,
    })),
  });
  const version = results.map(({ dataUpdatedAt, status }) => `${dataUpdatedAt}${status}`).join();
  const frames = useMemo(() => results.flatMap(({ data }) => data?.frame ?? []), [version, plans.length]);
  const newest = Math.max(0, ...results.map(({ dataUpdatedAt }) => dataUpdatedAt));
  const bounds = boundsOf(range, (newest === 0 ? Date.now() : newest) - shiftMs);
  return {
    frames,
    total: frames.reduce((sum, frame) => sum + frame.total, 0),
    loading: plans.length > 0 && frames.length === 0 && results.every(({ isPending }) => isPending),
    error: results.find(({ error }) => error !== null)?.error ?? null,
    ...bounds,
    step: plans[0]?.step ?? 0,
    warnings: [...new Set(frames.flatMap(({ warnings }) => warnings))],
    asked: plans.map(({ query: { ref, instant, exemplars }, expr }) => ({ ref, expr, instant, exemplars })),
    skipped: panel.queries.filter(({ source }) => source !== 'metrics'),
  };
}
