import { useNavigate } from '@tanstack/react-router';
import { type PointerEvent, useCallback, useMemo, useState } from 'react';
import { useZone } from '../../../time/use-range.ts';
import { canvasColor } from '../../../ui/chart/canvas-color.ts';
import { formatDate, formatInstant, formatValue } from '../../../ui/format.ts';
import { useDrawnCanvas } from '../../../ui/use-drawn-canvas.ts';
import type { Points } from '../contracts.ts';
import { timeOf } from '../links.ts';
import { serviceColors } from '../service-mark.tsx';
import styles from '../traces.module.css';
import {
  durationTicks,
  nearest,
  type Scales,
  type Selection,
  type Size,
  scalesOf,
  valueAt,
  xOf,
  yOf,
} from './plot.ts';

const HEIGHT = 176;
/** A drag shorter than this is a press. */
const LEAST_PX = 6;
const TIME_MARKS = 6;

/** A dot for a trace; one that failed is a cross in the colour of failures, so that neither shape nor colour tells it alone. */
function draw(
  canvas: HTMLCanvasElement,
  { points }: Points,
  scales: Scales,
  colors: readonly string[],
): void {
  const ratio = window.devicePixelRatio;
  const size = { width: canvas.clientWidth, height: HEIGHT };
  canvas.width = Math.max(1, Math.round(size.width * ratio));
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  context.strokeStyle = canvasColor('var(--line)');
  for (const tick of durationTicks(scales)) {
    const y = Math.round(yOf(scales, size, tick)) + 0.5;
    context.beginPath();
    context.moveTo(0, y);
    context.lineTo(size.width, y);
    context.stroke();
  }
  const fills = colors.map(canvasColor);
  const failures = canvasColor('var(--unhealthy)');
  context.lineWidth = 2;
  context.strokeStyle = failures;
  for (const pass of [0, 1])
    for (let index = 0; index < points.trace_id.length; index++) {
      if (points.failed[index] !== pass) continue;
      const x = xOf(scales, size, points.start_ms[index] ?? 0);
      const y = yOf(scales, size, points.duration_ns[index] ?? 0);
      context.beginPath();
      if (pass === 0) {
        context.globalAlpha = 0.7;
        context.fillStyle = fills[points.service[index] ?? 0] ?? failures;
        context.arc(x, y, 3, 0, 2 * Math.PI);
        context.fill();
      } else {
        context.globalAlpha = 1;
        context.moveTo(x - 4, y - 4);
        context.lineTo(x + 4, y + 4);
        context.moveTo(x + 4, y - 4);
        context.lineTo(x - 4, y + 4);
        context.stroke();
      }
    }
}

interface Corner {
  readonly x: number;
  readonly y: number;
}

interface ScatterProps {
  readonly data: Points;
  readonly from: number;
  readonly to: number;
  readonly selection: Selection | undefined;
  readonly select: (selection: Selection | undefined) => void;
}

function placeOf(event: PointerEvent<HTMLElement>): Corner & { readonly size: Size } {
  const { left, top, width } = event.currentTarget.getBoundingClientRect();
  return {
    x: Math.min(width, Math.max(0, event.clientX - left)),
    y: Math.min(HEIGHT, Math.max(0, event.clientY - top)),
    size: { width, height: HEIGHT },
  };
}

function Axes({ scales }: { readonly scales: Scales }) {
  const [zone] = useZone();
  const size = { width: 100, height: HEIGHT };
  const day = scales.to - scales.from > 86_400_000;
  return (
    <>
      {durationTicks(scales).map((tick) => (
        <span
          key={tick}
          className={`${styles['yMark']} num`}
          style={{ top: yOf(scales, size, tick) }}
          aria-hidden
        >
          {formatValue(tick / 1e9, 'seconds')}
        </span>
      ))}
      {Array.from({ length: TIME_MARKS }, (_, index) => {
        const share = index / (TIME_MARKS - 1);
        const at = scales.from + share * (scales.to - scales.from);
        return (
          <span
            key={share}
            className={`${styles['xMark']} num`}
            data-end={share === 0 ? 'first' : share === 1 ? 'last' : undefined}
            style={{ left: `${share * 100}%` }}
            aria-hidden
          >
            {day ? `${formatDate(at, 'day', zone)} ` : ''}
            {formatDate(at, 'minutes', zone)}
          </span>
        );
      })}
    </>
  );
}

