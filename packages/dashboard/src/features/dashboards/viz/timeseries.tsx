import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colorSlots, slotColor } from '../../../ui/chart/colors.ts';
import { hoverText } from '../../../ui/chart/hover-text.ts';
import { useZoom } from '../../../ui/chart/use-zoom.ts';
import { ExemplarDetail } from '../../../ui/exemplars/exemplar-detail.tsx';
import type { Exemplar } from '../../../ui/exemplars/exemplars.ts';
import { cssOf } from '../field/colors.ts';
import { REDUCER_WORDS, reduce } from '../field/reduce.ts';
import { showText } from '../field/settings.ts';
import { createPanelPlot, type PanelPlot, type PlotLive, type PlotSetup } from './plot.ts';
import { type SeriesView, seriesOf, type VizProps } from './props.ts';
import { drawn } from './stack.ts';
import styles from './viz.module.css';

interface LegendOptions {
  readonly show: boolean;
  readonly table: boolean;
  readonly right: boolean;
  readonly calcs: readonly string[];
}

function legendOf(options: unknown): LegendOptions {
  const legend = typeof options === 'object' && options !== null && 'legend' in options ? options.legend : {};
  const given: Readonly<Record<string, unknown>> =
    typeof legend === 'object' && legend !== null ? { ...legend } : {};
  const calcs = Array.isArray(given['calcs']) ? given['calcs'].map(String) : [];
  return {
    show: given['show'] !== false,
    table: given['mode'] === 'table' && calcs.length > 0,
    right: given['placement'] === 'right',
    calcs: calcs.length === 0 ? ['lastNotNull'] : calcs,
  };
}

/** Builds the plot when its structure changes and only feeds it when its values do, so that a refresh never flickers. */
function usePlot(live: PlotLive, structure: string, setup: PlotSetup, width: number) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<PanelPlot | null>(null);
  const latest = useRef({ live, setup, width });
  latest.current = { live, setup, width };
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const now = latest.current;
    const built = createPanelPlot(
      element,
      now.width,
      {
        ...now.setup,
        onHover: (index) => latest.current.setup.onHover(index),
        onZoom: (from, to) => latest.current.setup.onZoom(from, to),
        onZoomOut: () => latest.current.setup.onZoomOut(),
        onDot: (index) => latest.current.setup.onDot(index),
      },
      now.live,
    );
    plot.current = built;
    return () => {
      built.destroy();
      plot.current = null;
    };
    // `structure` names everything a running plot cannot change.
  }, [structure]);
  useEffect(() => plot.current?.update(live), [live]);
  useEffect(() => plot.current?.resize(width, setup.height), [width, setup.height]);
  return host;
}

const LEGEND_ROW = 22;

export function TimeSeries({ panel, data, values, zone, width, height, markers, exemplars }: VizProps) {
  const { times, series } = useMemo(() => seriesOf(panel, data, values), [panel, data.frames, values]);
  const [isolated, setIsolated] = useState<string | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const [chosen, setChosen] = useState<Exemplar | null>(null);
  const scheme = useComputedColorScheme('dark');
  const { zoom, zoomOut } = useZoom();
  const legend = legendOf(panel.options);
  const colors = useMemo(() => {
    const slots = colorSlots(series.map(({ name }) => name));
    return series.map(({ settings }, index) =>
      settings.color?.mode === 'fixed' && settings.color.fixed !== undefined
        ? cssOf(settings.color.fixed)
        : slotColor(slots[index] ?? 0),
    );
  }, [series]);
  const shown = series.some(({ name }) => name === isolated) ? isolated : null;
  const live = useMemo<PlotLive>(() => {
    const rows = drawn(
      series.map(({ values: row, settings }) => ({
        values: row,
        stack: settings.draw?.stack ?? 'none',
        negative: settings.draw?.negative === true,
      })),
      times.length,
    );
    const aligned: uPlot.AlignedData = [Array.from(times), ...rows];
    return {
      data: aligned,
      from: data.from,
      to: data.to,
      markers,
      dimmed: series.map(({ name }) => shown !== null && name !== shown),
      dots: exemplars,
    };
  }, [series, times, data.from, data.to, markers, shown, exemplars]);
  const side = legend.show && legend.right && width > 480 ? Math.min(320, width * 0.35) : 0;
  const below = legend.show && side === 0 ? legendHeight(series, legend.table, width, height) : 0;
  const plotHeight = Math.max(60, height - below);
  const hoverAt = hover === null ? undefined : times[hover];
  const structure = JSON.stringify([
    scheme,
    zone,
    panel.field,
    colors,
    series.map(({ settings }) => settings.draw),
  ]);
  const host = usePlot(
    live,
    structure,
    {
      series: series.map(({ name, settings }, index) => ({
        name,
        color: colors[index] ?? 'var(--s1)',
        settings,
        right: settings.draw?.axis === 'right',
      })),
      field: panel.field,
      zone,
      height: plotHeight,
      onHover: setHover,
      onZoom: zoom,
      onZoomOut: zoomOut,
      onDot: (index) => setChosen(exemplars[index] ?? null),
    },
    width - side,
  );
  return (
    <div className={side > 0 ? styles['beside'] : styles['below']}>
      <div
        ref={host}
        className={styles['plot']}
        style={{ height: plotHeight, width: width - side }}
        role="img"
        aria-label={describe(panel.title, series)}
      >
        {hoverAt !== undefined && (
          <span className={`${styles['hover']} num`}>{hoverText(hoverAt * 1000, data, markers, zone)}</span>
        )}
      </div>
      {legend.show && (
        <Legend
          {...{ series, colors, legend, zone, hover, shown }}
          style={side > 0 ? { width: side, height } : { maxHeight: below }}
          onIsolate={(name) => setIsolated(name === shown ? null : name)}
        />
      )}
      {chosen !== null && (
        <div className={styles['chosen']}>
          <ExemplarDetail exemplar={chosen} close={() => setChosen(null)} />
        </div>
      )}
    </div>
  );
}

