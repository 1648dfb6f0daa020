import { type Sliced, sortSliced, visitSliced } from '../../kernel/sliced.ts';
import type { SpanNode, TraceTree } from './tree.ts';

/** What two traces have at one place of their trees. Durations in nanoseconds, summed over the spans there; 0 where there is none. */
export interface ComparedPath {
  /** Service and operation from the root down. */
  readonly path: readonly { readonly service: string; readonly operation: string }[];
  readonly a: PathFigures;
  readonly b: PathFigures;
}

interface PathFigures {
  readonly spans: number;
  readonly errors: number;
  readonly duration: number;
  /** Without the time in which children ran. */
  readonly self: number;
}

const NONE: PathFigures = { spans: 0, errors: 0, duration: 0, self: 0 };

interface Place {
  readonly id: number;
  readonly path: ComparedPath['path'];
  a: PathFigures;
  b: PathFigures;
}

/** Two traces place by place; a place is the chain of services and operations that leads to a span. The largest difference of own time first. */
export function* compareTraces(a: TraceTree, b: TraceTree): Sliced<ComparedPath[]> {
  const places = new Map<string, Place>();
  yield* addTrace(places, a, 'a');
  yield* addTrace(places, b, 'b');
  const sorted = yield* sortSliced(
    [...places.values()],
    (x, y) => Math.abs(y.b.self - y.a.self) - Math.abs(x.b.self - x.a.self),
  );
  return sorted.map(({ path, a: left, b: right }) => ({ path, a: left, b: right }));
}

function* addTrace(places: Map<string, Place>, { nodes }: TraceTree, side: 'a' | 'b'): Sliced<void> {
  const ofRow: Place[] = [];
  yield* visitSliced(nodes, (node) => {
    const place = placeOf(places, node, ofRow[node.parent]);
    ofRow.push(place);
    const figures = place[side];
    place[side] = {
      spans: figures.spans + 1,
      errors: figures.errors + (node.span.failed ? 1 : 0),
      duration: figures.duration + node.duration,
      self: figures.self + selfTime(node),
    };
  });
}

function placeOf(places: Map<string, Place>, { span }: SpanNode, parent: Place | undefined): Place {
  // A chain that repeats itself for ever is one place from a depth on.
  if (parent !== undefined && parent.path.length >= MAX_DEPTH) return parent;
  const { service, name } = span;
  const key = `${parent?.id ?? ''} ${service.length}:${service}${name}`;
  let place = places.get(key);
  if (place === undefined) {
    const path = [...(parent?.path ?? []), { service, operation: name }];
    places.set(key, (place = { id: places.size, path, a: NONE, b: NONE }));
  }
  return place;
}

const MAX_DEPTH = 50;

/** The time of a span in which none of its children ran, nanoseconds. */
export function selfTime(node: SpanNode): number {
  const begin = node.start + node.skew;
  const end = begin + node.duration;
  let covered = 0;
  let at = begin;
  // Children are in order of their start.
  for (const child of node.children) {
    const from = Math.max(at, child.start + child.skew);
    const to = Math.min(end, child.start + child.skew + child.duration);
    if (to <= from) continue;
    covered += to - from;
    at = to;
  }
  return node.duration - covered;
}
