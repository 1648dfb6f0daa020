import type { TracePage } from '../contracts.ts';
import { type Trace, TraceBuilder } from './trace.ts';

/** What a test says of a span; times are ns after the trace's start. */
export interface MadeSpan {
  readonly parent: number;
  readonly start: number;
  readonly length: number;
  readonly service?: string;
  readonly operation?: string;
  readonly failed?: boolean;
}

/** The page of made-up spans, which stand depth first. */
export function madePage(spans: readonly MadeSpan[], offset = 0, limit = spans.length): TracePage {
  const depth = (row: number): number => {
    const parent = spans[row]?.parent ?? -1;
    return parent < 0 ? 0 : depth(parent) + 1;
  };
  const rows = spans.map((span, row) => ({ ...span, row })).slice(offset, offset + limit);
  const services = [...new Set(rows.map(({ service = 'shop' }) => service))];
  const operations = [...new Set(rows.map(({ operation = 'work' }) => operation))];
  return {
    trace_id: 'a',
    start_ns: '1000000000',
    duration_ns: Math.max(0, ...spans.map(({ start, length }) => start + length)),
    total: spans.length,
    errors: spans.filter(({ failed }) => failed === true).length,
    orphans: 0,
    cycles: 0,
    warnings: [],
    services,
    operations,
    rows: {
      offset,
      span_id: rows.map(({ row }) => (row + 1).toString(16).padStart(16, '0')),
      parent: rows.map(({ parent }) => parent),
      depth: rows.map(({ row }) => depth(row)),
      children: rows.map(({ row }) => spans.filter(({ parent }) => parent === row).length),
      service: rows.map(({ service = 'shop' }) => services.indexOf(service)),
      operation: rows.map(({ operation = 'work' }) => operations.indexOf(operation)),
      kind: rows.map(() => 2),
      failed: rows.map(({ failed }) => (failed === true ? 1 : 0)),
      start_ns: rows.map(({ start }) => start),
      duration_ns: rows.map(({ length }) => length),
      skew_ns: rows.map(() => 0),
    },
    critical_path: { row: [], from_ns: [], to_ns: [] },
  };
}

export function madeTrace(spans: readonly MadeSpan[], path?: TracePage['critical_path']): Trace {
  const page = { ...madePage(spans), ...(path === undefined ? {} : { critical_path: path }) };
  const builder = new TraceBuilder(page);
  builder.add(page);
  return builder.trace();
}
