import { SLICE_ITEMS, type Sliced, sortSliced } from '../../kernel/sliced.ts';
import type { SpanNode, TraceTree } from './tree.ts';

/** A stretch of time in which a span kept its trace from ending. Nanoseconds after the start of the trace. */
export interface PathSegment {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

interface Visit {
  readonly node: SpanNode;
  /** The stretch in which the node matters. */
  readonly from: number;
  readonly until: number;
}

/**
 * The critical path of the trace's longest root: going back from its end, the child that ended last before a moment is what was waited
 * for until then; in between the span itself worked (Anand et al., "CRISP: Critical Path Analysis of Large-Scale Microservice
 * Architectures", USENIX ATC 2022). Segments do not overlap, come in order of time, and cover the root.
 */
export function* criticalPath({ roots }: TraceTree): Sliced<PathSegment[]> {
  const root = roots.reduce<SpanNode | undefined>(
    (longest, node) => (longest === undefined || node.duration > longest.duration ? node : longest),
    undefined,
  );
  if (root === undefined) return [];
  const segments: PathSegment[] = [];
  const stack: Visit[] = [{ node: root, from: startOf(root), until: endOf(root) }];
  let left = SLICE_ITEMS;
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    yield* walkBack(visit, segments, stack);
    left -= 1 + visit.node.children.length;
    if (left > 0) continue;
    left = SLICE_ITEMS;
    yield;
  }
  const long = segments.filter(({ from, to }) => to > from);
  return yield* sortSliced(long, (a, b) => a.from - b.from || a.row - b.row);
}

function startOf({ start, skew }: SpanNode): number {
  return start + skew;
}

function endOf(node: SpanNode): number {
  return startOf(node) + node.duration;
}

/** The node's own segments up to `until`; the children that were waited for are left on the stack. */
function* walkBack({ node, from, until }: Visit, segments: PathSegment[], stack: Visit[]): Sliced<void> {
  const begin = Math.max(from, startOf(node));
  let at = Math.min(until, endOf(node));
  const children =
    node.children.length > 1
      ? yield* sortSliced(node.children, (a, b) => endOf(b) - endOf(a))
      : node.children;
  for (const child of children) {
    if (at <= begin) break;
    // A child that ends after the moment looked at ran beside what was waited for, or went on after its parent: nobody waited for it.
    const childEnd = Math.min(endOf(child), at);
    const childStart = Math.max(startOf(child), begin);
    if (endOf(child) > at || childStart >= childEnd) continue;
    segments.push({ row: node.row, from: childEnd, to: at });
    stack.push({ node: child, from: childStart, until: childEnd });
    at = childStart;
  }
  segments.push({ row: node.row, from: begin, to: at });
}
