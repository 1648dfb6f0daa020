import { bucketOf } from './durations.ts';

/** What the called side of an edge is. */
export const NODE_TYPES = ['service', 'database', 'messaging', 'external'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

/** Who calls whom. An empty caller is one that sends no spans: what comes in from outside. */
export interface EdgeKey {
  readonly caller: string;
  readonly callee: string;
  readonly type: NodeType;
}

/** An edge as one text, to find it by. */
export function edgeText({ caller, callee, type }: EdgeKey): string {
  return `${type}\n${caller}\n${callee}`;
}

/** How calls went. */
export interface Calls {
  calls: number;
  errors: number;
  /** Nanoseconds, of all calls together. */
  duration: number;
  /** Calls by the bucket of their duration (durations.ts). */
  readonly buckets: Map<number, number>;
}

/** The calls along an edge in some time. */
export interface Edge extends EdgeKey, Calls {}

/** Which edges: those of a caller, to a callee, both, or all. */
export interface EdgeFilter {
  readonly caller?: string;
  readonly callee?: Pick<EdgeKey, 'callee' | 'type'>;
}

export function isBetween({ caller, callee }: EdgeFilter, edge: EdgeKey): boolean {
  return (
    (caller === undefined || edge.caller === caller) &&
    (callee === undefined || (edge.callee === callee.callee && edge.type === callee.type))
  );
}

export function noCalls(): Calls {
  return { calls: 0, errors: 0, duration: 0, buckets: new Map() };
}

export function addCalls(to: Calls, more: Calls): void {
  to.calls += more.calls;
  to.errors += more.errors;
  to.duration += more.duration;
  for (const [bucket, count] of more.buckets) to.buckets.set(bucket, (to.buckets.get(bucket) ?? 0) + count);
}

/** Edges by who calls whom, added up. */
export class EdgeSums {
  readonly #edges = new Map<string, Edge>();

  get size(): number {
    return this.#edges.size;
  }

  call(key: EdgeKey, failed: boolean, nanos: number): void {
    const edge = this.#edgeOf(key);
    edge.calls++;
    if (failed) edge.errors++;
    edge.duration += nanos;
    const bucket = bucketOf(nanos);
    edge.buckets.set(bucket, (edge.buckets.get(bucket) ?? 0) + 1);
  }

  add(other: Edge): void {
    addCalls(this.#edgeOf(other), other);
  }

  values(): Iterable<Edge> {
    return this.#edges.values();
  }

  #edgeOf({ caller, callee, type }: EdgeKey): Edge {
    const key = edgeText({ caller, callee, type });
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { caller, callee, type, ...noCalls() };
      this.#edges.set(key, edge);
    }
    return edge;
  }
}
