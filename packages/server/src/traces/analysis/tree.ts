import { SLICE_ITEMS, type Sliced, sortSliced, visitSliced } from '../../kernel/sliced.ts';
import { SPAN_KIND } from '../sink.ts';
import type { SpanOutline } from '../store/span.ts';

/** A span among the others of its trace. Times in nanoseconds after the first start of the trace. */
export interface SpanNode {
  readonly span: SpanOutline;
  /** Place among the rows: depth first, children by their start. */
  readonly row: number;
  /** Row of the parent; -1 for a root, also one whose parent is not there or that is its own ancestor. */
  readonly parent: number;
  readonly depth: number;
  /** As measured, by the clock of its host. */
  readonly start: number;
  readonly duration: number;
  /** What to add to `start` so that the span lies within its parent: clocks of two hosts differ. 0 where they agree or nobody can tell. */
  readonly skew: number;
  readonly children: readonly SpanNode[];
}

export interface TraceTree {
  readonly nodes: readonly SpanNode[];
  readonly roots: readonly SpanNode[];
  /** Start of the trace, nanoseconds since the epoch. */
  readonly start: bigint;
  /** From the first start to the last end, skew taken out. */
  readonly duration: number;
  /** Spans whose parent was not sent, and spans that were their own ancestors. */
  readonly orphans: number;
  readonly cycles: number;
}

interface Draft {
  span: SpanOutline;
  row: number;
  parent: number;
  depth: number;
  start: number;
  duration: number;
  skew: number;
  children: Draft[];
}

/**
 * The spans of a trace as a tree, whatever they say of their parents: one whose parent is missing becomes a root, a cycle is cut at its
 * earliest span. Never recursive: a chain of a hundred thousand spans is one too.
 */
export function* buildTree(spans: readonly SpanOutline[]): Sliced<TraceTree> {
  const start = spans.reduce(
    (least, span) => (span.start < least ? span.start : least),
    spans[0]?.start ?? 0n,
  );
  const drafts: Draft[] = [];
  yield* visitSliced(spans, (span) => {
    drafts.push({
      span,
      row: -1,
      parent: -1,
      depth: 0,
      start: Number(span.start - start),
      duration: span.duration,
      skew: 0,
      children: [],
    });
  });
  const { roots, orphans, cycles } = yield* linked(drafts);
  const nodes = yield* numbered(roots);
  let end = 0;
  for (const { start: from, skew, duration } of nodes) end = Math.max(end, from + skew + duration);
  return { nodes, roots, start, duration: end, orphans, cycles };
}

/** Parents by id. Of two sides with one id (Zipkin), the server's is the child of the client's, and the parent of what follows. */
function* linked(
  drafts: readonly Draft[],
): Sliced<Pick<TraceTree, 'orphans' | 'cycles'> & { readonly roots: Draft[] }> {
  const byId = new Map<string, Draft[]>();
  yield* visitSliced(drafts, (draft) => {
    const sides = byId.get(draft.span.spanId);
    if (sides === undefined) byId.set(draft.span.spanId, [draft]);
    else sides.push(draft);
  });
  const parents = new Map<Draft, Draft>();
  let orphans = 0;
  yield* visitSliced(drafts, (draft) => {
    const parent = parentOf(draft, byId);
    if (parent !== undefined) parents.set(draft, parent);
    else if (draft.span.parentId !== '') orphans++;
  });
  const cycles = yield* cutCycles(drafts, parents);
  const roots: Draft[] = [];
  yield* visitSliced(drafts, (draft) => {
    const parent = parents.get(draft);
    if (parent === undefined) roots.push(draft);
    else parent.children.push(draft);
  });
  return { roots, orphans, cycles };
}

function parentOf({ span }: Draft, byId: ReadonlyMap<string, readonly Draft[]>): Draft | undefined {
  if (span.kind === SPAN_KIND.server) {
    const client = byId.get(span.spanId)?.find((other) => other.span.kind === SPAN_KIND.client);
    if (client !== undefined) return client;
  }
  if (span.parentId === '' || span.parentId === span.spanId) return undefined;
  const candidates = byId.get(span.parentId);
  return candidates?.find((other) => other.span.kind === SPAN_KIND.server) ?? candidates?.[0];
}

/** Follows each chain of parents once; where it meets itself, the span that is met loses its parent. */
function* cutCycles(drafts: readonly Draft[], parents: Map<Draft, Draft>): Sliced<number> {
  const done = new Set<Draft>();
  let cycles = 0;
  let left = SLICE_ITEMS;
  for (const draft of drafts) {
    const chain = new Set<Draft>();
    for (let at: Draft | undefined = draft; at !== undefined && !done.has(at); at = parents.get(at)) {
      if (chain.has(at)) {
        parents.delete(at);
        cycles++;
        break;
      }
      chain.add(at);
      if (--left > 0) continue;
      left = SLICE_ITEMS;
      yield;
    }
    for (const one of chain) done.add(one);
  }
  return cycles;
}

function* numbered(roots: readonly Draft[]): Sliced<Draft[]> {
  const nodes: Draft[] = [];
  const stack = yield* sortSliced(roots, laterFirst);
  let left = SLICE_ITEMS;
  for (let draft = stack.pop(); draft !== undefined; draft = stack.pop()) {
    draft.row = nodes.length;
    nodes.push(draft);
    for (const child of draft.children) {
      child.parent = draft.row;
      child.depth = draft.depth + 1;
      child.skew = skewOf(child, draft);
    }
    if (draft.children.length > 1) draft.children = yield* sortSliced(draft.children, earlierFirst);
    for (let i = draft.children.length - 1; i >= 0; i--) {
      const child = draft.children[i];
      if (child !== undefined) stack.push(child);
    }
    left -= 1 + draft.children.length;
    if (left > 0) continue;
    left = SLICE_ITEMS;
    yield;
  }
  return nodes;
}

/**
 * Only between two services can clocks differ; a child of the parent's own service shares its skew. Where a child does not fit into its
 * parent's time, half of what is left over goes before it (the adjustment Jaeger's query service made).
 */
function skewOf(child: Draft, parent: Draft): number {
  if (child.span.service === parent.span.service) return parent.skew;
  const parentStart = parent.start + parent.skew;
  const fits = child.start >= parentStart && child.start + child.duration <= parentStart + parent.duration;
  if (fits || isAsynchronous(child.span)) return 0;
  if (child.duration > parent.duration) return child.start < parentStart ? parentStart - child.start : 0;
  return Math.round(parentStart + (parent.duration - child.duration) / 2 - child.start);
}

/** What was queued may rightly begin after its producer ended. */
function isAsynchronous({ kind }: SpanOutline): boolean {
  return kind === SPAN_KIND.consumer || kind === SPAN_KIND.producer;
}

function earlierFirst(a: Draft, b: Draft): number {
  return a.start + a.skew - (b.start + b.skew) || (a.span.spanId < b.span.spanId ? -1 : 1);
}

function laterFirst(a: Draft, b: Draft): number {
  return earlierFirst(b, a);
}
