import uPlot from 'uplot';
import { fittingSize, lonePoints, roundSteps, TIME_STEPS } from '../../../ui/chart/axis.ts';
import { canvasColor } from '../../../ui/chart/canvas-color.ts';
import { type Dot, drawDots, pressDots } from '../../../ui/chart/dots.ts';
import type { Marker } from '../../../ui/chart/plot.ts';
import { formatClock, formatDate, type Zone } from '../../../ui/format.ts';
import { cssOf } from '../field/colors.ts';
import { formatUnit, roundingOf } from '../field/units.ts';
import type { FieldSettings, Thresholds } from '../model.ts';

interface PlotSeries {
  readonly name: string;
  readonly color: string;
  readonly settings: FieldSettings;
  /** On a second axis at the right, with its own unit. */
  readonly right: boolean;
}
export interface PlotLive {
  readonly data: uPlot.AlignedData;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly markers: readonly Marker[];
  readonly dimmed: readonly boolean[];
  /** Exemplars, on the left axis. */
  readonly dots: readonly Dot[];
}
export interface PlotSetup {
  readonly series: readonly PlotSeries[];
  readonly field: FieldSettings;
  readonly zone: Zone;
  readonly height: number;
  readonly onHover: (index: number | null) => void;
  readonly onZoom: (from: number, to: number) => void;
  readonly onZoomOut: () => void;
  readonly onDot: (index: number) => void;
}
export interface PanelPlot {
  readonly update: (live: PlotLive) => void;
  readonly resize: (width: number, height: number) => void;
  readonly canvas: () => HTMLCanvasElement;
  readonly destroy: () => void;
}

const MIN_DRAG_PX = 6;
const HEADROOM = 1.08;

/** From zero where no value is below it, unless the panel says otherwise; never without height. */
function valueRange(settings: FieldSettings, percent: boolean): uPlot.Scale.Range {
  const log = settings.draw?.scale === 'log10' || settings.draw?.scale === 'log2';
  return (_, min, max) => {
    const low = settings.min ?? (log ? (min ?? 1) : Math.min(0, min ?? 0));
    const high = settings.max ?? (percent ? 100 : (max ?? 1) * ((max ?? 1) > 0 ? HEADROOM : 1));
    if (log && low <= 0) return [0.001, Math.max(high, 0.01)];
    return high > low ? [low, high] : [low, low + (Math.abs(low) || 1)];
  };
}

function drawThresholds(u: uPlot, thresholds: Thresholds, how: string, field: FieldSettings): void {
  const { ctx, bbox } = u;
  const scale = u.scales['y'];
  const [low, high] = [scale?.min ?? 0, scale?.max ?? 1];
  const percentOf = (value: number): number =>
    (field.min ?? low) + ((field.max ?? high) - (field.min ?? low)) * (value / 100);
  const steps = thresholds.steps.map(({ value, color }) => ({
    at: value === null ? low : thresholds.mode === 'percentage' ? percentOf(value) : value,
    color,
    base: value === null,
  }));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  steps.forEach(({ at, color, base }, index) => {
    if (color === 'transparent') return;
    ctx.fillStyle = canvasColor(cssOf(color));
    ctx.strokeStyle = ctx.fillStyle;
    const y = u.valToPos(at, 'y', true);
    if (how.includes('area')) {
      const top = u.valToPos(steps[index + 1]?.at ?? high, 'y', true);
      ctx.globalAlpha = 0.1;
      ctx.fillRect(bbox.left, top, bbox.width, y - top);
    }
    ctx.globalAlpha = 0.9;
    if (how.includes('line') && !base) {
      ctx.lineWidth = uPlot.pxRatio;
      ctx.setLineDash([4 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, Math.round(y));
      ctx.lineTo(bbox.left + bbox.width, Math.round(y));
      ctx.stroke();
    }
  });
  ctx.restore();
}

function drawMarkers(u: uPlot, live: PlotLive): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.lineWidth = ratio;
  for (const { at, until, kind } of live.markers) {
    if (at > live.to || (until ?? at) < live.from) continue;
    const x = Math.max(bbox.left, Math.round(u.valToPos(at / 1000, 'x', true)));
    const color = canvasColor(kind === 'deployment' ? 'var(--accent)' : 'var(--ink-2)');
    ctx.fillStyle = color;
    ctx.strokeStyle = color;
    if (until != null && until > at) {
      ctx.globalAlpha = 0.1;
      ctx.fillRect(
        x,
        bbox.top,
        Math.min(bbox.left + bbox.width, u.valToPos(until / 1000, 'x', true)) - x,
        bbox.height,
      );
      ctx.globalAlpha = 1;
    }
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillRect(x - 3 * ratio, bbox.top, 6 * ratio, 5 * ratio);
  }
  ctx.restore();
}

