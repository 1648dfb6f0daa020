import { z } from 'zod';

/** Answers of `/api/v1/traces…`. Durations and offsets are nanoseconds; `start_ns` counts from 1970 and does not fit a number. */
const nanos = z.string().regex(/^\d{1,19}$/);

const summarySchema = z.object({
  trace_id: z.string(),
  root_service: z.string(),
  root_operation: z.string(),
  start_ns: nanos,
  duration_ns: z.number(),
  spans: z.number(),
  errors: z.number(),
  services: z.array(z.object({ service: z.string(), spans: z.number(), errors: z.number() })),
});
export type TraceSummary = z.infer<typeof summarySchema>;

export const searchSchema = z.object({ warnings: z.array(z.string()), traces: z.array(summarySchema) });

const numbers = z.array(z.number());

/** A page of a trace's rows, in columns. */
export const tracePageSchema = z.object({
  trace_id: z.string(),
  start_ns: nanos,
  duration_ns: z.number(),
  total: z.number(),
  errors: z.number(),
  orphans: z.number(),
  cycles: z.number(),
  services: z.array(z.string()),
  operations: z.array(z.string()),
  warnings: z.array(z.string()),
  rows: z.object({
    offset: z.number(),
    span_id: z.array(z.string()),
    parent: numbers,
    depth: numbers,
    children: numbers,
    service: numbers,
    operation: numbers,
    kind: numbers,
    failed: numbers,
    start_ns: numbers,
    duration_ns: numbers,
    skew_ns: numbers,
  }),
  critical_path: z.object({ row: numbers, from_ns: numbers, to_ns: numbers }),
});
export type TracePage = z.infer<typeof tracePageSchema>;

const attribute = z.object({ key: z.string(), type: z.string(), value: z.string() });
export type Attribute = z.infer<typeof attribute>;

export const spanSchema = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  parent_id: z.string(),
  service: z.string(),
  operation: z.string(),
  kind: z.string(),
  status: z.string(),
  status_message: z.string(),
  start_ns: nanos,
  duration_ns: z.number(),
  trace_state: z.string(),
  attributes: z.array(attribute),
  events: z.array(z.object({ time_ns: nanos, name: z.string(), attributes: z.array(attribute) })),
  links: z.array(z.object({ trace_id: z.string(), span_id: z.string(), attributes: z.array(attribute) })),
  resource: z.array(attribute),
  scope: z.object({ name: z.string(), version: z.string() }),
});
export type SpanDetail = z.infer<typeof spanSchema>;

/** Of `GET /api/v1/traces/{id}/find`. */
export const foundSchema = z.object({ total: z.number(), span_id: z.array(z.string()) });

/** `GET /api/logs`, of one trace. */
export const traceLogsSchema = z.object({
  next: z.string().nullable(),
  warnings: z.array(z.string()),
  logs: z.array(
    z.object({
      time_ns: nanos,
      service: z.string(),
      level: z.string(),
      message: z.string(),
      span_id: z.string(),
    }),
  ),
});

export const namesSchema = z.object({ data: z.array(z.string()).nullable() });

/** Milliseconds since 1970. */
export function millisOf(nanoseconds: string | bigint): number {
  return Number(BigInt(nanoseconds) / 1000n) / 1000;
}

/** What the plot of durations shows: a trace each, by the longest of its spans that match. */
export const pointsSchema = z.object({
  total: z.number(),
  every: z.number(),
  warnings: z.array(z.string()),
  services: z.array(z.string()),
  operations: z.array(z.string()),
  points: z.object({
    trace_id: z.array(z.string()),
    start_ms: numbers,
    duration_ns: numbers,
    failed: numbers,
    service: numbers,
    operation: numbers,
  }),
});
export type Points = z.infer<typeof pointsSchema>;

export const attributionSchema = z.object({
  selected: z.number(),
  others: z.number(),
  warnings: z.array(z.string()),
  values: z.array(
    z.object({
      service: z.string(),
      key: z.string(),
      value: z.string(),
      selected_share: z.number(),
      others_share: z.number(),
      score: z.number(),
    }),
  ),
});
export type OverRepresented = z.infer<typeof attributionSchema>['values'][number];

const figures = z.object({
  spans: z.number(),
  errors: z.number(),
  duration_ns: z.number(),
  self_ns: z.number(),
});
const side = z.object({ trace_id: z.string(), duration_ns: z.number(), spans: z.number() });

export const compareSchema = z.object({
  a: side,
  b: side,
  warnings: z.array(z.string()),
  total: z.number(),
  places: z.array(
    z.object({
      path: z.array(z.object({ service: z.string(), operation: z.string() })),
      a: figures,
      b: figures,
    }),
  ),
});
export type Comparison = z.infer<typeof compareSchema>;
