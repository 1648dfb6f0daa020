import { TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { serviceOfSeries } from '../../joins/links.ts';
import { PointLinks } from '../../joins/point-links.tsx';
import type { TimeRange } from '../../time/range.ts';
import { colorSlots, slotColor } from '../../ui/chart/colors.ts';
import type { Marker } from '../../ui/chart/plot.ts';
import { selectSeries } from '../../ui/chart/select.ts';
import { type ChartPoint, TimeSeriesChart } from '../../ui/chart/time-series-chart.tsx';
import { ExemplarDetail } from '../../ui/exemplars/exemplar-detail.tsx';
import type { Exemplar } from '../../ui/exemplars/exemplars.ts';
import { IconSearch } from '../../ui/icons.ts';
import styles from './explorer.module.css';
import { GraphLegend } from './graph-legend.tsx';
import type { ExplorerRow } from './legend-rows.ts';
import type { Mark } from './marked.tsx';

const HEIGHT = 340;

export interface GraphViewProps {
  readonly times: ArrayLike<number>;
  readonly rows: readonly ExplorerRow[];
  readonly range: TimeRange;
  readonly asOf: number;
  readonly loading: boolean;
  readonly stacked: boolean;
  readonly top: number;
  readonly exemplars: readonly Exemplar[];
  readonly mark: Mark | null;
}

/** The exemplar whose detail is open: the marked trace's own until the reader chooses or closes one. */
function useChosen(exemplars: readonly Exemplar[], mark: Mark | null) {
  const [chosen, choose] = useState<Exemplar | null | undefined>(undefined);
  const own = mark === null ? undefined : exemplars.find(({ trace }) => trace === mark.trace);
  return { chosen: chosen === undefined ? (own ?? null) : chosen, choose };
}

/** The graph and its legend: the largest series drawn, every series listed, any of them to be looked at alone. */
export function GraphView(props: GraphViewProps) {
  const { times, rows, range, asOf, loading, stacked, top, exemplars, mark } = props;
  const [search, setSearch] = useState('');
  const needle = useDeferredValue(search);
  const [isolated, setIsolated] = useState<string | null>(null);
  const { chosen, choose } = useChosen(exemplars, mark);
  const [point, setPoint] = useState<ChartPoint | null>(null);
  const service = point === null ? null : serviceOfSeries(point.series);
  const markers = useMemo<readonly Marker[]>(
    () => (mark === null ? [] : [{ at: mark.at, kind: 'annotation', label: 'The request' }]),
    [mark],
  );
  const { drawn, matching } = useMemo(() => {
    const selection = selectSeries(rows, needle, top);
    const own = isolated === null ? -1 : rows.findIndex((row) => row.name === isolated);
    // One that is looked at alone is drawn even when it is not among the largest.
    const indices = new Set(own < 0 ? selection.shown : [...selection.shown, own]);
    return { drawn: rows.filter((_, index) => indices.has(index)), matching: selection.matching };
  }, [rows, needle, top, isolated]);
  const listed = useMemo(() => {
    const words = needle.trim().toLowerCase();
    return words === '' ? rows : rows.filter(({ name }) => name.toLowerCase().includes(words));
  }, [rows, needle]);
  const colors = useMemo(() => {
    const slots = colorSlots(drawn.map((row) => row.name));
    return new Map(drawn.map((row, index) => [row.name, slotColor(slots[index] ?? 0)]));
  }, [drawn]);
  const count = rows.length.toLocaleString('en');
  const note =
    rows.length > top || needle !== ''
      ? `${Math.min(top, matching)} of ${matching.toLocaleString('en')} series drawn, the largest by last value`
      : `${count} series`;
  return (
    <>
      <TimeSeriesChart
        title="Graph"
        note={note}
        unit="number"
        times={times}
        rows={drawn}
        limit={Math.max(drawn.length, 1)}
        range={range}
        asOf={asOf}
        loading={loading}
        height={HEIGHT}
        stacked={stacked}
        fromZero={false}
        legend={false}
        isolated={isolated}
        dots={exemplars}
        markers={markers}
        onDot={(index) => choose(exemplars[index] ?? null)}
        onPoint={setPoint}
      />
      {point !== null && service !== null && (
        <PointLinks service={service} point={point} of="all" close={() => setPoint(null)} />
      )}
      {chosen !== null && <ExemplarDetail exemplar={chosen} close={() => choose(null)} />}
      {rows.length > 0 && (
        <>
          <div className={styles['bar']}>
            <TextInput
              size="xs"
              w={240}
              aria-label="Find series"
              placeholder="Find series"
              leftSection={<IconSearch size={14} />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
            <span className={styles['summary']} aria-live="polite">
              {needle === '' ? `${count} series` : `${listed.length.toLocaleString('en')} of ${count} series`}
              {rows.length > top && `; ${Math.min(top, matching)} drawn`}
            </span>
          </div>
          <GraphLegend
            rows={listed}
            colors={colors}
            isolated={isolated}
            onIsolate={(name) => setIsolated(name === isolated ? null : name)}
          />
        </>
      )}
    </>
  );
}
