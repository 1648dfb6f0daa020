import { Button } from '@mantine/core';
import { type MouseEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { canvasColor } from '../../../ui/chart/canvas-color.ts';
import { formatValue } from '../../../ui/format.ts';
import { IconZoomOut } from '../../../ui/icons.ts';
import { type Flame, flameOf } from '../model/flame.ts';
import { selfTimes } from '../model/operations.ts';
import type { Trace } from '../model/trace.ts';
import { serviceColors } from '../service-mark.tsx';
import styles from './trace.module.css';

const ROW_PX = 22;
const LABEL_PX = 40;

interface Shown {
  readonly flame: Flame;
  /** The frame that has the whole width, -1 for all. */
  readonly root: number;
  /** Text that frames are looked for by, in lower case; empty for none. */
  readonly needle: string;
}

/** Where a frame begins and ends in the shown part, as shares of its width; null for one outside of it. */
function placeOf(
  { flame, root }: Shown,
  frame: number,
): { readonly from: number; readonly to: number } | null {
  const base = root < 0 ? 0 : flame.left[root];
  const whole = root < 0 ? flame.total : flame.width[root];
  if (!(whole > 0)) return null;
  const from = (flame.left[frame] - base) / whole;
  const to = from + flame.width[frame] / whole;
  // What is below the root in the tree, and its ancestors over the whole width.
  return to <= 1e-9 || from >= 1 - 1e-9 ? null : { from: Math.max(0, from), to: Math.min(1, to) };
}

function namesOf(
  trace: Trace,
  flame: Flame,
  frame: number,
): { readonly service: string; readonly operation: string } {
  return {
    service: trace.services[flame.service[frame]] ?? '',
    operation: trace.operations[flame.operation[frame]] ?? '',
  };
}

function draw(canvas: HTMLCanvasElement, trace: Trace, shown: Shown, colors: readonly string[]): void {
  const ratio = window.devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.round(shown.flame.depths * ROW_PX * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = 'middle';
  const fills = colors.map(canvasColor);
  const [ground, ink, failed] = ['--surface', '--ink', '--unhealthy'].map((name) =>
    canvasColor(`var(${name})`),
  );
  const { flame, needle } = shown;
  for (let frame = 0; frame < flame.count; frame++) {
    const place = placeOf(shown, frame);
    if (place === null || (place.to - place.from) * width < 0.5) continue;
    const left = place.from * width;
    const room = Math.max(1, (place.to - place.from) * width - 1);
    const top = flame.depth[frame] * ROW_PX;
    const { service, operation } = namesOf(trace, flame, frame);
    const found = needle === '' || `${service} ${operation}`.toLowerCase().includes(needle);
    // A tint of the service's colour, on which the page's ink is read in both themes.
    context.globalAlpha = found ? (needle === '' ? 0.35 : 0.6) : 0.08;
    context.fillStyle = fills[flame.service[frame]] ?? ground ?? '';
    context.fillRect(left, top, room, ROW_PX - 1);
    context.globalAlpha = found ? 1 : 0.4;
    if (flame.failed[frame] > 0) {
      context.fillStyle = failed ?? '';
      context.fillRect(left, top + ROW_PX - 4, room, 3);
    }
    if (room < LABEL_PX) continue;
    context.fillStyle = ink ?? '';
    context.save();
    context.beginPath();
    context.rect(left, top, room - 4, ROW_PX);
    context.clip();
    context.fillText(`${service} ${operation}`, left + 6, top + ROW_PX / 2);
    context.restore();
  }
}

interface FlameViewProps {
  readonly trace: Trace;
  /** What is looked for in the trace. */
  readonly find: string;
  readonly open: (spanId: string | null) => void;
}

/** Where the work of a trace is, whatever ran beside what: a press makes a frame as wide as the view. */
export function FlameView({ trace, find, open }: FlameViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [root, setRoot] = useState(-1);
  const [hovered, setHovered] = useState(-1);
  const flame = useMemo(() => flameOf(trace, selfTimes(trace)), [trace]);
  const colors = useMemo(() => serviceColors(trace.services), [trace]);
  // A flame of more spans has other frames.
  const at = root < flame.count ? root : -1;
  const shown = useMemo<Shown>(
    () => ({ flame, root: at, needle: find.trim().toLowerCase() }),
    [flame, at, find],
  );
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const redraw = (): void => draw(element, trace, shown, colors);
    const observer = new ResizeObserver(redraw);
    observer.observe(element);
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      observer.disconnect();
      themes.disconnect();
    };
  }, [trace, shown, colors]);
  useHotkeys([{ keys: '0', label: 'The whole flame graph', group: 'Page', run: () => setRoot(-1) }]);
  const frameAt = (event: MouseEvent<HTMLElement>): number => {
    const { left, top, width } = event.currentTarget.getBoundingClientRect();
    const depth = Math.floor((event.clientY - top) / ROW_PX);
    const share = (event.clientX - left) / width;
    for (let frame = 0; frame < flame.count; frame++) {
      if (flame.depth[frame] !== depth) continue;
      const place = placeOf(shown, frame);
      if (place !== null && share >= place.from && share < place.to) return frame;
    }
    return -1;
  };
  const told = hovered >= 0 && hovered < flame.count ? hovered : at;
  return (
    <section className={styles['waterfall']} aria-label="Flame graph">
      <div className={styles['flameHead']}>
        <p className={styles['quiet']} role="status">
          {told < 0
            ? 'Spans of one chain are one frame, as wide as the work in and below them. A press zooms in.'
            : words(trace, flame, told)}
        </p>
        {at >= 0 && (
          <>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => open(trace.spanIds[flame.longest[at]] ?? null)}
            >
              Its longest span
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconZoomOut size={12} />}
              onClick={() => setRoot(-1)}
            >
              Whole trace
            </Button>
          </>
        )}
      </div>
      <div className={styles['flame']} tabIndex={0} role="region" aria-label="Frames">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${flame.count.toLocaleString('en')} frames of ${trace.loaded.toLocaleString('en')} spans; the table of operations has their figures`}
          style={{ height: flame.depths * ROW_PX }}
          onMouseMove={(event) => setHovered(frameAt(event))}
          onMouseLeave={() => setHovered(-1)}
          onClick={(event) => {
            const frame = frameAt(event);
            if (frame >= 0) setRoot(frame === at ? -1 : frame);
          }}
        />
      </div>
    </section>
  );
}

function words(trace: Trace, flame: Flame, frame: number): string {
  const { service, operation } = namesOf(trace, flame, frame);
  const spans = flame.spans[frame];
  const time = (nanoseconds: number): string => formatValue(nanoseconds / 1e9, 'seconds');
  const failed = flame.failed[frame] > 0 ? `, ${flame.failed[frame].toLocaleString('en')} failed` : '';
  return `${service} ${operation}: ${spans.toLocaleString('en')} ${spans === 1 ? 'span' : 'spans'}${failed}; ${time(flame.width[frame])} of work (${formatValue(flame.total > 0 ? flame.width[frame] / flame.total : 0, 'ratio')}), ${time(flame.own[frame])} its own`;
}
