import uPlot from 'uplot';
import type { Status } from '../../api/contracts.ts';
import { formatDate, formatValue, type Unit, type Zone } from '../format.ts';
import { fittingSize, lonePoints, type Rounding, roundSteps, TIME_STEPS } from './axis.ts';
import { canvasColor } from './canvas-color.ts';
import { type Dot, drawDots, pressDots } from './dots.ts';

/** Something that happened, drawn as a line (or a span) over the chart. Times are epoch milliseconds. */
export interface Marker {
  readonly at: number;
  readonly until?: number | null;
  readonly kind: 'deployment' | 'annotation';
  readonly label: string;
}
export interface Threshold {
  readonly value: number;
  readonly label: string;
}
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly status: Status;
}

/** What may change without building the plot anew. */
export interface Live {
  readonly data: uPlot.AlignedData;
  readonly from: number;
  readonly to: number;
  readonly markers: readonly Marker[];
  readonly bands: readonly Band[];
  readonly thresholds: readonly Threshold[];
  readonly dots: readonly Dot[];
  /** Series drawn quietly because another is isolated. */
  readonly dimmed: readonly boolean[];
}

export interface PlotOptions {
  readonly colors: readonly string[];
  readonly filled: boolean;
  /** The data is cumulated: each series is filled down to the one before. */
  readonly stacked: boolean;
  /** Each value stands as a bar that begins at its instant. */
  readonly bars: boolean;
  /** Whether the axis always shows zero. */
  readonly fromZero: boolean;
  readonly unit: Unit;
  readonly zone: Zone;
  readonly height: number;
  readonly syncKey: string;
  readonly onHover: (index: number | null) => void;
  readonly onZoom: (from: number, to: number) => void;
  readonly onZoomOut: () => void;
  /** A dot was pressed: its index. */
  readonly onDot: (index: number) => void;
  /** The plot was pressed beside the dots: the instant's place, and that of the nearest series with a value there. */
  readonly onPoint: (instant: number, series: number) => void;
}

export interface Plot {
  readonly update: (live: Live) => void;
  readonly resize: (width: number) => void;
  readonly destroy: () => void;
}

const MIN_DRAG_PX = 6;

function timeLabels(zone: Zone) {
  return (_: uPlot, splits: number[], __: number, ___: number, step: number): string[] =>
    splits.map((split) => {
      const at = split * 1000;
      const clock = formatDate(at, 'minutes', zone);
      if (step >= 86_400 || clock === '00:00') return formatDate(at, 'day', zone);
      return step < 60 ? formatDate(at, 'seconds', zone) : clock;
    });
}

/** With headroom; a flat line still gets a scale to stand on. */
function valueRange({ unit, fromZero, stacked }: PlotOptions, thresholds: () => readonly Threshold[]) {
  const least: Readonly<Record<Unit, number>> = {
    rate: 0.1,
    ratio: 0.01,
    budget: 0.01,
    availability: 1,
    percent: 5,
    seconds: 0.001,
    megabytes: 1,
    count: 1,
    bytes: 1024,
    number: 1,
  };
  return (_: uPlot, min: number | null, max: number | null): [number, number] => {
    if (!fromZero && !stacked && min !== null && max !== null) {
      const room = (max - min || Math.abs(max) || 1) * 0.08;
      return [min - room, max + room];
    }
    const highest = thresholds().reduce(
      (most, { value }) => Math.max(most, value),
      Math.max(max ?? 0, least[unit]),
    );
    return [Math.min(0, min ?? 0), highest * 1.12];
  };
}

function drawBehind(u: uPlot, live: Live): void {
  const { ctx, bbox } = u;
  const clampX = (at: number): number =>
    Math.min(bbox.left + bbox.width, Math.max(bbox.left, u.valToPos(at / 1000, 'x', true)));
  ctx.save();
  for (const band of live.bands) {
    if (band.status === 'healthy' || band.status === 'unknown') continue;
    const left = clampX(band.from);
    const width = clampX(band.to) - left;
    if (width <= 0) continue;
    ctx.fillStyle = canvasColor(`var(--${band.status})`);
    ctx.globalAlpha = 0.09;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.globalAlpha = 0.8;
    ctx.fillRect(left, bbox.top, width, 2 * uPlot.pxRatio);
  }
  ctx.restore();
}

