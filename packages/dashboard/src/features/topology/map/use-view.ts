import { type PointerEvent as ReactPointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { Box, Layout } from '../layout/layout.ts';
import { fitted, showing, type View, ZOOM_STEP, zoomed } from './view.ts';

/** From here on a press is a drag. */
const DRAG_PX = 4;

function sizeOf(element: HTMLElement) {
  return { width: element.clientWidth, height: element.clientHeight };
}

/** The map's window: it shows the whole map until the reader moves it, and again when `fit` is called. */
export function useView(host: RefObject<HTMLDivElement | null>, layout: Layout) {
  const [view, setView] = useState<View>({ x: 0, y: 0, scale: 1 });
  const moved = useRef(false);
  const drag = useRef<{ readonly x: number; readonly y: number; readonly view: View; moves: boolean } | null>(
    null,
  );
  const { width, height } = layout;

  const fit = (): void => {
    moved.current = false;
    if (host.current !== null) setView(fitted({ width, height }, sizeOf(host.current)));
  };
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (!moved.current) setView(fitted({ width, height }, sizeOf(element)));
    });
    observer.observe(element);
    if (!moved.current) setView(fitted({ width, height }, sizeOf(element)));
    return () => observer.disconnect();
  }, [host, width, height]);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    // A plain wheel scrolls the page; with Ctrl, which is also what pinching a touchpad sends, it zooms.
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      moved.current = true;
      const { left, top } = element.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.004 : 0.1));
      setView((now) => zoomed(now, factor, [event.clientX - left, event.clientY - top]));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [host]);

  const zoom = (factor: number): void => {
    const element = host.current;
    if (element === null) return;
    moved.current = true;
    setView((now) => zoomed(now, factor, [element.clientWidth / 2, element.clientHeight / 2]));
  };
  return {
    view,
    fit,
    zoomIn: () => zoom(ZOOM_STEP),
    zoomOut: () => zoom(1 / ZOOM_STEP),
    /** Brings a box into sight. */
    show: (box: Box): void => {
      const element = host.current;
      if (element === null) return;
      setView((now) => {
        const next = showing(now, box, sizeOf(element));
        if (next !== now) moved.current = true;
        return next;
      });
    },
    handlers: {
      onPointerDown: (event: ReactPointerEvent<HTMLDivElement>): void => {
        if (event.button !== 0) return;
        drag.current = { x: event.clientX, y: event.clientY, view, moves: false };
      },
      onPointerMove: (event: ReactPointerEvent<HTMLDivElement>): void => {
        const from = drag.current;
        if (from === null || event.buttons === 0) return;
        const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
        if (!from.moves && Math.hypot(dx, dy) < DRAG_PX) return;
        // The click at the end of a drag goes to the window then, and chooses nothing.
        if (!from.moves) event.currentTarget.setPointerCapture(event.pointerId);
        from.moves = true;
        moved.current = true;
        setView({ ...from.view, x: from.view.x + dx, y: from.view.y + dy });
      },
      onPointerUp: (): void => {
        drag.current = null;
      },
    },
  };
}
