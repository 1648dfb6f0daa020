import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { IconChevronDown, IconChevronRight, IconGripVertical } from '../../../ui/icons.ts';
import styles from './grid.module.css';
import { bottom, COLUMNS, GAP, type Place, ROW_HEIGHT } from './layout.ts';

export interface Tile {
  readonly key: string;
  readonly id: number;
  readonly title: string;
  readonly grid: Place;
  readonly movable: boolean;
}

export interface GridProps<T extends Tile> {
  readonly tiles: readonly T[];
  readonly editing: boolean;
  /** Called for each step of a move, by pointer or by key. */
  readonly onPlace: (id: number, place: Place) => void;
  readonly children: (tile: T, handle: ReactNode) => ReactNode;
}

const pitch = ROW_HEIGHT + GAP;

function offset(place: Place) {
  return {
    left: `${(place.x / COLUMNS) * 100}%`,
    width: `calc(${(place.w / COLUMNS) * 100}% - ${GAP}px)`,
    top: place.y * pitch,
    height: place.h * pitch - GAP,
  };
}

const KEYS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Panels on 24 columns. Their handles move them and their corners size them, by pointer and by arrow keys (with Shift: the size). */
export function Grid<T extends Tile>({ tiles, editing, onPlace, children }: GridProps<T>) {
  const host = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);

  const drag = (tile: T, kind: 'move' | 'size') => (event: PointerEvent<HTMLButtonElement>) => {
    const box = host.current?.getBoundingClientRect();
    if (box === undefined || event.button !== 0) return;
    const button = event.currentTarget;
    button.setPointerCapture(event.pointerId);
    setDragged(tile.id);
    const { clientX: x0, clientY: y0 } = event;
    const from = tile.grid;
    let last = '';
    const move = (now: globalThis.PointerEvent): void => {
      const dx = Math.round(((now.clientX - x0) / box.width) * COLUMNS);
      const dy = Math.round((now.clientY - y0) / pitch);
      if (last === `${dx} ${dy}`) return;
      last = `${dx} ${dy}`;
      onPlace(
        tile.id,
        kind === 'move'
          ? { ...from, x: from.x + dx, y: Math.max(0, from.y + dy) }
          : { ...from, w: Math.max(2, Math.min(COLUMNS - from.x, from.w + dx)), h: Math.max(2, from.h + dy) },
      );
    };
    const end = (): void => {
      setDragged(null);
      button.removeEventListener('pointermove', move);
      button.removeEventListener('pointerup', end);
      button.removeEventListener('pointercancel', end);
    };
    button.addEventListener('pointermove', move);
    button.addEventListener('pointerup', end);
    button.addEventListener('pointercancel', end);
  };

  const press = (tile: T) => (event: KeyboardEvent<HTMLButtonElement>) => {
    const step = KEYS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const [dx, dy] = step;
    const { x, y, w, h } = tile.grid;
    // Up must pass the whole panel above, or gravity would pull it back.
    const above = tiles
      .filter((other) => other.grid.y + other.grid.h <= y && other.id !== tile.id)
      .reduce((low, { grid }) => Math.max(low, grid.y), 0);
    onPlace(
      tile.id,
      event.shiftKey
        ? { x, y, w: Math.max(2, Math.min(COLUMNS - x, w + dx)), h: Math.max(2, h + dy) }
        : { w, h, x: x + dx, y: dy < 0 ? above : dy > 0 ? y + belowOf(tiles, tile) : y },
    );
  };

  return (
    <div
      ref={host}
      className={styles['grid']}
      style={{ height: bottom(tiles) * pitch }}
      data-editing={editing}
    >
      {tiles.map((tile) => {
        const movable = editing && tile.movable;
        return (
          <div
            key={tile.key}
            className={styles['tile']}
            style={offset(tile.grid)}
            data-dragged={dragged === tile.id}
            data-small={tile.grid.w <= 6 && tile.grid.h <= 6}
          >
            {children(
              tile,
              movable ? (
                <button
                  type="button"
                  className={styles['handle']}
                  aria-label={`Move ${tile.title || 'the panel'}: arrow keys move, with Shift they size`}
                  onPointerDown={drag(tile, 'move')}
                  onKeyDown={press(tile)}
                >
                  <IconGripVertical size={14} aria-hidden />
                </button>
              ) : null,
            )}
            {movable && (
              <button
                type="button"
                tabIndex={-1}
                aria-hidden
                className={styles['corner']}
                onPointerDown={drag(tile, 'size')}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

/** How far down a panel has to go to pass the next one below it. */
function belowOf(tiles: readonly Tile[], tile: Tile): number {
  const under = tiles.find(
    ({ id, grid }) =>
      id !== tile.id &&
      grid.y >= tile.grid.y + tile.grid.h &&
      grid.x < tile.grid.x + tile.grid.w &&
      tile.grid.x < grid.x + grid.w,
  );
  return under === undefined ? 1 : under.grid.h;
}

export interface RowHeadProps {
  readonly title: string;
  readonly collapsed: boolean;
  readonly onToggle: () => void;
  readonly handle: ReactNode;
  readonly actions: ReactNode;
}

export function RowHead({ title, collapsed, onToggle, handle, actions }: RowHeadProps) {
  return (
    <div className={styles['row']}>
      {handle}
      <button type="button" aria-expanded={!collapsed} onClick={onToggle}>
        {collapsed ? <IconChevronRight size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />}
        <h2>{title || 'Row'}</h2>
      </button>
      {actions}
    </div>
  );
}
