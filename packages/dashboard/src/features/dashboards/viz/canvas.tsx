import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { canvasColor } from '../../../ui/chart/canvas-color.ts';
import { colorSlots } from '../../../ui/chart/colors.ts';
import { formatClock } from '../../../ui/format.ts';
import { valueColor } from '../field/colors.ts';
import { showText } from '../field/settings.ts';
import { formatUnit } from '../field/units.ts';
import { bucketRows, spans, timeTicks, valueRows } from './cells.ts';
import { seriesOf, type VizProps } from './props.ts';
import styles from './viz.module.css';

const AXIS = 20;
const GUTTER = 8;

interface Painter {
  readonly left: number;
  readonly rows: number;
  /** Rows are no taller than this, px. */
  readonly tallest?: number;
  readonly paint: (
    context: CanvasRenderingContext2D,
    box: { x: (index: number) => number; y: (row: number) => number; rowHeight: number },
  ) => void;
  readonly tip: (row: number, index: number) => string;
}

/** A canvas of rows over instants with a time axis, and words under the pointer. */
function RowsCanvas({
  times,
  painter,
  label,
  ...props
}: VizProps & { readonly times: Float64Array; readonly painter: Painter; readonly label: string }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('dark');
  const [tip, setTip] = useState<{ x: number; y: number; text: string } | null>(null);
  const { width, height, zone, data } = props;
  const plotWidth = Math.max(1, width - painter.left - GUTTER);
  const rowHeight = Math.min(
    painter.tallest ?? height,
    Math.max(1, (height - AXIS) / Math.max(1, painter.rows)),
  );
  const step = times.length > 1 ? (times[1] ?? 0) - (times[0] ?? 0) : Math.max(1, data.step);
  const x = (index: number): number => {
    const at = ((times[0] ?? 0) + index * step) * 1000;
    return painter.left + Math.min(1, Math.max(0, (at - data.from) / (data.to - data.from || 1))) * plotWidth;
  };
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (canvas === null || context == null) return;
    const ratio = window.devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    painter.paint(context, { x, y: (row) => row * rowHeight, rowHeight });
    context.fillStyle = canvasColor('var(--ink-3)');
    context.textAlign = 'center';
    for (const at of timeTicks(data.from, data.to, plotWidth / 80)) {
      const share = (at - data.from) / (data.to - data.from || 1);
      const middle = painter.left + share * plotWidth;
      if (middle < painter.left + 16 || middle > width - 20) continue;
      context.fillText(formatClock(at, data.to, zone), middle, height - 6);
    }
  }, [painter, width, height, scheme, zone, data.from, data.to]);
  return (
    <div
      className={styles['canvasHost']}
      onPointerLeave={() => setTip(null)}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const [px, py] = [event.clientX - box.left, event.clientY - box.top];
        const at = data.from + ((px - painter.left) / plotWidth) * (data.to - data.from);
        const index = Math.floor((at / 1000 - (times[0] ?? 0)) / step);
        const row = Math.floor(py / rowHeight);
        const inside = px >= painter.left && index >= 0 && index < times.length && row < painter.rows;
        setTip(
          inside
            ? {
                x: Math.min(px + 12, width - 180),
                y: Math.min(py + 12, height - 30),
                text: `${formatClock(at, data.to, zone, true)} · ${painter.tip(row, index)}`,
              }
            : null,
        );
      }}
    >
      <canvas ref={ref} style={{ width, height }} role="img" aria-label={label} />
      {tip !== null && (
        <div className={styles['tip']} style={{ left: tip.x, top: tip.y }}>
          {tip.text}
        </div>
      )}
    </div>
  );
}

