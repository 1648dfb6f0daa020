import { Draw } from './draw.ts';
import { formatLine } from './line-formats.ts';
import { BY_SHARE, PODS, type Pod, traceIdOf } from './shop.ts';

/** Lines of the benchmark, each from its index alone; their times fill a window evenly, a few in each millisecond or two. */
export interface LinePlan {
  readonly lines: number;
  /** Epoch ms. */
  readonly start: number;
  readonly windowMs: number;
}

export interface BenchLine {
  readonly pod: Pod;
  readonly ms: number;
  /** After the whole ms. */
  readonly nanos: number;
  readonly text: string;
  /** Flat: name, value, name, value… Empty for most services: who writes JSON has everything in the line. */
  readonly metadata: readonly string[];
  /** Something that is in no other line, as people look for: an order, an article, a job; empty where a line has none. */
  readonly needle: string;
}

/** Traces that go on at once, the services that each passes through, and the lines that each of these writes. */
const TRACES_AT_ONCE = 16;
const HOPS = 4;
const LINES_OF_HOP = 2;
const BLOCK = TRACES_AT_ONCE * HOPS * LINES_OF_HOP;

const draw = new Draw();

export function lineAt(plan: LinePlan, index: number): BenchLine {
  const trace = Math.floor(index / BLOCK) * TRACES_AT_ONCE + (index % TRACES_AT_ONCE);
  const hop = Math.floor((index % BLOCK) / (TRACES_AT_ONCE * LINES_OF_HOP));
  draw.seed(trace * HOPS + hop, 2);
  const service = BY_SHARE[draw.below(BY_SHARE.length)] ?? 0;
  const pods = PODS[service] ?? [];
  const pod = pods[draw.below(pods.length)];
  if (pod === undefined) throw new Error(`service ${service} has no pods`);
  const ids = { traceId: traceIdOf(trace), spanId: draw.hex(16), requestId: draw.hex(12) };
  draw.seed(index, 1);
  const at = (index * plan.windowMs) / plan.lines + (draw.below(1_000_000) / 1_000_000) * 0.9;
  const ms = plan.start + Math.floor(at);
  const nanos = Math.floor((at - Math.floor(at)) * 1_000_000);
  return { pod, ms, nanos, ...formatLine(pod, { draw, ms, nanos, ...ids }) };
}

/** Labels of a pod's stream as an agent sends them. */
export function streamLabels({ service, name, node }: Pod): Readonly<Record<string, string>> {
  return {
    cluster: 'production-eu',
    container: service.name,
    namespace: 'shop',
    node_name: node,
    pod: name,
    service_name: service.name,
  };
}