/** How long traces took, over time: a press opens one, dragging chooses a part of time and duration. */
export function Scatter({ data, from, to, selection, select }: ScatterProps) {
  const navigate = useNavigate();
  const [zone] = useZone();
  const [drag, setDrag] = useState<{ readonly a: Corner; readonly b: Corner } | null>(null);
  const [hovered, setHovered] = useState(-1);
  const scales = useMemo(() => scalesOf(data, from, to), [data, from, to]);
  const colors = useMemo(() => serviceColors(data.services), [data.services]);
  const paint = useCallback(
    (element: HTMLCanvasElement) => draw(element, data, scales, colors),
    [data, scales, colors],
  );
  const canvas = useDrawnCanvas(paint);
  const width = canvas.current?.clientWidth ?? 0;
  const size = { width, height: HEIGHT };
  const boxOf = (): { left: number; top: number; width: number; height: number } | null => {
    if (drag !== null)
      return {
        left: Math.min(drag.a.x, drag.b.x),
        top: Math.min(drag.a.y, drag.b.y),
        width: Math.abs(drag.a.x - drag.b.x),
        height: Math.abs(drag.a.y - drag.b.y),
      };
    if (selection === undefined || width === 0) return null;
    const [start, end, min, max] = selection;
    const left = Math.max(0, xOf(scales, size, start));
    const top = Math.max(0, yOf(scales, size, max));
    return {
      left,
      top,
      width: Math.max(0, Math.min(width, xOf(scales, size, end)) - left),
      height: Math.max(0, Math.min(HEIGHT, yOf(scales, size, min)) - top),
    };
  };
  const finish = (event: PointerEvent<HTMLElement>): void => {
    if (drag === null) return;
    setDrag(null);
    const { x, y, size: own } = placeOf(event);
    if (Math.abs(x - drag.a.x) < LEAST_PX && Math.abs(y - drag.a.y) < LEAST_PX) {
      const traceId = data.points.trace_id[nearest(data, scales, own, { x, y })];
      if (traceId !== undefined)
        void navigate({ to: '/traces/$traceId', params: { traceId }, search: timeOf });
      else select(undefined);
      return;
    }
    const [one, two] = [valueAt(scales, own, drag.a.x, drag.a.y), valueAt(scales, own, x, y)];
    select([
      Math.round(Math.min(one.at, two.at)),
      Math.round(Math.max(one.at, two.at)) + 1,
      Math.floor(Math.min(one.duration, two.duration)),
      Math.ceil(Math.max(one.duration, two.duration)),
    ]);
  };
  const box = boxOf();
  const { points } = data;
  return (
    <div className={styles['plot']}>
      <div
        className={styles['plotArea']}
        role="img"
        aria-label={`Durations of ${points.trace_id.length.toLocaleString('en')} traces over time; drag to choose some of them`}
        style={{ height: HEIGHT, cursor: hovered >= 0 ? 'pointer' : 'crosshair' }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const { x, y } = placeOf(event);
          setDrag({ a: { x, y }, b: { x, y } });
        }}
        onPointerMove={(event) => {
          const { x, y, size: own } = placeOf(event);
          if (drag !== null) setDrag({ a: drag.a, b: { x, y } });
          else setHovered(nearest(data, scales, own, { x, y }));
        }}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHovered(-1)}
      >
        <canvas ref={canvas} style={{ height: HEIGHT }} />
        {box !== null && <i className={styles['brush']} style={box} />}
        <Axes scales={scales} />
      </div>
      <p className={styles['hover']}>
        {hovered >= 0 && points.trace_id[hovered] !== undefined
          ? `${data.services[points.service[hovered] ?? 0] ?? ''} ${data.operations[points.operation[hovered] ?? 0] ?? ''}: ${formatValue((points.duration_ns[hovered] ?? 0) / 1e9, 'seconds')}${points.failed[hovered] === 1 ? ', failed' : ''}, ${formatInstant(points.start_ms[hovered] ?? 0, zone)}`
          : `${points.trace_id.length.toLocaleString('en')}${data.every > 1 ? ` of about ${data.total.toLocaleString('en')}` : ''} traces, × failed${data.every > 1 ? '; a fair sample and the slowest' : ''}. Press one to open it, drag to choose some.`}
      </p>
    </div>
  );
}
