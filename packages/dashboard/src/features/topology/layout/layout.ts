import { type Layers, ordered } from './order.ts';
import { placed, spread } from './places.ts';
import { type Call, ranksOf, tidy, withoutCircles } from './ranks.ts';

/** Sizes in pixels. */
export interface Sizes {
  readonly width: number;
  readonly height: number;
  /** Between the columns, where the calls run. */
  readonly gapX: number;
  /** The columns of a map that is higher than wide move apart up to this, so that its calls can be told apart; never without it. */
  readonly gapXMost?: number;
  readonly gapY: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Point = readonly [x: number, y: number];

export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Where each call runs, by `source\ntarget`: its ends and what it passes. */
  readonly routes: ReadonlyMap<string, readonly Point[]>;
  readonly width: number;
  readonly height: number;
}

/** Room that a call takes where it passes a layer. */
const PASSAGE = 6;
const PORT_GAP = 9;

export function callKey({ source, target }: Call): string {
  return `${source}\n${target}`;
}

interface Route {
  readonly call: Call;
  /** From left to right: cells, the first and the last of them boxes. */
  readonly cells: readonly string[];
}

/** Boxes and, where a call passes over layers, a cell in each of them; linked along the calls. */
function cellsOf(
  names: readonly string[],
  calls: readonly Call[],
): { graph: Layers; routes: readonly Route[] } {
  const forward = withoutCircles(names, calls);
  const ranks = ranksOf(names, forward);
  const first = Math.min(...ranks.values());
  const layers: string[][] = [];
  const into = (rank: number, cell: string): void => {
    (layers[rank - first] ??= []).push(cell);
  };
  for (const name of names) into(ranks.get(name) ?? 0, name);
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  const link = (from: string, to: string): void => {
    after.set(from, [...(after.get(from) ?? []), to]);
    before.set(to, [...(before.get(to) ?? []), from]);
  };
  const routes = calls.map((call, index): Route => {
    const { source: from, target: to } = forward[index] ?? call;
    const cells = [from];
    for (let rank = (ranks.get(from) ?? 0) + 1; rank < (ranks.get(to) ?? 0); rank++) {
      const cell = `${callKey(call)}\n${rank}`;
      into(rank, cell);
      cells.push(cell);
    }
    cells.push(to);
    for (let at = 1; at < cells.length; at++) link(cells[at - 1] ?? '', cells[at] ?? '');
    return { call, cells };
  });
  return { graph: { layers: Array.from(layers, (layer) => layer ?? []), before, after }, routes };
}

/**
 * A map of who calls whom: callers left of those they call, in layers, with few crossings. Deterministic: the same names and calls lie in the
 * same places, whatever their figures and their order. Calls of a service to itself have no route.
 */
export function layoutOf(allNames: readonly string[], allCalls: readonly Call[], sizes: Sizes): Layout {
  const { names, calls } = tidy(allNames, allCalls);
  if (names.length === 0) return { boxes: new Map(), routes: new Map(), width: 0, height: 0 };
  const { graph, routes } = cellsOf(names, calls);
  const known = new Set(names);
  const sizeOf = (cell: string): number => (known.has(cell) ? sizes.height : PASSAGE);
  const layers = ordered(graph);
  const middle = placed({ ...graph, layers }, sizeOf, sizes.gapY);
  const columns = new Map(layers.flatMap((layer, column) => layer.map((cell) => [cell, column] as const)));
  const height = Math.max(...[...middle].map(([cell, at]) => at + sizeOf(cell) / 2));
  const gapX = columnGap(sizes, layers.length, height);
  const left = (cell: string): number => (columns.get(cell) ?? 0) * (sizes.width + gapX);
  const boxes = new Map(
    names.map((name) => {
      const y = (middle.get(name) ?? 0) - sizes.height / 2;
      return [name, { x: left(name), y, width: sizes.width, height: sizes.height }] as const;
    }),
  );
  const ports = portsOf(routes, middle, sizes.height);
  const lines = routes.map(({ call, cells }) => {
    const points = cells.flatMap((cell, at): Point[] => {
      const y = (middle.get(cell) ?? 0) + (ports.get(`${callKey(call)}\n${at === 0 ? 'out' : 'in'}`) ?? 0);
      if (at === 0) return [[left(cell) + sizes.width, y]];
      if (at === cells.length - 1) return [[left(cell), y]];
      const through = middle.get(cell) ?? 0;
      return [
        [left(cell), through],
        [left(cell) + sizes.width, through],
      ];
    });
    // One that was turned runs from right to left.
    return [callKey(call), cells[0] === call.source ? points : points.toReversed()] as const;
  });
  return {
    boxes,
    routes: new Map(lines),
    width: layers.length * (sizes.width + gapX) - gapX,
    height,
  };
}

