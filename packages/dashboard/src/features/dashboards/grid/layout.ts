/** Places on the dashboard's grid of 24 columns. Pure: what a move, a new size or a fold does to all panels. */
export const COLUMNS = 24;
export const ROW_HEIGHT = 30;
export const GAP = 8;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}
export interface Placed {
  readonly id: number;
  readonly grid: Place;
}

function collide(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function clamp(place: Place): Place {
  const w = Math.max(1, Math.min(COLUMNS, place.w));
  return {
    w,
    h: Math.max(1, place.h),
    x: Math.max(0, Math.min(COLUMNS - w, place.x)),
    y: Math.max(0, place.y),
  };
}

/** Every panel as high up as it can be without overlap, in reading order; `first` keeps its place before all others. */
export function compact<T extends Placed>(panels: readonly T[], first?: number): T[] {
  const order = panels.toSorted(
    (a, b) =>
      a.grid.y - b.grid.y ||
      Number(b.id === first) - Number(a.id === first) ||
      a.grid.x - b.grid.x ||
      a.id - b.id,
  );
  const settled: T[] = [];
  for (const panel of order) {
    const columns = clamp(panel.grid);
    let y = 0;
    for (const other of settled) {
      const sameColumns = other.grid.x < columns.x + columns.w && columns.x < other.grid.x + other.grid.w;
      if (sameColumns) y = Math.max(y, other.grid.y + other.grid.h);
    }
    settled.push({ ...panel, grid: { ...columns, y } });
  }
  return settled;
}

/** Puts one panel where it is wanted; those in its way go down, and gaps close. Rows span everything, so panels never pass under them unseen. */
export function place<T extends Placed>(panels: readonly T[], id: number, wanted: Place): T[] {
  const target = clamp(wanted);
  const moved = panels.map((panel) => (panel.id === id ? { ...panel, grid: target } : panel));
  const pushed = moved.map((panel) =>
    panel.id !== id &&
    collide(panel.grid, target) &&
    panel.grid.y < target.y + target.h &&
    panel.grid.y >= target.y
      ? { ...panel, grid: { ...panel.grid, y: target.y + target.h } }
      : panel,
  );
  return compact(pushed, id);
}

/** The first free row below everything. */
export function bottom(panels: readonly Placed[]): number {
  return panels.reduce((low, { grid }) => Math.max(low, grid.y + grid.h), 0);
}

export interface Sectioned extends Placed {
  readonly isRow: boolean;
  readonly collapsed: boolean;
}

/** Panels below a folded row are left out, and what follows moves up. */
export function fold<T extends Sectioned>(panels: readonly T[]): T[] {
  const order = panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  const seen: T[] = [];
  let hidden = false;
  for (const panel of order) {
    if (panel.isRow) hidden = panel.collapsed;
    if (panel.isRow || !hidden) seen.push(panel);
  }
  return compact(seen);
}