function drawThresholds(u: uPlot, live: Live): void {
  const { ctx, bbox } = u;
  for (const { value } of live.thresholds) {
    const y = Math.round(u.valToPos(value, 'y', true));
    ctx.strokeStyle = canvasColor('var(--degraded)');
    ctx.setLineDash([2 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
}

function drawMarkers(u: uPlot, live: Live): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  for (const marker of live.markers) {
    if (marker.at < live.from || marker.at > live.to) continue;
    const x = Math.round(u.valToPos(marker.at / 1000, 'x', true));
    const color = canvasColor(marker.kind === 'deployment' ? 'var(--accent)' : 'var(--ink-2)');
    if (marker.until != null && marker.until > marker.at) {
      const end = Math.min(bbox.left + bbox.width, u.valToPos(marker.until / 1000, 'x', true));
      ctx.globalAlpha = 0.1;
      ctx.fillStyle = color;
      ctx.fillRect(x, bbox.top, end - x, bbox.height);
      ctx.globalAlpha = 1;
    }
    ctx.strokeStyle = color;
    ctx.fillStyle = color;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    if (marker.kind === 'deployment') {
      ctx.moveTo(x - 5 * ratio, bbox.top);
      ctx.lineTo(x + 5 * ratio, bbox.top);
      ctx.lineTo(x, bbox.top + 7 * ratio);
    } else {
      ctx.rect(x - 3 * ratio, bbox.top, 6 * ratio, 6 * ratio);
    }
    ctx.closePath();
    ctx.fill();
  }
}

function drawOver(u: uPlot, live: Live): void {
  const { ctx } = u;
  ctx.save();
  ctx.lineWidth = uPlot.pxRatio;
  drawThresholds(u, live);
  drawMarkers(u, live);
  drawDots(u, live);
  ctx.restore();
}

const ROUNDINGS: Readonly<Partial<Record<Unit, Rounding>>> = { bytes: 'binary', seconds: 'seconds' };

function axes(options: PlotOptions): uPlot.Axis[] {
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const common = {
    stroke: canvasColor('var(--ink-3)'),
    font,
    grid: { stroke: canvasColor('var(--line)'), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...common,
      grid: { show: false },
      values: timeLabels(options.zone),
      incrs: TIME_STEPS,
      space: 72,
      size: 28,
      gap: 8,
    },
    {
      ...common,
      ...roundSteps(ROUNDINGS[options.unit] ?? 'decimal'),
      size: fittingSize(font, 8),
      gap: 8,
      space: 32,
      values: (_, splits) => splits.map((split) => formatValue(split, options.unit)),
    },
  ];
}

/** Nearly as wide as a step, and no wall where there are only a few. */
const bars = uPlot.paths.bars?.({ size: [0.85, 48], align: 1 }) ?? (() => null);

function plotSeries(options: PlotOptions): uPlot.Series[] {
  return [
    {},
    ...options.colors.map((name): uPlot.Series => {
      const color = canvasColor(name);
      return {
        stroke: color,
        width: 1.5,
        spanGaps: false,
        points: { show: false, size: 4, fill: color, filter: lonePoints },
        ...(options.filled ? { fill: `${color}1a` } : {}),
        ...(options.stacked ? { fill: options.bars ? color : `${color}55` } : {}),
        ...(options.bars ? { paths: bars, width: 0, fill: color, points: { show: false } } : {}),
      };
    }),
  ];
}

/** Each stacked series is filled down to the one below it. */
function stackBands(count: number): uPlot.Band[] {
  return Array.from({ length: Math.max(0, count - 1) }, (_, index) => ({ series: [index + 2, index + 1] }));
}

/** Place of the series whose value at an instant is nearest to the cursor; -1 where none has one. */
function nearestSeries(u: uPlot, instant: number): number {
  const top = u.cursor.top ?? 0;
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  u.data.slice(1).forEach((values, index) => {
    const value = values[instant];
    const distance = value == null ? Number.POSITIVE_INFINITY : Math.abs(u.valToPos(value, 'y') - top);
    if (distance >= least) return;
    least = distance;
    nearest = index;
  });
  return nearest;
}

/** A uPlot chart with Pharos' manners; the caller owns the host element's width. */
export function createPlot(host: HTMLElement, width: number, options: PlotOptions, first: Live): Plot {
  let live = first;
  const u = new uPlot(
    {
      width,
      height: options.height,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true, range: () => [live.from / 1000, live.to / 1000] },
        y: { range: valueRange(options, () => live.thresholds) },
      },
      axes: axes(options),
      series: plotSeries(options),
      ...(options.stacked ? { bands: stackBands(options.colors.length) } : {}),
      cursor: {
        y: false,
        points: { size: 6, width: 1.5 },
        drag: { x: true, y: false, setScale: false },
        sync: { key: options.syncKey, setSeries: false, scales: ['x', null] },
        bind: {
          dblclick: () => () => {
            options.onZoomOut();
            return null;
          },
        },
      },
      hooks: {
        drawClear: [(plot) => drawBehind(plot, live)],
        draw: [(plot) => drawOver(plot, live)],
        setCursor: [(plot) => options.onHover(plot.cursor.idx ?? null)],
        setSelect: [
          (plot) => {
            const { left, width: dragged } = plot.select;
            if (dragged < MIN_DRAG_PX) return;
            const from = plot.posToVal(left, 'x') * 1000;
            const to = plot.posToVal(left + dragged, 'x') * 1000;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            options.onZoom(from, to);
          },
        ],
      },
    },
    live.data,
    host,
  );
  const dim = (): void => {
    live.dimmed.forEach((quiet, index) => {
      const series = u.series[index + 1];
      if (series !== undefined) series.alpha = quiet ? 0.12 : 1;
    });
  };
  dim();
  pressDots(
    u,
    () => live.dots,
    options.onDot,
    () => {
      const { idx } = u.cursor;
      if (idx == null) return;
      const series = nearestSeries(u, idx);
      if (series >= 0) options.onPoint(idx, series);
    },
  );
  return {
    update: (next) => {
      live = next;
      dim();
      u.setData(next.data);
    },
    resize: (next) => {
      if (next > 0 && next !== u.width) u.setSize({ width: next, height: options.height });
    },
    destroy: () => u.destroy(),
  };
}
