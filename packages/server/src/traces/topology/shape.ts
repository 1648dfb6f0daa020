import { quantileOf } from './durations.ts';
import { type Edge, EdgeSums, type NodeType } from './edge.ts';

/** How calls went. Durations in seconds, null without calls. */
interface Figures {
  readonly calls: number;
  readonly errors: number;
  /** Calls per second. */
  readonly rate: number;
  readonly error_ratio: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
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
  const none = { calls: 0, errors: 0, duration: 0, buckets: new Map<number, number>() };
  return {
    nodes: [...names]
      .map(([id, node]) => ({ id, ...node, ...figuresOf(incoming.get(id) ?? none, seconds) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    edges: between.sort((a, b) => (`${a.source}\n${a.target}` < `${b.source}\n${b.target}` ? -1 : 1)),
  };
}

function figuresOf(
  { calls, errors, duration, buckets }: Pick<Edge, 'calls' | 'errors' | 'duration' | 'buckets'>,
  seconds: number,
): Figures {
  const inSeconds = (nanos: number | null): number | null => (nanos === null ? null : nanos / NANOS);
  return {
    calls,
    errors,
    rate: calls / seconds,
    error_ratio: calls === 0 ? null : errors / calls,
    mean: calls === 0 ? null : duration / calls / NANOS,
    p50: inSeconds(quantileOf(buckets, 0.5)),
    p95: inSeconds(quantileOf(buckets, 0.95)),
  };
}
