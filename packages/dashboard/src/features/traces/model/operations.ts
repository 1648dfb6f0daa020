import { onPath, operationOf, serviceOf, type Trace } from './trace.ts';

/** Nanoseconds of each row in which none of its children ran; children stand behind their parent, in order of their start. */
export function selfTimes({ loaded, parent, start, length }: Trace): Float64Array {
  const own = length.slice(0, loaded);
  /** Until when the children seen so far cover their parent. */
  const covered = start.slice(0, loaded);
  for (let row = 0; row < loaded; row++) {
    const above = parent[row];
    if (above < 0) continue;
    const from = Math.max(covered[above], start[row]);
    const to = Math.min(start[above] + length[above], start[row] + length[row]);
    if (to <= from) continue;
    own[above] -= to - from;
    covered[above] = to;
  }
  return own;
}

/** What the spans of one operation of a service come to. Nanoseconds. */
export interface OperationFigures {
  readonly service: string;
  readonly operation: string;
  spans: number;
  failed: number;
  total: number;
  own: number;
  longest: number;
  /** Time for which the trace waited for them alone. */
  path: number;
  /** The row of the longest. */
  row: number;
}

/** The operations of a trace, those with the most own time first. */
export function operationsOf(trace: Trace, own: Float64Array): readonly OperationFigures[] {
  const found = new Map<number, OperationFigures>();
  for (let row = 0; row < trace.loaded; row++) {
    const key = trace.service[row] * trace.operations.length + trace.operation[row];
    let figures = found.get(key);
    if (figures === undefined) {
      const names = { service: serviceOf(trace, row), operation: operationOf(trace, row) };
      figures = { ...names, spans: 0, failed: 0, total: 0, own: 0, longest: -1, path: 0, row };
      found.set(key, figures);
    }
    figures.spans++;
    figures.failed += trace.failed[row];
    figures.total += trace.length[row];
    figures.own += own[row];
    figures.path += onPath(trace, row);
    if (trace.length[row] <= figures.longest) continue;
    figures.longest = trace.length[row];
    figures.row = row;
  }
  return [...found.values()].toSorted((a, b) => b.own - a.own);
}
