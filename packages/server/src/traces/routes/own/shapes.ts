import { z } from 'zod';

const figures = z.object({
  spans: z.number(),
  errors: z.number(),
  duration_ns: z.number(),
  self_ns: z.number(),
});

export const searchAnswer = z.object({
  timestamp: z.string(),
  warnings: z.array(z.string()),
  traces: z.array(
    z.object({
      trace_id: z.string(),
      root_service: z.string(),
      root_operation: z.string(),
      start: z.string().describe('ISO 8601.'),
      start_ns: z.string(),
      duration_ns: z.number(),
      spans: z.number(),
      errors: z.number(),
      services: z.array(z.object({ service: z.string(), spans: z.number(), errors: z.number() })),
    }),
  ),
});

export const traceAnswer = z.object({
  trace_id: z.string(),
  start: z.string(),
  start_ns: z.string(),
  duration_ns: z.number(),
  total: z.number().describe('Spans of the trace; the rows are a page of them.'),
  errors: z.number(),
  orphans: z.number().describe('Spans whose parent was not sent.'),
  cycles: z.number().describe('Spans that were their own ancestors; the chain is cut there.'),
  services: z.array(z.string()),
  operations: z.array(z.string()),
  warnings: z.array(z.string()),
  rows: z
    .object({
      offset: z.number(),
      span_id: z.array(z.string()),
      parent: z.array(z.number()).describe('Row of the parent, -1 for none.'),
      depth: z.array(z.number()),
      children: z.array(z.number()),
      service: z.array(z.number()).describe('Place in `services`.'),
      operation: z.array(z.number()).describe('Place in `operations`.'),
      kind: z.array(z.number()).describe("OTLP's SpanKind."),
      failed: z.array(z.number()).describe('1 where the span failed.'),
      start_ns: z.array(z.number()).describe('After the start of the trace, by the clock of the host.'),
      duration_ns: z.array(z.number()),
      skew_ns: z.array(z.number()).describe('To be added to the start, so that it lies within its parent.'),
    })
    .describe('Depth first, in columns.'),
  critical_path: z
    .object({
      row: z.array(z.number()),
      from_ns: z.array(z.number()),
      to_ns: z.array(z.number()),
    })
    .describe(
      'Which span kept the trace from ending, and when; after the start of the trace. With the page at offset 0 only.',
    ),
});

const attribute = z.object({ key: z.string(), type: z.string(), value: z.string() });

export const spanAnswer = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  parent_id: z.string(),
  service: z.string(),
  operation: z.string(),
  kind: z.string(),
  status: z.enum(['unset', 'ok', 'error']),
  status_message: z.string(),
  start_ns: z.string(),
  duration_ns: z.number(),
  trace_state: z.string(),
  attributes: z.array(attribute),
  events: z.array(z.object({ time_ns: z.string(), name: z.string(), attributes: z.array(attribute) })),
  links: z.array(z.object({ trace_id: z.string(), span_id: z.string(), attributes: z.array(attribute) })),
  resource: z.array(attribute),
  scope: z.object({ name: z.string(), version: z.string() }),
});

export const foundAnswer = z.object({
  total: z.number().describe('Spans that contain it; the first of them are named.'),
  span_id: z.array(z.string()),
  warnings: z.array(z.string()),
});

export const compareAnswer = z.object({
  a: z.object({ trace_id: z.string(), duration_ns: z.number(), spans: z.number() }),
  b: z.object({ trace_id: z.string(), duration_ns: z.number(), spans: z.number() }),
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

const overRepresentedValue = z.object({
  service: z.string().describe('Of the spans that carry it, when traces are compared; empty otherwise.'),
  key: z.string(),
  value: z.string(),
  selected: z.number(),
  others: z.number(),
  selected_share: z.number(),
  others_share: z.number(),
  score: z.number(),
});

export const attributionAnswer = z.object({
  timestamp: z.string(),
  threshold_ns: z
    .number()
    .nullable()
    .describe('Spans from this duration on are the slow ones; null for failed ones.'),
  selected: z.number().describe('Spans of interest that were looked at.'),
  others: z.number().describe('Other spans that were looked at.'),
  limited: z.boolean().describe('Whether there were more; the newest were looked at.'),
  statistic: z.string(),
  warnings: z.array(z.string()),
  values: z.array(overRepresentedValue),
});

export const comparisonAnswer = z.object({
  selected: z.number().describe('Traces of interest that were found.'),
  others: z.number(),
  statistic: z.string(),
  warnings: z.array(z.string()),
  values: z.array(overRepresentedValue),
});

export const pointsAnswer = z.object({
  timestamp: z.string(),
  total: z.number().describe('Traces that match, estimated where they are many.'),
  every: z.number().describe('One in so many is a point; the slowest are besides.'),
  warnings: z.array(z.string()),
  services: z.array(z.string()),
  operations: z.array(z.string()),
  points: z
    .object({
      trace_id: z.array(z.string()),
      start_ms: z.array(z.number()).describe('Epoch milliseconds with a fraction.'),
      duration_ns: z.array(z.number()),
      failed: z.array(z.number()).describe('1 where a matching span failed.'),
      service: z.array(z.number()).describe('Place in `services`.'),
      operation: z.array(z.number()).describe('Place in `operations`.'),
    })
    .describe('A trace each, by the longest of its matching spans, in columns.'),
});