/** About as wide as a screen for its height. */
const RATIO = 1.8;

function columnGap({ width, gapX, gapXMost = gapX }: Sizes, columns: number, height: number): number {
  const wanted = (height * RATIO - columns * width) / Math.max(1, columns - 1);
  return Math.max(gapX, Math.min(gapXMost, wanted));
}

/** Where each call leaves and reaches its boxes, from their middle: side by side, in the order in which they come, so that they do not cross there. */
function portsOf(
  routes: readonly Route[],
  middle: ReadonlyMap<string, number>,
  height: number,
): ReadonlyMap<string, number> {
  const sides = new Map<string, { readonly key: string; readonly other: number }[]>();
  const add = (side: string, key: string, other: string | undefined): void => {
    sides.set(side, [...(sides.get(side) ?? []), { key, other: middle.get(other ?? '') ?? 0 }]);
  };
  for (const { call, cells } of routes) {
    add(`${cells[0] ?? ''}\nout`, `${callKey(call)}\nout`, cells[1]);
    add(`${cells.at(-1) ?? ''}\nin`, `${callKey(call)}\nin`, cells.at(-2));
  }
  const ports = new Map<string, number>();
  for (const ends of sides.values()) {
    const gap = Math.min(PORT_GAP, (height - 8) / ends.length);
    ends
      .toSorted((a, b) => a.other - b.other)
      .forEach(({ key }, index) => ports.set(key, (index - (ends.length - 1) / 2) * gap));
  }
  return ports;
}

/** SVG path data of a route: curves that leave and arrive level. */
export function pathOf(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  let [x, y] = start;
  let path = `M${round(x)},${round(y)}`;
  for (const [toX, toY] of rest) {
    const bend = (toX - x) / 2;
    path +=
      y === toY
        ? `H${round(toX)}`
        : `C${round(x + bend)},${round(y)} ${round(toX - bend)},${round(toY)} ${round(toX)},${round(toY)}`;
    [x, y] = [toX, toY];
  }
  return path;
}

const LABEL_HEIGHT = 16;
const LABEL_GAP = 2;

/** Where the labels of routes stand: in the middle of their longest way between two columns, none upon another. */
export function labelPlaces(
  labels: readonly { readonly key: string; readonly points: readonly Point[] }[],
): ReadonlyMap<string, Point> {
  const columns = new Map<number, { readonly key: string; readonly y: number }[]>();
  for (const { key, points } of labels) {
    const [x, y] = middleOf(points);
    columns.set(x, [...(columns.get(x) ?? []), { key, y }]);
  }
  const places = new Map<string, Point>();
  for (const [x, column] of columns) {
    const sorted = column.toSorted((a, b) => a.y - b.y || (a.key < b.key ? -1 : 1));
    const free = spread(
      sorted.map(({ y }) => y),
      sorted.map(() => LABEL_HEIGHT),
      LABEL_GAP,
    );
    for (const [index, { key }] of sorted.entries()) places.set(key, [x, free[index] ?? 0]);
  }
  return places;
}

function middleOf(points: readonly Point[]): Point {
  let best: { readonly at: Point; readonly length: number } = { at: points[0] ?? [0, 0], length: -1 };
  for (let index = 1; index < points.length; index += 2) {
    const [[fromX, fromY], [toX, toY]] = [points[index - 1] ?? [0, 0], points[index] ?? [0, 0]];
    const length = Math.hypot(toX - fromX, toY - fromY);
    if (length > best.length + 0.5) best = { at: [(fromX + toX) / 2, (fromY + toY) / 2], length };
  }
  return best.at;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
