import { SPAN_KIND } from '../sink.ts';
import { EdgeSums } from './edge.ts';
import type { EdgeSpans } from './edge-spans.ts';
import type { CallMeasures } from './minute-calls.ts';

export const MINUTE_MS = 60_000;
/** A few ms. */
const ROWS_PER_SLICE = 5000;

/** By minute since the epoch. */
export interface FoundEdges {
  readonly edges: ReadonlyMap<number, EdgeSums>;
  /** Different spans, also of the minutes around. */
  readonly spans: ReadonlyMap<number, number>;
}

export function isCall(kind: number): boolean {
  return kind === SPAN_KIND.client || kind === SPAN_KIND.producer;
}

function isAnswer(kind: number): boolean {
  return kind === SPAN_KIND.server || kind === SPAN_KIND.consumer;
}

/**
 * The edges of each minute between two times (epoch ms, the second not included), from the spans between them and of the minutes around.
 * A call counts when the span of its called side began, with that span's outcome and duration; one without such a span when it began
 * itself, as a call of what its attributes name; one to a host outside only if it began before `openFrom`, since what it calls may be a
 * service whose spans are still on their way. Calls are measured too where that is asked for.
 */
export async function findEdges(
  spans: EdgeSpans,
  { from, to, openFrom }: { readonly from: number; readonly to: number; readonly openFrom: number },
  breathe: () => Promise<void>,
  measures?: CallMeasures,
): Promise<FoundEdges> {
  const { at, failed, durations, serviceOf, services, peerOf, peers } = spans;
  const counts = new Map<number, number>();
  const minutes = new Map<number, EdgeSums>();
  const sumsOf = (row: number): EdgeSums => {
    const minute = Math.floor(at[row] / MINUTE_MS);
    let sums = minutes.get(minute);
    if (sums === undefined) minutes.set(minute, (sums = new EdgeSums()));
    return sums;
  };
  const answered = new Uint8Array(spans.rows);
  const isOutside = (row: number): boolean => at[row] < from || at[row] >= to;
  for (let row = 0; row < spans.rows; row++) {
    if (row % ROWS_PER_SLICE === 0) await breathe();
    const minute = Math.floor(at[row] / MINUTE_MS);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
    const call = callerOf(spans, row);
    if (call === null) continue;
    for (const side of call.by) answered[side] = 1;
    if (isOutside(row)) continue;
    const key = { caller: call.service, callee: services[serviceOf[row]] ?? '', type: 'service' } as const;
    sumsOf(row).call(key, failed[row] === 1, durations[row]);
    measures?.call(spans, row, key);
  }
  for (let row = 0; row < spans.rows; row++) {
    if (row % ROWS_PER_SLICE === 0) await breathe();
    const peer = peers[peerOf[row]];
    if (peer === undefined || answered[row] === 1 || isOutside(row)) continue;
    if (peer.type === 'external' && at[row] >= openFrom) continue;
    const key = { caller: services[serviceOf[row]] ?? '', callee: peer.name, type: peer.type };
    sumsOf(row).call(key, failed[row] === 1, durations[row]);
    measures?.call(spans, row, key);
  }
  return { edges: minutes, spans: counts };
}

/** Whose call a span is the called side of, and the spans of the call; null for a span within its service. */
function callerOf(
  spans: EdgeSpans,
  row: number,
): { readonly service: string; readonly by: readonly number[] } | null {
  const { kinds, serviceOf, services } = spans;
  const kind = kinds[row];
  const nameOf = (of: number): string => services[serviceOf[of]] ?? '';
  if (kind === SPAN_KIND.server) {
    const shared = spans.sharing(row).filter((side) => isCall(kinds[side]));
    const [first] = shared;
    if (first !== undefined) return { service: nameOf(first), by: shared };
  }
  const parents = spans.parentsOf(row);
  const own = parents.find((parent) => serviceOf[parent] === serviceOf[row]);
  if (own !== undefined)
    return isAnswer(kind) && isCall(kinds[own]) ? { service: nameOf(own), by: [own] } : null;
  // Of the two sides of a shared parent neither is this service: the called side is the nearer one.
  const parent = parents.find((side) => !isCall(kinds[side])) ?? parents[0];
  if (parent !== undefined) return { service: nameOf(parent), by: parents };
  return isAnswer(kind) ? { service: '', by: [] } : null;
}
