import { type PointerEvent, useCallback, useState } from 'react';
import { canvasColor } from '../../../ui/chart/canvas-color.ts';
import { useDrawnCanvas } from '../../../ui/use-drawn-canvas.ts';
import type { Extent } from '../model/time.ts';
import type { Trace } from '../model/trace.ts';
import styles from './trace.module.css';

const HEIGHT = 56;
/** A selection narrower than this is a press that slipped. */
const LEAST_PX = 4;

/** Every span as a stroke over the trace's time; in as many rows as there are pixels. */
function draw(canvas: HTMLCanvasElement, trace: Trace, colors: readonly string[]): void {
  const { clientWidth: width } = canvas;
  const ratio = window.devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  const fills = colors.map(canvasColor);
  const failed = canvasColor('var(--unhealthy)');
  const scale = canvas.width / Math.max(1, trace.duration);
  const step = canvas.height / Math.max(1, trace.total);
  const thick = Math.min(4 * ratio, Math.max(ratio, step * 0.8));
  for (let row = 0; row < trace.loaded; row++) {
    context.fillStyle = trace.failed[row] === 1 ? failed : (fills[trace.service[row]] ?? failed);
    context.fillRect(trace.start[row] * scale, row * step, Math.max(ratio, trace.length[row] * scale), thick);
  }
}

interface MinimapProps {
  readonly trace: Trace;
  readonly colors: readonly string[];
  readonly extent: Extent;
  readonly zoom: (extent: Extent | null) => void;
}

/** The whole trace in small: dragging over it chooses the time that the waterfall shows, a double click gives all of it back. */
export function Minimap({ trace, colors, extent, zoom }: MinimapProps) {
  const paint = useCallback((element: HTMLCanvasElement) => draw(element, trace, colors), [trace, colors]);
  const canvas = useDrawnCanvas(paint);
  const [dragged, setDragged] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const at = (event: PointerEvent<HTMLElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const whole = Math.max(1, trace.duration);
  const shown =
    dragged === null
      ? { from: extent.from / whole, to: extent.to / whole }
      : { from: Math.min(dragged.from, dragged.to), to: Math.max(dragged.from, dragged.to) };
  const isWhole = shown.from <= 0 && shown.to >= 1;
  return (
    <div
      className={styles['minimap']}
      role="img"
      aria-label="The whole trace in small; drag to choose a time, double-click for all of it"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragged({ from: at(event), to: at(event) });
      }}
      onPointerMove={(event) => {
        if (dragged !== null) setDragged({ from: dragged.from, to: at(event) });
      }}
      onPointerUp={(event) => {
        if (dragged === null) return;
        const { width } = event.currentTarget.getBoundingClientRect();
        if ((shown.to - shown.from) * width >= LEAST_PX)
          zoom({ from: shown.from * whole, to: shown.to * whole });
        setDragged(null);
      }}
      onPointerCancel={() => setDragged(null)}
      onDoubleClick={() => zoom(null)}
    >
      <canvas ref={canvas} style={{ height: HEIGHT }} />
      {!isWhole && (
        <>
          <i style={{ left: 0, width: `${shown.from * 100}%` }} />
          <i style={{ left: `${shown.to * 100}%`, right: 0 }} />
        </>
      )}
    </div>
  );
}
