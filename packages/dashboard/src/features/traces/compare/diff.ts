import type { Comparison } from '../contracts.ts';

type Place = Comparison['places'][number];
type Figures = Place['a'];

/** A place of two traces: the chain of services and operations that leads to spans of either. */
export interface DiffRow {
  readonly key: string;
  readonly depth: number;
  readonly service: string;
  readonly operation: string;
  readonly a: Figures;
  readonly b: Figures;
  /** `missing` stands for a place that was only left out of the answer, since neither differs there. */
  readonly state: 'both' | 'only a' | 'only b' | 'missing';
  /** Own time of B less that of A, nanoseconds. */
  readonly difference: number;
}

interface Node extends Omit<DiffRow, 'depth'> {
  readonly children: Node[];
}

const NONE: Figures = { spans: 0, errors: 0, duration_ns: 0, self_ns: 0 };

function stateOf(a: Figures, b: Figures): DiffRow['state'] {
  if (a.spans === 0) return b.spans === 0 ? 'missing' : 'only b';
  return b.spans === 0 ? 'only a' : 'both';
}

function keyOf(path: Place['path']): string {
  return JSON.stringify(path.map(({ service, operation }) => [service, operation]));
}

/** The largest difference in a place or below it. */
function weightOf(node: Node): number {
  return node.children.reduce((most, child) => Math.max(most, weightOf(child)), Math.abs(node.difference));
}

function treeOf(places: readonly Place[]): readonly Node[] {
  const nodes = new Map<string, Node>();
  const known = new Map(places.map((place) => [keyOf(place.path), place]));
  const roots: Node[] = [];
  const nodeOf = (path: Place['path']): Node => {
    const key = keyOf(path);
    const there = nodes.get(key);
    if (there !== undefined) return there;
    const { a = NONE, b = NONE } = known.get(key) ?? {};
    const { service = '', operation = '' } = path.at(-1) ?? {};
    const state = stateOf(a, b);
    const node = { key, service, operation, a, b, state, difference: b.self_ns - a.self_ns, children: [] };
    nodes.set(key, node);
    (path.length > 1 ? nodeOf(path.slice(0, -1)).children : roots).push(node);
    return node;
  };
  for (const { path } of places) if (path.length > 0) nodeOf(path);
  return roots;
}

/**
 * The places as rows of a tree, depth first, what differs most first. With `least` (nanoseconds) only places whose own time differs by
 * that much or that one trace alone has, with what leads to them.
 */
export function diffRows(places: readonly Place[], least: number | null): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  const matters = ({ state, difference }: Node): boolean =>
    least === null || state === 'only a' || state === 'only b' || Math.abs(difference) >= least;
  const shown = (node: Node): boolean => matters(node) || node.children.some(shown);
  const walk = (nodes: readonly Node[], depth: number): void => {
    for (const node of nodes.filter(shown).toSorted((x, y) => weightOf(y) - weightOf(x))) {
      const { children, ...row } = node;
      rows.push({ ...row, depth });
      walk(children, depth + 1);
    }
  };
  walk(treeOf(places), 0);
  return rows;
}

/** "3.2 times", "+12 %", "unchanged": B against A. */
export function ratioWords(a: number, b: number): string {
  if (a === 0) return b === 0 ? 'unchanged' : 'new';
  const ratio = b / a;
  if (b === 0) return 'gone';
  if (ratio >= 2) return `${Number(ratio.toPrecision(2))} times`;
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return 'unchanged';
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}
