import type { ServiceSummary } from './engine-summaries.ts';
import { isFailed } from './query.ts';
import type { StoredTrace } from './span.ts';

/** What a list of traces shows of one. Nanoseconds; `start` since the epoch. */
export interface TraceSummary {
  readonly traceId: string;
  /** Of the root, or of the earliest span where the root was not sent. */
  readonly rootService: string;
  readonly rootOperation: string;
  readonly start: bigint;
  readonly duration: number;
  readonly spans: number;
  readonly errors: number;
  /** In order of their first span. */
  readonly services: readonly { readonly service: string; readonly spans: number; readonly errors: number }[];
}

/** A trace that is there span by span, in the form of a flushed one's summary. */
export function servicesOf({ traceId, spans }: StoredTrace): ServiceSummary[] {
  const rows = new Map<string, ServiceSummary>();
  for (const span of spans) {
    const { service, name, start, duration, parentId } = span;
    const end = start + BigInt(duration);
    const isRoot = parentId === '';
    const known = rows.get(service);
    rows.set(service, {
      traceId,
      service,
      spans: (known?.spans ?? 0) + 1,
      errors: (known?.errors ?? 0) + (isFailed(span) ? 1 : 0),
      // Spans come in order of their start.
      start: known?.start ?? start,
      end: known !== undefined && known.end > end ? known.end : end,
      hasRoot: isRoot || known?.hasRoot === true,
      firstName: known === undefined || (isRoot && !known.hasRoot) ? name : known.firstName,
    });
  }
  return [...rows.values()];
}

/** One summary per trace, in the order of the ids. */
export function summarized(ids: readonly string[], rows: readonly ServiceSummary[]): TraceSummary[] {
  const byTrace = new Map<string, ServiceSummary[]>();
  for (const row of rows) {
    const list = byTrace.get(row.traceId);
    if (list === undefined) byTrace.set(row.traceId, [row]);
    else list.push(row);
  }
  return ids.flatMap((traceId) => {
    const services = byTrace.get(traceId)?.sort(earlierFirst);
    const first = services?.find(({ hasRoot }) => hasRoot) ?? services?.[0];
    if (services === undefined || first === undefined) return [];
    const start = services[0]?.start ?? 0n;
    const end = services.reduce((last, row) => (row.end > last ? row.end : last), start);
    return [
      {
        traceId,
        rootService: first.service,
        rootOperation: first.firstName,
        start,
        duration: Number(end - start),
        spans: services.reduce((sum, { spans }) => sum + spans, 0),
        errors: services.reduce((sum, { errors }) => sum + errors, 0),
        services: services.map(({ service, spans, errors }) => ({ service, spans, errors })),
      },
    ];
  });
}

function earlierFirst(a: ServiceSummary, b: ServiceSummary): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.service < b.service ? -1 : 1;
}