function axisOf(unit: FieldSettings, scale: 'y' | 'r', zone: Zone, label: string | undefined): uPlot.Axis {
  const left = scale === 'y';
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return {
    scale,
    side: left ? 3 : 1,
    show: unit.draw?.axis !== 'hidden',
    stroke: canvasColor('var(--ink-3)'),
    font,
    labelFont: font,
    grid: { show: left, stroke: canvasColor('var(--line)'), width: 1 },
    ticks: { show: false },
    gap: 6,
    space: 28,
    size: fittingSize(font, 6),
    ...roundSteps(roundingOf(unit.unit)),
    ...(label === undefined || label === '' ? {} : { label, labelSize: 16, labelGap: 0 }),
    values: (_, splits) => splits.map((split) => formatUnit(split, unit.unit, undefined, zone)),
  };
}

/** How the points of a series are joined. */
function pathsOf(draw: NonNullable<FieldSettings['draw']>): uPlot.Series.PathBuilder | undefined {
  const { bars, spline, stepped } = uPlot.paths;
  if (draw.style === 'bars') return bars?.({ size: [0.8, 60] });
  if (draw.interpolation === 'smooth') return spline?.();
  if (draw.interpolation === 'step-after') return stepped?.({ align: 1 });
  return draw.interpolation === 'step-before' ? stepped?.({ align: -1 }) : undefined;
}

function fillOf(draw: NonNullable<FieldSettings['draw']>, alone: boolean): number {
  const stacked = (draw.stack ?? 'none') !== 'none';
  return Math.max(draw.fill ?? (alone ? 8 : 0), stacked ? 25 : 0) / 100;
}

function lineOf({ color, settings, right }: PlotSeries, alone: boolean): uPlot.Series {
  const draw = settings.draw ?? {};
  const stroke = canvasColor(color);
  const fill = fillOf(draw, alone);
  const paths = pathsOf(draw);
  const bars = draw.style === 'bars' ? 0.5 : 1;
  return {
    scale: right ? 'r' : 'y',
    stroke,
    width: draw.style === 'points' ? 0 : (draw.width ?? 1.25) * bars,
    spanGaps: draw.spanGaps === true,
    points: {
      show: draw.style === 'points' || draw.points === 'always',
      size: 4,
      fill: stroke,
      ...(draw.style === 'bars' ? {} : { filter: lonePoints }),
    },
    ...(draw.dashed === true ? { dash: [6, 4] } : {}),
    ...(fill > 0 ? { fill: withAlpha(stroke, fill) } : {}),
    ...(paths === undefined ? {} : { paths }),
  };
}

/** The room between each stacked series and the one it stands on, so that their fills do not add up. */
function bandsOf(series: readonly PlotSeries[]): uPlot.Band[] {
  const bands: uPlot.Band[] = [];
  let below: number | null = null;
  series.forEach(({ color, settings, right }, index) => {
    const draw = settings.draw ?? {};
    if ((draw.stack ?? 'none') === 'none' || draw.negative === true || right) return;
    if (below !== null)
      bands.push({ series: [index + 1, below], fill: withAlpha(canvasColor(color), fillOf(draw, false)) });
    below = index + 1;
  });
  return bands;
}

