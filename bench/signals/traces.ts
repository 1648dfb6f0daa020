import { Draw } from './draw.ts';
import { PODS, type Pod, SERVICES, traceIdOf } from './shop.ts';
import { type Attributes, REQUESTS, type Step, type TraceIds } from './span-shapes.ts';

/** Traces of the benchmark, each from its index alone; they begin evenly over a window. */
export interface TracePlan {
  readonly traces: number;
  /** Epoch ms. */
  readonly start: number;
  readonly windowMs: number;
}

export interface BenchSpan {
  readonly pod: Pod;
  readonly spanId: string;
  /** Empty for none. */
  readonly parentId: string;
  readonly step: Step;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
  readonly failed: boolean;
  readonly attributes: Attributes;
}

export interface BenchTrace extends TraceIds {
  readonly traceId: string;
  readonly spans: readonly BenchSpan[];
}

/** Spans of a trace on average, for plans of so many spans. */
export const SPANS_PER_TRACE = 10.35;
/** Of a hundred steps so many fail. */
const FAILED_PERCENT = 1;
/** Traces of the plan are ids of their own, apart from those that lines carry. */
const FIRST_TRACE = 100_000_000;

const BY_SHARE = REQUESTS.flatMap(({ share, root }) => Array.from({ length: share }, () => root));
const POD_OF = new Map(SERVICES.map(({ name }, at) => [name, PODS[at] ?? []]));

const draw = new Draw();

export function traceAt(plan: TracePlan, index: number): BenchTrace {
  draw.seed(index, 3);
  const at = (index * plan.windowMs) / plan.traces;
  const start = BigInt(plan.start + Math.floor(at)) * 1_000_000n + BigInt(draw.below(1_000_000));
  const root = BY_SHARE[draw.below(BY_SHARE.length)] ?? BY_SHARE[0];
  const ids: TraceIds = { user: `u-${draw.below(200_000)}`, order: `ord_${draw.hex(10)}` };
  const spans: BenchSpan[] = [];
  if (root !== undefined) walk(root, { ids, spans, parentId: '', start, pods: new Map() });
  return { ...ids, traceId: traceIdOf(FIRST_TRACE + index), spans };
}

interface Walk {
  readonly ids: TraceIds;
  readonly spans: BenchSpan[];
  readonly parentId: string;
  readonly start: bigint;
  /** A trace stays with one pod of each service. */
  readonly pods: Map<string, Pod>;
}

/** Adds a step's span and those below it; when it ended. */
function walk(step: Step, { ids, spans, parentId, start, pods }: Walk): bigint {
  const spanId = draw.hex(16);
  const at = spans.length;
  const failed = draw.chance(FAILED_PERCENT);
  const attributes = step.attributes(draw, ids);
  const own = BigInt(Math.max(1, Math.floor(draw.skewed(step.micros) * 500)));
  let time = start + own;
  for (const next of step.steps ?? [])
    if (next.percent === undefined || draw.chance(next.percent))
      time = walk(next, { ids, spans, parentId: spanId, start: time + 20_000n, pods });
  const end = time + own;
  spans.splice(at, 0, {
    pod: podOf(step.service, pods),
    spanId,
    parentId,
    step,
    start,
    end,
    failed,
    attributes,
  });
  return end;
}

function podOf(service: string, pods: Map<string, Pod>): Pod {
  const all = POD_OF.get(service) ?? [];
  const pod = pods.get(service) ?? all[draw.below(all.length)];
  if (pod === undefined) throw new Error(`there is no service ${service}`);
  pods.set(service, pod);
  return pod;
}
