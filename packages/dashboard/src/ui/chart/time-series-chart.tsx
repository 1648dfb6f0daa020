import { TextInput, useComputedColorScheme } from '@mantine/core';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { useZone } from '../../time/use-range.ts';
import { formatClock, formatValue, type Unit } from '../format.ts';
import { IconSearch } from '../icons.ts';
import { Bone } from '../states.tsx';
import styles from './chart.module.css';
import { colorSlots, slotColor } from './colors.ts';
import { Legend } from './legend.tsx';
import { type Band, createPlot, type Live, type Marker, type Plot, type Threshold } from './plot.ts';
import { lastValue, MAX_SERIES, type SeriesRow, selectSeries } from './select.ts';
import { useZoom } from './use-zoom.ts';

export interface TimeSeriesChartProps {
  readonly title: string;
  readonly note?: string;
  readonly unit: Unit;
  /** Epoch seconds, ascending; every row has one value (or null, a gap) per instant. */
  readonly times: ArrayLike<number>;
  readonly rows: readonly SeriesRow[];
  readonly range: TimeRange;
  /** The end of a relative range: when the data was asked for (ms). */
  readonly asOf: number;
  readonly markers?: readonly Marker[];
  readonly bands?: readonly Band[];
  readonly thresholds?: readonly Threshold[];
  readonly loading?: boolean;
  readonly height?: number;
}

const NO_MARKERS: readonly Marker[] = [];
const NO_BANDS: readonly Band[] = [];
const NO_THRESHOLDS: readonly Threshold[] = [];

function gapsAsNull(values: ArrayLike<number | null>): (number | null)[] {
  return Array.from(values, (value) => (value === null || Number.isNaN(value) ? null : value));
}

/** Builds the plot when its structure changes and only feeds it when its data does, so that a refresh never flickers. */
function usePlot(live: Live, structure: string, options: Parameters<typeof createPlot>[2]) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef({ live, options });
  latest.current = { live, options };
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const current = latest.current;
    const built = createPlot(
      element,
      element.clientWidth,
      {
        ...current.options,
        onHover: (index) => latest.current.options.onHover(index),
        onZoom: (from, to) => latest.current.options.onZoom(from, to),
        onZoomOut: () => latest.current.options.onZoomOut(),
      },
      current.live,
    );
    plot.current = built;
    const observer = new ResizeObserver(() => built.resize(element.clientWidth));
    observer.observe(element);
    return () => {
      observer.disconnect();
      built.destroy();
      plot.current = null;
    };
    // `structure` names everything a running plot cannot change.
  }, [structure]);
  useEffect(() => plot.current?.update(live), [live]);
  return host;
}

function describe(title: string, rows: readonly SeriesRow[], unit: Unit): string {
  const parts = rows.map((row) => `${row.name} ${formatValue(lastValue(row.values), unit)}`);
  return `${title}, last values: ${parts.length === 0 ? 'no data' : parts.join(', ')}`;
}

export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const { title, unit, rows, times, range, asOf, height = 168 } = props;
  const [search, setSearch] = useState('');
  const [isolated, setIsolated] = useState<string | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const [zone] = useZone();
  const scheme = useComputedColorScheme('dark');
  const { zoom, zoomOut } = useZoom();
  const id = useId();

  const { drawn, matching } = useMemo(() => {
    const selection = selectSeries(rows, search);
    const picked = selection.shown.flatMap((index) => rows[index] ?? []);
    // Few series keep the caller's order, many stand by name: a refresh must not shuffle the legend.
    const ordered =
      rows.length <= MAX_SERIES
        ? rows.filter((row) => picked.includes(row))
        : picked.toSorted((a, b) => a.name.localeCompare(b.name));
    return { drawn: ordered, matching: selection.matching };
  }, [rows, search]);
  const colors = useMemo(() => colorSlots(drawn.map((row) => row.name)).map(slotColor), [drawn]);
  const shownIsolated = drawn.some((row) => row.name === isolated) ? isolated : null;
  const { from, to } = boundsOf(range, asOf);
  const markers = props.markers ?? NO_MARKERS;
  const bands = props.bands ?? NO_BANDS;
  const thresholds = props.thresholds ?? NO_THRESHOLDS;

  const live = useMemo<Live>(() => {
    const data: uPlot.AlignedData = [Array.from(times), ...drawn.map((row) => gapsAsNull(row.values))];
    const dimmed = drawn.map((row) => shownIsolated !== null && row.name !== shownIsolated);
    return { data, from, to, markers, bands, thresholds, dimmed };
  }, [times, drawn, from, to, markers, bands, thresholds, shownIsolated]);

  const structure = [scheme, zone, unit, height, drawn.length, ...colors].join('|');
  const host = usePlot(live, structure, {
    colors,
    filled: drawn.length === 1,
    unit,
    zone,
    height,
    syncKey: 'page',
    onHover: setHover,
    onZoom: zoom,
    onZoomOut: zoomOut,
  });
  const hoverAt = hover === null ? undefined : times[hover];
  const many = rows.length > MAX_SERIES;
  const empty = props.loading !== true && drawn.every((row) => lastValue(row.values) === null);

  return (
    <figure className={styles['chart']} style={{ margin: 0 }} aria-labelledby={id}>
      <figcaption className={styles['head']}>
        <h3 id={id}>{title}</h3>
        <span className={styles['note']}>
          {many ? `top ${drawn.length} of ${matching.toLocaleString('en')} by last value` : props.note}
        </span>
        {hoverAt !== undefined && (
          <span className={`${styles['hover']} num`}>
            {hoverText(hoverAt * 1000, to - from, markers, to, zone)}
          </span>
        )}
        {many && hoverAt === undefined && (
          <TextInput
            className={styles['search']}
            size="xs"
            placeholder="Find series"
            aria-label={`Find series in ${title}`}
            leftSection={<IconSearch size={14} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        )}
      </figcaption>
      <div
        ref={host}
        className={styles['plot']}
        data-loading={props.loading === true}
        style={{ height }}
        role="img"
        aria-label={describe(title, drawn, unit)}
      >
        {props.loading === true && (
          <div className={styles['blank']}>
            <Bone height="100%" />
          </div>
        )}
        {empty && (
          <div className={styles['blank']}>
            {search === '' ? 'No data in this time range' : `No series matches “${search}”`}
          </div>
        )}
      </div>
      <Legend
        rows={drawn}
        colors={colors}
        unit={unit}
        at={hover}
        isolated={shownIsolated}
        onIsolate={(name) => setIsolated(name === shownIsolated ? null : name)}
      />
    </figure>
  );
}

/** The instant under the crosshair, and what was marked near it. */
function hoverText(
  at: number,
  span: number,
  markers: readonly Marker[],
  to: number,
  zone: 'local' | 'utc',
): string {
  const near = markers.find((marker) => Math.abs(marker.at - at) < span * 0.015);
  const clock = formatClock(at, to, zone, span < 7_200_000);
  return near === undefined ? clock : `${near.label} · ${clock}`;
}