/** `rgb(…)`, `#rrggbb` or `color(srgb …)` with an opacity of its own. */
function withAlpha(color: string, alpha: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(alpha * 100)}%, transparent)`;
}

function timeAxis(zone: Zone): uPlot.Axis {
  return {
    stroke: canvasColor('var(--ink-3)'),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { show: false },
    ticks: { show: false },
    incrs: TIME_STEPS,
    space: 72,
    size: 24,
    gap: 6,
    values: (_, splits, __, ___, step) =>
      splits.map((split) => {
        const text = formatClock(split * 1000, split * 1000, zone, step < 60);
        return step >= 86_400 || text.startsWith('00:00') ? formatDate(split * 1000, 'day', zone) : text;
      }),
  };
}

function scalesOf(setup: PlotSetup, live: () => PlotLive, percent: boolean): uPlot.Scales {
  const { field, series } = setup;
  const right = series.find((one) => one.right)?.settings;
  const log = field.draw?.scale === 'log10' ? 10 : field.draw?.scale === 'log2' ? 2 : 0;
  return {
    x: { time: true, range: () => [live().from / 1000, live().to / 1000] },
    y: { range: valueRange(field, percent), ...(log === 0 ? {} : { distr: 3, log: log === 2 ? 2 : 10 }) },
    ...(right === undefined ? {} : { r: { range: valueRange(right, false) } }),
  };
}

/** A chart of a panel; rebuilt when its lines or their looks change, fed when only its values do. */
export function createPanelPlot(
  host: HTMLElement,
  width: number,
  setup: PlotSetup,
  first: PlotLive,
): PanelPlot {
  let live = first;
  const { field, series, zone } = setup;
  const percent = field.draw?.stack === 'percent';
  const right = series.find((one) => one.right);
  const shownThresholds = field.draw?.thresholds ?? 'off';
  const u = new uPlot(
    {
      width,
      height: setup.height,
      padding: [6, right === undefined ? 12 : 0, 0, 0],
      legend: { show: false },
      scales: scalesOf(setup, () => live, percent),
      axes: [
        timeAxis(zone),
        axisOf(percent ? { ...field, unit: 'percent' } : field, 'y', zone, field.draw?.axisLabel),
        ...(right === undefined ? [] : [axisOf(right.settings, 'r', zone, right.settings.draw?.axisLabel)]),
      ],
      series: [{}, ...series.map((one) => lineOf(one, series.length === 1))],
      bands: bandsOf(series),
      cursor: {
        y: false,
        points: { size: 6, width: 1.5 },
        drag: { x: true, y: false, setScale: false },
        sync: { key: 'page', setSeries: false, scales: ['x', null] },
        bind: {
          dblclick: () => () => {
            setup.onZoomOut();
            return null;
          },
        },
      },
      hooks: {
        drawClear: [
          (plot) => {
            if (shownThresholds !== 'off' && field.thresholds !== undefined)
              drawThresholds(plot, field.thresholds, shownThresholds, field);
          },
        ],
        draw: [(plot) => drawMarkers(plot, live), (plot) => drawDots(plot, live)],
        setCursor: [(plot) => setup.onHover(plot.cursor.idx ?? null)],
        setSelect: [
          (plot) => {
            const { left, width: dragged } = plot.select;
            if (dragged < MIN_DRAG_PX) return;
            const [from, to] = [plot.posToVal(left, 'x') * 1000, plot.posToVal(left + dragged, 'x') * 1000];
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            setup.onZoom(from, to);
          },
        ],
      },
    },
    live.data,
    host,
  );
  const dim = (): void => {
    live.dimmed.forEach((quiet, index) => {
      const line = u.series[index + 1];
      if (line !== undefined) line.alpha = quiet ? 0.1 : 1;
    });
  };
  dim();
  pressDots(u, () => live.dots, setup.onDot);
  return {
    update: (next) => {
      live = next;
      dim();
      u.setData(next.data);
    },
    resize: (nextWidth, nextHeight) => {
      if (nextWidth > 0 && (nextWidth !== u.width || nextHeight !== u.height))
        u.setSize({ width: nextWidth, height: nextHeight });
    },
    canvas: () => u.ctx.canvas,
    destroy: () => u.destroy(),
  };
}
