import { Button } from '@mantine/core';
import { type MouseEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useHotkeys } from '../../../keys/hotkeys.tsx';
import { canvasColor } from '../../../ui/chart/canvas-color.ts';
import { formatValue } from '../../../ui/format.ts';
import { IconZoomOut } from '../../../ui/icons.ts';
import { useDrawnCanvas } from '../../../ui/use-drawn-canvas.ts';
import { type Direction, type Flame, flameOf, neighbourOf } from '../model/flame.ts';
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
  /** Where the keyboard stands, -1 for nowhere. */
  readonly cursor: number;
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
  const [ground, ink, failed, accent] = ['--surface', '--ink', '--unhealthy', '--accent'].map((name) =>
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
    if (frame === shown.cursor) {
      context.globalAlpha = 1;
      context.lineWidth = 2;
      context.strokeStyle = accent ?? '';
      context.strokeRect(left + 1, top + 1, Math.max(1, room - 2), ROW_PX - 3);
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

/** Brings a row into sight, as a list does with the one chosen; null for none. */
function useInSight(scroller: RefObject<HTMLDivElement | null>, top: number | null): void {
  useEffect(() => {
    const element = scroller.current;
    if (element === null || top === null) return;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_PX - element.clientHeight;
  }, [scroller, top]);
}

interface FlameKeys {
  /** Where the keyboard stands, -1 for nowhere. */
  readonly key: number;
  readonly go: (direction: Direction) => void;
  readonly zoom: (frame: number) => void;
  readonly openLongest: (frame: number) => void;
  readonly whole: () => void;
}

function useFlameKeys({ key, go, zoom, openLongest, whole }: FlameKeys): void {
  const onKey = (act: (frame: number) => void) => () => {
    if (key >= 0) act(key);
  };
  useHotkeys([
    { keys: 'ArrowDown', label: 'Into the widest frame below', group: 'Lists', run: () => go('down') },
    { keys: 'ArrowUp', label: 'To the frame above', group: 'Lists', run: () => go('up') },
    { keys: 'ArrowRight', label: 'To the next frame beside it', group: 'Lists', run: () => go('right') },
    { keys: 'ArrowLeft', label: 'To the frame before it', group: 'Lists', run: () => go('left') },
    { keys: 'Enter', label: 'As wide as the view, or back', group: 'Lists', run: onKey(zoom) },
    { keys: 'o', label: 'Open the longest span of the frame', group: 'Lists', run: onKey(openLongest) },
    { keys: '0', label: 'The whole flame graph', group: 'Page', run: whole },
  ]);
}

interface FlameViewProps {
  readonly trace: Trace;
  /** What is looked for in the trace. */
  readonly find: string;
  readonly open: (spanId: string | null) => void;
}

/** Where the work of a trace is, whatever ran beside what: a press makes a frame as wide as the view. */
export function FlameView({ trace, find, open }: FlameViewProps) {
  const [root, setRoot] = useState(-1);
  const [hovered, setHovered] = useState(-1);
  const [cursor, setCursor] = useState(-1);
  const scroller = useRef<HTMLDivElement>(null);
  const flame = useMemo(() => flameOf(trace, selfTimes(trace)), [trace]);
  const colors = useMemo(() => serviceColors(trace.services), [trace]);
  // A flame of more spans has other frames.
  const at = root < flame.count ? root : -1;
  const key = cursor < flame.count ? cursor : -1;
  const shown = useMemo<Shown>(
    () => ({ flame, root: at, needle: find.trim().toLowerCase(), cursor: key }),
    [flame, at, find, key],
  );
  const paint = useCallback(
    (element: HTMLCanvasElement) => draw(element, trace, shown, colors),
    [trace, shown, colors],
  );
  const canvas = useDrawnCanvas(paint);
  useInSight(scroller, key < 0 ? null : flame.depth[key] * ROW_PX);
  /** From frame to frame, of those that stand in the shown part. */
  const go = (direction: Direction): void => {
    const next = key < 0 ? Math.max(0, at) : neighbourOf(flame, key, direction);
    if (next >= 0 && placeOf(shown, next) !== null) setCursor(next);
  };
  const zoom = (frame: number): void => setRoot(frame === at ? -1 : frame);
  const openLongest = (frame: number): void => open(trace.spanIds[flame.longest[frame]] ?? null);
  useFlameKeys({ key, go, zoom, openLongest, whole: () => setRoot(-1) });
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
  const told = hovered >= 0 && hovered < flame.count ? hovered : key >= 0 ? key : at;
  return (
    <section className={styles['waterfall']} aria-label="Flame graph">
      <div className={styles['flameHead']}>
        <p className={styles['quiet']} role="status">
          {told < 0
            ? 'Spans of one chain are one frame, as wide as the work in and below them. A press zooms in; by the keyboard the arrows move, Enter zooms, o opens.'
            : words(trace, flame, told)}
        </p>
        {at >= 0 && (
          <>
            <Button size="compact-xs" variant="default" onClick={() => openLongest(at)}>
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
      <div
        ref={scroller}
        className={styles['flame']}
        tabIndex={0}
        role="region"
        aria-label="Frames"
        onKeyDown={(event) => {
          // The page's own keys leave Enter to what has the focus.
          if (event.key !== 'Enter' || key < 0) return;
          event.preventDefault();
          zoom(key);
        }}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${flame.count.toLocaleString('en')} frames of ${trace.loaded.toLocaleString('en')} spans; the table of operations has their figures`}
          style={{ height: flame.depths * ROW_PX }}
          onMouseMove={(event) => setHovered(frameAt(event))}
          onMouseLeave={() => setHovered(-1)}
          onClick={(event) => {
            const frame = frameAt(event);
            if (frame < 0) return;
            setCursor(frame);
            zoom(frame);
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
