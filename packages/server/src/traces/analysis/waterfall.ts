import { inSlices, visitSliced } from '../../kernel/sliced.ts';
import type { SpanOutline } from '../store/span.ts';
import { criticalPath, type PathSegment } from './critical-path.ts';
import { buildTree, type TraceTree } from './tree.ts';

/** A row of a waterfall: what its page shows of a span, without the attributes that make a trace large. */
interface WaterfallRow {
  readonly spanId: string;
  readonly service: string;
  readonly operation: string;
  readonly kind: number;
  readonly failed: boolean;
  readonly parent: number;
  readonly depth: number;
  readonly children: number;
  readonly start: number;
  readonly duration: number;
  readonly skew: number;
}

/** A trace as its page shows it. Times in nanoseconds. */
export interface Waterfall extends Pick<TraceTree, 'start' | 'duration' | 'orphans' | 'cycles'> {
  readonly traceId: string;
  readonly errors: number;
  readonly rows: readonly WaterfallRow[];
  readonly path: readonly PathSegment[];
}

/** Builds a trace's waterfall of its spans, a slice at a time. */
export async function buildWaterfall(
  traceId: string,
  spans: readonly SpanOutline[],
  breathe: () => Promise<void>,
): Promise<Waterfall> {
  const tree = await inSlices(buildTree(spans), breathe);
  const path = await inSlices(criticalPath(tree), breathe);
  const { start, duration, orphans, cycles } = tree;
  const rows: WaterfallRow[] = [];
  let errors = 0;
  const filled = visitSliced(tree.nodes, ({ span, children, ...node }) => {
    if (span.failed) errors++;
    rows.push({
      spanId: span.spanId,
      service: span.service,
      operation: span.name,
      kind: span.kind,
      failed: span.failed,
      parent: node.parent,
      depth: node.depth,
      children: children.length,
      start: node.start,
      duration: node.duration,
      skew: node.skew,
    });
  });
  await inSlices(filled, breathe);
  return { traceId, start, duration, orphans, cycles, errors, rows, path };
}
