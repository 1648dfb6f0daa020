import { type Measured, measuredFrom, placeOf } from '../measured.ts';
import { type EdgeKey, edgeText } from './edge.ts';
import type { EdgeSpans } from './edge-spans.ts';

/** The calls along an edge. */
interface EdgeCalls {
  readonly edge: EdgeKey;
  readonly calls: Pick<Measured, 'counts' | 'failed' | 'sum' | 'slowest'>;
}

/** All calls of a minute between services, and to what they call; those from outside are left out. */
export interface MinuteCalls {
  /** Since the epoch. */
  readonly minute: number;
  readonly edges: readonly EdgeCalls[];
}

interface MeasuredEdge {
  readonly edge: EdgeKey;
  readonly calls: Measured;
}

const MINUTE_MS = 60_000;

/** Measures calls by minute and edge as they are found. */
export class CallMeasures {
  readonly #minutes = new Map<number, Map<string, MeasuredEdge>>();

  /** The call that a row among the spans stands for. */
  call(spans: EdgeSpans, row: number, edge: EdgeKey): void {
    if (edge.caller === '') return;
    const minute = Math.floor(spans.at[row] / MINUTE_MS);
    let edges = this.#minutes.get(minute);
    if (edges === undefined) this.#minutes.set(minute, (edges = new Map<string, MeasuredEdge>()));
    const key = edgeText(edge);
    let known = edges.get(key);
    if (known === undefined) edges.set(key, (known = { edge, calls: measuredFrom(0) }));
    const { calls } = known;
    const seconds = spans.durations[row] / 1e9;
    calls.counts[placeOf(seconds)]++;
    calls.sum += seconds;
    calls.failed += spans.failed[row];
    if (calls.slowest === null || calls.slowest.seconds < seconds)
      calls.slowest = { traceId: spans.traceIdOf(row), seconds };
  }

  *minutes(): Generator<MinuteCalls> {
    for (const [minute, edges] of this.#minutes) yield { minute, edges: [...edges.values()] };
  }
}
