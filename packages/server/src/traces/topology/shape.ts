import { quantileOf } from './durations.ts';
import {
  type Calls,
  type Edge,
  type EdgeFilter,
  EdgeSums,
  NODE_TYPES,
  type NodeType,
  noCalls,
} from './edge.ts';

/** How calls went. Durations in seconds, null without calls. */
export interface Figures {
  readonly calls: number;
  readonly errors: number;
  /** Calls per second. */
  readonly rate: number;
  readonly error_ratio: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

interface GraphNode extends Figures {
  /** A service's name; `type:name` of what sends no spans. */
  readonly id: string;
  readonly name: string;
  readonly type: NodeType;
}

interface GraphEdge extends Figures {
  readonly source: string;
  readonly target: string;
}

const NANOS = 1e9;

function idOf(type: NodeType, name: string): string {
  return type === 'service' ? name : `${type}:${name}`;
}

/** What an id in a graph stands for. */
export function calleeOf(id: string): NonNullable<EdgeFilter['callee']> {
  const type = NODE_TYPES.find((one) => one !== 'service' && id.startsWith(`${one}:`));
  return type === undefined ? { type: 'service', callee: id } : { type, callee: id.slice(type.length + 1) };
}

/** Edges of some seconds as a graph: a node's figures are those of the calls to it, whoever made them. */
export function graphOf(
  edges: Iterable<Edge>,
  seconds: number,
): { readonly nodes: GraphNode[]; readonly edges: GraphEdge[] } {
  const nodes = new EdgeSums();
  const names = new Map<string, { readonly name: string; readonly type: NodeType }>();
  const between: GraphEdge[] = [];
  for (const edge of edges) {
    const { caller, callee, type } = edge;
    nodes.add({ ...edge, caller: '' });
    names.set(idOf(type, callee), { name: callee, type });
    if (caller === '') continue;
    names.set(caller, { name: caller, type: 'service' });
    between.push({ source: caller, target: idOf(type, callee), ...figuresOf(edge, seconds) });
  }
  const incoming = new Map([...nodes.values()].map((edge) => [idOf(edge.type, edge.callee), edge]));
  const none = noCalls();
  return {
    nodes: [...names]
      .map(([id, node]) => ({ id, ...node, ...figuresOf(incoming.get(id) ?? none, seconds) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    edges: between.sort((a, b) => (`${a.source}\n${a.target}` < `${b.source}\n${b.target}` ? -1 : 1)),
  };
}

/** The figures of calls in some seconds. */
export function figuresOf({ calls, errors, duration, buckets }: Calls, seconds: number): Figures {
  const inSeconds = (nanos: number | null): number | null => (nanos === null ? null : nanos / NANOS);
  return {
    calls,
    errors,
    rate: calls / seconds,
    error_ratio: calls === 0 ? null : errors / calls,
    mean: calls === 0 ? null : duration / calls / NANOS,
    p50: inSeconds(quantileOf(buckets, 0.5)),
    p95: inSeconds(quantileOf(buckets, 0.95)),
    p99: inSeconds(quantileOf(buckets, 0.99)),
  };
}
