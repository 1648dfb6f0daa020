import type { TracedRequest } from '../../joins/links.ts';
import type { RangeSearch } from '../../time/range.ts';
import { millisOf } from './contracts.ts';
import { operationOf, serviceOf, type Trace } from './model/trace.ts';

/** What every link within these pages keeps of the URL: the time range and the zone. */
export function timeOf({ tz, range, from, to }: RangeSearch): RangeSearch {
  return { tz, range, from, to };
}

/** The request that a trace is of. */
export function requestOfTrace(trace: Trace): TracedRequest {
  return {
    traceId: trace.id,
    service: serviceOf(trace, 0),
    operation: operationOf(trace, 0),
    at: millisOf(trace.startNs),
    durationMs: trace.duration / 1e6,
  };
}
