import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { askLogRange } from '../../api/log-matrix.ts';
import { rowOf } from '../../api/matrix.ts';
import { askRange } from '../../api/query-client.ts';
import { useLive } from '../../live/provider.tsx';
import { boundsOf, refreshMillis, stepSeconds, type TimeRange } from '../../time/range.ts';
import { rangeKey, useTimeRange } from '../../time/use-range.ts';
import { TimeSeriesChart } from '../../ui/chart/time-series-chart.tsx';
import { useMarkers } from '../../ui/chart/use-markers.ts';
import { formatDuration } from '../../ui/format.ts';
import { ErrorLine } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import type { Alert, Rule, RuleLanguage } from './contracts.ts';
import ofRules from './rules.module.css';
import { rowsAbout, spansOf } from './spans.ts';

const LEAST_REFRESH_MS = 10_000;

/** A query over the page's range, its series named so that their labels can be read. */
export function useCurve(query: string, range: TimeRange, language: RuleLanguage = 'promql') {
  const { paused } = useLive();
  const every = refreshMillis(range);
  return useQuery({
    queryKey: ['alert-curve', query, rangeKey(range), language],
    queryFn: async ({ signal }) => {
      const { from, to } = boundsOf(range, Date.now());
      const step = stepSeconds((to - from) / 1000, 5);
      const grid = {
        start: Math.ceil(from / 1000 / step) * step,
        end: Math.floor(to / 1000 / step) * step,
        step,
      };
      if (language === 'logql') return await askLogRange({ query, ...grid }, signal);
      return (await askRange({ query, ...grid, naming: 'selector' }, signal)).matrix;
    },
    enabled: query !== '',
    refetchInterval: paused || every === false ? false : Math.max(LEAST_REFRESH_MS, every),
    placeholderData: (previous, before) => (before?.queryKey[1] === query ? previous : undefined),
    structuralSharing: false,
    retry: false,
  });
}

/** "> 0.05 for 5 min" */
function conditionOf({ chart: { threshold }, for_ms: forMs }: Rule): string {
  const holds = forMs === 0 ? 'fires at once' : `fires when it holds for ${formatDuration(forMs)}`;
  return threshold === null ? holds : `${threshold.op} ${threshold.value}: ${holds}`;
}

export interface RuleChartProps {
  readonly rule: Rule;
  /** Only its curve, and when it was pending and fired. */
  readonly alert?: Alert;
  readonly historyQuery?: string;
}

/** The curve of a rule's condition with its limit, and the times in which its alert was pending and fired. */
export function RuleChart({ rule, alert, historyQuery = '' }: RuleChartProps) {
  const [range] = useTimeRange();
  const curve = useCurve(rule.chart.query, range, rule.language);
  const history = useCurve(historyQuery, range);
  const markers = useMarkers();
  const rows = useMemo(() => {
    if (curve.data === undefined) return [];
    const matrix = curve.data;
    const shown =
      alert === undefined ? matrix.names.map((_, index) => index) : rowsAbout(matrix.names, alert.labels);
    return shown.map((index) => ({ name: matrix.names[index] ?? '', values: rowOf(matrix, index) }));
  }, [curve.data, alert]);
  const bands = useMemo(
    () =>
      history.data === undefined
        ? []
        : spansOf(history.data).map(({ state, from, to }) => ({
            from,
            to,
            status: state === 'firing' ? ('unhealthy' as const) : ('degraded' as const),
          })),
    [history.data],
  );
  const { threshold } = rule.chart;
  const thresholds = useMemo(
    () =>
      threshold === null ? [] : [{ value: threshold.value, label: `${threshold.op} ${threshold.value}` }],
    [threshold],
  );
  return (
    <div className={ofRules['chart']}>
      {curve.error !== null && <ErrorLine what="Its curve" error={curve.error} />}
      <TimeSeriesChart
        title="Its condition"
        note={conditionOf(rule)}
        unit="number"
        times={curve.data?.times ?? []}
        rows={rows}
        range={range}
        asOf={curve.dataUpdatedAt || Date.now()}
        loading={curve.isLoading}
        markers={markers}
        bands={bands}
        thresholds={thresholds}
        height={200}
      />
      {rule.language === 'logql' ? (
        <Link to="/logs" search={{ q: rule.chart.query }} className={styles['link']}>
          Open in the logs
        </Link>
      ) : (
        <Link to="/explore" search={{ q: [rule.chart.query] }} className={styles['link']}>
          Open in the explorer
        </Link>
      )}
    </div>
  );
}