export function Heatmap(props: VizProps) {
  const { panel, data, values, width } = props;
  const { times, series } = useMemo(() => seriesOf(panel, data, values), [panel, data.frames, values]);
  const painter = useMemo<Painter>(() => {
    const unit = panel.field.unit;
    const { labels, rows } =
      panel.options['from'] === 'series'
        ? valueRows(series, times.length, (value) => formatUnit(value, unit))
        : bucketRows(series);
    const most = rows.reduce((high, row) => row.reduce((a, b) => (b > a ? b : a), high), 0);
    const named = labels.map((label) =>
      Number.isFinite(Number(label)) ? formatUnit(Number(label), unit) : label,
    );
    const grey = panel.options['scheme'] === 'grey';
    const left = labelRoom(named, width * 0.2);
    return {
      left,
      rows: rows.length,
      tip: (row, index) => {
        const place = rows.length - 1 - row;
        const value = rows[place]?.[index];
        return `up to ${named[place] ?? ''}: ${value === undefined || Number.isNaN(value) ? 'nothing' : formatUnit(value, 'short')}`;
      },
      paint: (context, { x, y, rowHeight }) => {
        const shades = Array.from({ length: 9 }, (_, level) =>
          canvasColor(
            `color-mix(in srgb, ${grey ? 'var(--ink)' : 'var(--s1)'} ${12 + level * 11}%, var(--surface))`,
          ),
        );
        rows.forEach((row, place) => {
          const top = y(rows.length - 1 - place);
          row.forEach((value, at) => {
            if (!(value > 0)) return;
            context.fillStyle = shades[Math.min(8, Math.floor(Math.sqrt(value / most) * 8.99))] ?? '';
            context.fillRect(
              x(at),
              top + 0.5,
              Math.max(1, x(at + 1) - x(at) - 0.5),
              Math.max(1, rowHeight - 1),
            );
          });
        });
        context.fillStyle = canvasColor('var(--ink-3)');
        context.textAlign = 'right';
        const every = Math.max(1, Math.ceil(13 / rowHeight));
        named.forEach((label, place) => {
          if (place % every === 0)
            context.fillText(label, left - 6, y(rows.length - 1 - place) + rowHeight / 2 + 4);
        });
      },
    };
  }, [series, times, panel, width]);
  return (
    <RowsCanvas
      {...props}
      times={times}
      painter={painter}
      label={`${panel.title || 'Heatmap'}: ${painter.rows} buckets over time`}
    />
  );
}

export function StateTimeline(props: VizProps) {
  const { panel, data, values, width } = props;
  const { times, series } = useMemo(() => seriesOf(panel, data, values), [panel, data.frames, values]);
  const painter = useMemo<Painter>(() => {
    const slots = colorSlots(series.map(({ name }) => name));
    const left = labelRoom(
      series.map(({ name }) => name),
      width * 0.3,
    );
    const merge = panel.options['merge'] !== false;
    return {
      left,
      rows: series.length,
      tallest: 40,
      tip: (row, index) => {
        const one = series[row];
        const value = one?.values[index];
        return one === undefined
          ? ''
          : `${one.name}: ${showText(one.settings, value === undefined || Number.isNaN(value) ? null : value)}`;
      },
      paint: (context, { x, y, rowHeight }) => {
        series.forEach(({ name, values: row, settings }, place) => {
          const top = y(place) + Math.min(4, rowHeight * 0.12);
          const tall = Math.max(2, rowHeight - Math.min(8, rowHeight * 0.24));
          context.textAlign = 'left';
          for (const span of spans(row, merge)) {
            const mapped = settings.mappings?.find(
              (one) => one.type === 'value' && one.value === String(span.value),
            )?.color;
            context.fillStyle = canvasColor(
              mapped === undefined
                ? valueColor(settings, span.value, slots[place] ?? 0)
                : valueColor({ color: { mode: 'fixed', fixed: mapped } }, span.value, 0),
            );
            const [from, to] = [x(span.from), x(span.to)];
            context.globalAlpha = 0.75;
            context.fillRect(from, top, Math.max(1, to - from - (merge ? 0 : 1)), tall);
            context.globalAlpha = 1;
            const text = showText(settings, span.value);
            if (
              panel.options['showValues'] !== false &&
              tall >= 14 &&
              to - from > context.measureText(text).width + 12
            ) {
              context.fillStyle = canvasColor('var(--ground)');
              context.fillText(text, from + 6, top + tall / 2 + 4);
            }
          }
          context.fillStyle = canvasColor('var(--ink-2)');
          context.textAlign = 'right';
          if (rowHeight >= 10)
            context.fillText(clip(context, name, left - 12), left - 6, y(place) + rowHeight / 2 + 4);
        });
      },
    };
  }, [series, times, panel, width]);
  const states = series.slice(0, 8).map(({ name, values: row, settings }) => {
    const last = row.findLast((value) => !Number.isNaN(value));
    return `${name} ${showText(settings, last ?? null)}`;
  });
  return (
    <RowsCanvas
      {...props}
      times={times}
      painter={painter}
      label={`${panel.title || 'States'}, now: ${states.join(', ')}`}
    />
  );
}

let ruler: CanvasRenderingContext2D | null = null;

/** The room that the longest label needs, at most `most`, px. */
function labelRoom(labels: readonly string[], most: number): number {
  ruler ??= document.createElement('canvas').getContext('2d');
  if (ruler === null) return most;
  ruler.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const context = ruler;
  const widest = labels.reduce((wide, label) => Math.max(wide, context.measureText(label).width), 0);
  return Math.min(most, Math.max(32, widest + 18));
}

function clip(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let cut = text.length;
  while (cut > 1 && context.measureText(`${text.slice(0, cut)}…`).width > room) cut--;
  return `${text.slice(0, cut)}…`;
}
