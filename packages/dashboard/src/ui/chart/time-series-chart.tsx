import { TextInput, useComputedColorScheme } from '@mantine/core';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { useZone } from '../../time/use-range.ts';
import { formatValue, type Unit } from '../format.ts';
import { IconSearch } from '../icons.ts';
import { Bone } from '../states.tsx';
import styles from './chart.module.css';
import { colorSlots, slotColor } from './colors.ts';
import type { Dot } from './dots.ts';
import { hoverText } from './hover-text.ts';
import { Legend } from './legend.tsx';
import { type Band, createPlot, type Live, type Marker, type Plot, type Threshold } from './plot.ts';
import { lastValue, MAX_SERIES, type SeriesRow, selectSeries } from './select.ts';
import { stackRows } from './stack.ts';
import { useZoom } from './use-zoom.ts';

/** A point of a series: what it tells of ends at `at` and lasted for `step`, both in ms. */
export interface ChartPoint {
  readonly series: string;
  readonly at: number;
  readonly step: number;
}

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
  /** What is said where nothing is drawn; that there is no data, when absent. */
  readonly empty?: string;
  readonly height?: number;
  /** Most series drawn at once; 8 unless the page has its own way to tell more apart. */
  readonly limit?: number;
  /** Series stand on each other, in the order of `rows`. */
  readonly stacked?: boolean;
  /** Each value is a bar that begins at its instant, instead of a point of a line. */
  readonly bars?: boolean;
  /** CSS colours of series whose meaning has one, by name. */
  readonly meanings?: Readonly<Record<string, string>>;
  /** False lets the axis follow the values; it always shows zero otherwise, and when stacked. */
  readonly fromZero?: boolean;
  readonly dots?: readonly Dot[];
  readonly onDot?: (index: number) => void;
  /** A point of a series was pressed. */
  readonly onPoint?: (point: ChartPoint) => void;
  /** False when the page brings its own. */
  readonly legend?: boolean;
  /** The one series that stands out, when the page's own legend decides. */
  readonly isolated?: string | null;
}

const NO_DOTS: readonly Dot[] = [];
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
        onDot: (index) => latest.current.options.onDot(index),
        onPoint: (instant, series) => latest.current.options.onPoint(instant, series),
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

/** What is drawn beside the series; the same empty lists every time, so that nothing is drawn anew for them. */
function drawnOver({
  markers = NO_MARKERS,
  bands = NO_BANDS,
  thresholds = NO_THRESHOLDS,
  dots = NO_DOTS,
}: TimeSeriesChartProps) {
  return { markers, bands, thresholds, dots };
}

/** The name that stands out, if it is drawn: the page's choice where it makes one, the chart's own otherwise. */
function isolatedIn(
  drawn: readonly SeriesRow[],
  given: string | null | undefined,
  own: string | null,
): string | null {
  const wanted = given === undefined ? own : given;
  return drawn.some((row) => row.name === wanted) ? wanted : null;
}

/** What stands where nothing is drawn; null where anything is. */
function blankOf(
  rows: readonly SeriesRow[],
  search: string,
  empty = 'No data in this time range',
): string | null {
  if (rows.some((row) => lastValue(row.values) !== null)) return null;
  return search === '' ? empty : `No series matches “${search}”`;
}

/** The chart for those who do not see it. */
function describe(title: string, rows: readonly SeriesRow[], unit: Unit, blank: string | null): string {
  if (blank !== null) return `${title}: ${blank}`;
  const parts = rows.map((row) => `${row.name} ${formatValue(lastValue(row.values), unit)}`);
  return parts.length === 0 ? title : `${title}, last values: ${parts.join(', ')}`;
}

export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const { title, unit, rows, times, range, asOf, height = 168, limit = MAX_SERIES } = props;
  const { stacked = false, bars = false, meanings, fromZero = true, legend = true, loading = false } = props;
  const { markers, bands, thresholds, dots } = drawnOver(props);
  const [search, setSearch] = useState('');
  const [isolated, setIsolated] = useState<string | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const [zone] = useZone();
  const scheme = useComputedColorScheme('dark');
  const { zoom, zoomOut } = useZoom();
  const id = useId();

  const { drawn, matching } = useMemo(() => {
    const selection = selectSeries(rows, search, limit);
    const picked = selection.shown.flatMap((index) => rows[index] ?? []);
    // Few series keep the caller's order, many stand by name: a refresh must not shuffle the legend.
    const ordered =
      rows.length <= limit
        ? rows.filter((row) => picked.includes(row))
        : picked.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
    return { drawn: ordered, matching: selection.matching };
  }, [rows, search, limit]);
  const colors = useMemo(() => {
    const slots = colorSlots(drawn.map((row) => row.name)).map(slotColor);
    return drawn.map(({ name }, index) => meanings?.[name] ?? slots[index] ?? '');
  }, [drawn, meanings]);
  const shownIsolated = isolatedIn(drawn, props.isolated, isolated);
  const { from, to } = boundsOf(range, asOf);

  const live = useMemo<Live>(() => {
    const values = drawn.map((row) => gapsAsNull(row.values));
    const data: uPlot.AlignedData = [Array.from(times), ...(stacked ? stackRows(values) : values)];
    const dimmed = drawn.map((row) => shownIsolated !== null && row.name !== shownIsolated);
    return { data, from, to, markers, bands, thresholds, dots, dimmed };
  }, [times, drawn, stacked, from, to, markers, bands, thresholds, dots, shownIsolated]);

  const structure = [scheme, zone, unit, height, stacked, bars, fromZero, drawn.length, ...colors].join('|');
  const host = usePlot(live, structure, {
    colors,
    filled: drawn.length === 1 && fromZero,
    stacked,
    bars,
    fromZero,
    unit,
    zone,
    height,
    syncKey: 'page',
    onHover: setHover,
    onZoom: zoom,
    onZoomOut: zoomOut,
    onDot: (index) => props.onDot?.(index),
    onPoint: (instant, series) => {
      const [at, next] = [times[instant], times[instant + 1] ?? times[instant - 1]];
      const name = drawn[series]?.name;
      if (at === undefined || name === undefined) return;
      props.onPoint?.({ series: name, at: at * 1000, step: Math.abs((next ?? at) - at) * 1000 });
    },
  });
  const hoverAt = hover === null ? undefined : times[hover];
  const many = rows.length > limit;
  const blank = loading ? null : blankOf(drawn, search, props.empty);

  return (
    <figure className={styles['chart']} style={{ margin: 0 }} aria-labelledby={id}>
      <figcaption className={styles['head']}>
        <h3 id={id}>{title}</h3>
        <span className={styles['note']}>
          {many ? `top ${drawn.length} of ${matching.toLocaleString('en')} by last value` : props.note}
        </span>
        {hoverAt !== undefined && (
          <span className={`${styles['hover']} num`}>
            {hoverText(hoverAt * 1000, { from, to }, markers, zone)}
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
        data-loading={loading}
        style={{ height }}
        role="img"
        aria-label={describe(title, drawn, unit, blank)}
      >
        {loading && (
          <div className={styles['blank']}>
            <Bone height="100%" />
          </div>
        )}
        {blank !== null && <div className={styles['blank']}>{blank}</div>}
      </div>
      {legend && (
        <Legend
          rows={drawn}
          colors={colors}
          unit={unit}
          at={hover}
          isolated={shownIsolated}
          onIsolate={(name) => setIsolated(name === shownIsolated ? null : name)}
        />
      )}
    </figure>
  );
}
