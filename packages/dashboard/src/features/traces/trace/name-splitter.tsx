import { type PointerEvent, useState } from 'react';
import styles from './trace.module.css';

const KEY = 'pharos.traces.name-width';
const LEAST = 15;
const MOST = 75;

function clamped(percent: number): number {
  return Math.min(MOST, Math.max(LEAST, percent));
}

/** The share of the waterfall that names have, in percent; the browser remembers it. */
export function useNameWidth(): readonly [number, (percent: number) => void] {
  const [width, setWidth] = useState(() => clamped(Number(localStorage.getItem(KEY) ?? 35) || 35));
  return [
    width,
    (percent) => {
      setWidth(clamped(percent));
      localStorage.setItem(KEY, String(clamped(percent)));
    },
  ];
}

/** The line between names and times: dragged, or moved by the arrows. */
export function NameSplitter({
  width,
  set,
}: {
  readonly width: number;
  readonly set: (percent: number) => void;
}) {
  const drag = (event: PointerEvent<HTMLElement>): void => {
    const parent = event.currentTarget.parentElement;
    if (parent === null || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { left, width: whole } = parent.getBoundingClientRect();
    set(((event.clientX - left) / whole) * 100);
  };
  return (
    <div
      className={styles['splitter']}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the names"
      aria-valuenow={Math.round(width)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        set(width + (event.key === 'ArrowLeft' ? -2 : 2));
      }}
    />
  );
}
