import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { rowOf } from '../../../api/matrix.ts';
import { DEFAULT_RANGE, parseDuration, type TimeRange } from '../../../time/range.ts';
import { useTimeRange } from '../../../time/use-range.ts';
import { TimeSeriesChart } from '../../../ui/chart/time-series-chart.tsx';
import { useMarkers } from '../../../ui/chart/use-markers.ts';
import { ErrorLine } from '../../../ui/states.tsx';
import { History } from '../history.tsx';
import { useCurve } from '../rule-chart.tsx';
import type { WholeSlo } from './contracts.ts';
import own from './slos.module.css';
import { nothingDrawn, usualRange, windowOfSeries } from './words.ts';

const ZERO = [{ value: 0, label: 'used up' }];

function relative(range: string): TimeRange {
  return { kind: 'relative', range, seconds: parseDuration(range) ?? 86_400 };
}

/** The page's time range; while nobody chose any, that of which anything was known when the page was opened. */
function useSloRange(
  slo: WholeSlo,
  choices: readonly string[],
): readonly [TimeRange, (range: TimeRange) => void] {
  const [range, setRange] = useTimeRange();
  const [usual] = useState(() => usualRange(slo, choices));
  const isChosen = range.kind === 'absolute' || range.range !== DEFAULT_RANGE;
  return [isChosen ? range : relative(usual), setRange];
}

/** What is left of the budget over time, how fast it burned, with the limits of its alerts, and when these fired. */
export function SloCharts({ slo }: { readonly slo: WholeSlo }) {
  const presets = [...new Set(['6h', '1d', '7d', slo.window])];
  const [range, setRange] = useSloRange(slo, presets);
  const budget = useCurve(slo.queries.budget, range);
  const burn = useCurve(slo.queries.burn, range);
  const markers = useMarkers();
  const empty = nothingDrawn(slo);
  const budgetRows = useMemo(() => {
    const matrix = budget.data;
    return matrix === undefined || matrix.names.length === 0
      ? []
      : [{ name: 'budget left', values: rowOf(matrix, 0) }];
  }, [budget.data]);
  const burnRows = useMemo(() => {
    const matrix = burn.data;
    return (matrix?.names ?? []).map((name, index) => ({
      name: `over ${windowOfSeries(name)}`,
      values: matrix === undefined ? [] : rowOf(matrix, index),
    }));
  }, [burn.data]);
  const thresholds = useMemo(
    () =>
      slo.alerts
        .filter(({ possible }) => possible)
        .map(({ factor, long }) => ({ value: factor, label: `${factor}× over ${long}` })),
    [slo.alerts],
  );
  const chosen = range.kind === 'relative' && presets.includes(range.range) ? range.range : '';
  return (
    <div className={own['charts']}>
      <SegmentedControl
        size="xs"
        aria-label="Time range of the charts"
        className={own['ranges'] ?? ''}
        data={presets}
        value={chosen}
        onChange={(next) => setRange(relative(next))}
      />
      {budget.error !== null && <ErrorLine what="Its budget" error={budget.error} />}
      <TimeSeriesChart
        title="Error budget left"
        note={`of ${slo.window}`}
        unit="budget"
        times={budget.data?.times ?? []}
        rows={budgetRows}
        range={range}
        asOf={budget.dataUpdatedAt || Date.now()}
        loading={budget.isLoading}
        markers={markers}
        thresholds={ZERO}
        empty={empty}
        height={200}
      />
      {burn.error !== null && <ErrorLine what="Its burn rates" error={burn.error} />}
      <TimeSeriesChart
        title="Burn rate"
        note="1 lasts just as long as the window"
        unit="number"
        times={burn.data?.times ?? []}
        rows={burnRows}
        range={range}
        asOf={burn.dataUpdatedAt || Date.now()}
        loading={burn.isLoading}
        markers={markers}
        thresholds={thresholds}
        empty={empty}
        height={200}
      />
      <History query={slo.queries.history} over={range} />
    </div>
  );
}