function describe(title: string, series: readonly SeriesView[]): string {
  const parts = series
    .slice(0, 8)
    .map(({ name, values, settings }) => `${name} ${showText(settings, reduce('lastNotNull', values))}`);
  return `${title || 'Chart'}, last values: ${parts.length === 0 ? 'no data' : parts.join(', ')}${series.length > 8 ? `, and ${series.length - 8} more` : ''}`;
}

/** Of an entry without its words, and of a letter, px. */
const ENTRY = 84;
const LETTER = 6.6;

/** Whole rows only, so that no name is cut through; what does not fit scrolls. */
function legendHeight(series: readonly SeriesView[], table: boolean, width: number, height: number): number {
  let rows = 1;
  let used = 0;
  for (const { name } of series) {
    const entry = Math.min(width, Math.min(320, ENTRY + name.length * LETTER));
    if (used + entry > width - 16) {
      rows++;
      used = 0;
    }
    used += entry;
  }
  const most = Math.max(1, Math.floor((height * (table ? 0.4 : 0.25)) / LEGEND_ROW));
  return Math.min(table ? series.length + 1 : rows, most) * LEGEND_ROW;
}

interface LegendProps {
  readonly series: readonly SeriesView[];
  readonly colors: readonly string[];
  readonly legend: LegendOptions;
  readonly zone: VizProps['zone'];
  readonly hover: number | null;
  readonly shown: string | null;
  readonly style: React.CSSProperties;
  readonly onIsolate: (name: string) => void;
}

/** Names with their values at the crosshair, or reduced as the panel says while there is none. */
function Legend({ series, colors, legend, zone, hover, shown, style, onIsolate }: LegendProps) {
  const valueOf = (one: SeriesView, calc: string): string => {
    const at = hover === null ? undefined : one.values[hover];
    const value =
      calc === legend.calcs[0] && at !== undefined
        ? Number.isNaN(at)
          ? null
          : at
        : reduce(calc, one.values);
    return showText(one.settings, value, zone);
  };
  const button = (one: SeriesView, index: number) => (
    <button
      type="button"
      data-quiet={shown !== null && shown !== one.name}
      aria-pressed={shown === one.name}
      title={shown === one.name ? 'Show all series' : `Show only ${one.name}`}
      onClick={() => onIsolate(one.name)}
    >
      <span className={styles['swatch']} style={{ background: colors[index] }} aria-hidden />
      <span className={styles['name']}>{one.name}</span>
      {!legend.table && (
        <span className={`${styles['value']} num`}>{valueOf(one, legend.calcs[0] ?? 'lastNotNull')}</span>
      )}
    </button>
  );
  if (!legend.table) {
    return (
      <ul className={styles['legend']} style={style} tabIndex={0} aria-label="Legend">
        {series.map((one, index) => (
          <li key={one.name}>{button(one, index)}</li>
        ))}
      </ul>
    );
  }
  return (
    <div className={styles['legendTable']} style={style} tabIndex={0} role="region" aria-label="Legend">
      <table>
        <thead>
          <tr>
            <th>
              <span className="sr-only">Series</span>
            </th>
            {legend.calcs.map((calc) => (
              <th key={calc}>{REDUCER_WORDS[calc] ?? calc}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {series.map((one, index) => (
            <tr key={one.name}>
              <td>{button(one, index)}</td>
              {legend.calcs.map((calc) => (
                <td key={calc} className="num">
                  {valueOf(one, calc)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
