import { z } from 'zod';
import { iso } from '../../../http/times.ts';
import type { HttpApp } from '../../../http/types.ts';
import { inSlices } from '../../../kernel/sliced.ts';
import {
  type OverRepresented,
  overRepresented,
  overRepresentedAmongTraces,
} from '../../analysis/attribution.ts';
import { tracesErrors } from '../../errors.ts';
import type { Asking } from '../../store/answer-memory.ts';
import type { TraceQuery } from '../../store/query.ts';
import type { TraceApiOptions } from '../options.ts';
import { parseTraceId } from '../trace-id.ts';
import { filterQuery, toTraceQuery } from './query.ts';
import { attributionAnswer, comparisonAnswer } from './shapes.ts';

/** Spans of each side that are looked at, the newest. */
const SAMPLE = 5000;
const STATISTIC =
  "Dunning's log-likelihood ratio G2 (1993), one degree of freedom, Bonferroni-corrected at 0.01";

/** `GET /api/v1/traces/attribution`: what slow or failed spans have in common that the others have not. */
export function attributionRoute(app: HttpApp, options: TraceApiOptions): void {
  app.get(
    '/api/v1/traces/attribution',
    {
      schema: {
        tags: ['traces'],
        summary: 'Attribute values that are over-represented among slow or failed spans',
        querystring: filterQuery.extend({
          of: z
            .enum(['failed', 'slow'])
            .default('slow')
            .describe('Which spans are compared with the others.'),
          percentile: z.coerce
            .number()
            .min(50)
            .max(99.9)
            .default(95)
            .describe('Slow spans are those from this percentile of the duration on.'),
          limit: z.coerce.number().int().min(1).max(500).default(50),
        }),
        response: { 200: attributionAnswer },
      },
    },
    ({ tenant, query }, reply) =>
      options.guard.run('attribution', reply, async (asking) => {
        const { reader, clock, names } = options;
        const now = clock.now();
        const all = toTraceQuery(tenant, query, now, names, SAMPLE);
        const threshold =
          query.of === 'slow' ? await thresholdOf(options, all, query.percentile, asking) : null;
        const [selected, others] = await Promise.all(
          sides(all, threshold).map((side) => reader.spans(side, asking)),
        );
        if (selected === undefined || others === undefined)
          throw tracesErrors.make('unavailable', 'nothing was read');
        return {
          timestamp: iso(now),
          threshold_ns: threshold,
          selected: selected.spans.length,
          others: others.spans.length,
          limited: selected.spans.length >= SAMPLE || others.spans.length >= SAMPLE,
          statistic: STATISTIC,
          warnings: [...new Set([...selected.warnings, ...others.warnings])],
          values: (await inSlices(overRepresented(selected, others, query.limit), options.breathe)).map(
            rendered,
          ),
        };
      }),
  );
}

/** Traces of each side; reading them is what it costs. */
const MOST_TRACES = 250;
const traceIds = z.array(z.string().max(64)).min(1).max(MOST_TRACES);

/** `POST /api/v1/traces/attribution`: what traces have in common, in any of their spans, that others have not. */
export function traceAttributionRoute(app: HttpApp, options: TraceApiOptions): void {
  app.post(
    '/api/v1/traces/attribution',
    {
      schema: {
        tags: ['traces'],
        summary: 'Attribute values that are over-represented in some traces against others',
        body: z.object({
          selected: traceIds.describe('Ids of the traces of interest.'),
          others: traceIds.describe('Ids of what they are compared with.'),
          limit: z.number().int().min(1).max(500).default(50),
        }),
        response: { 200: comparisonAnswer },
      },
    },
    ({ tenant, body }, reply) =>
      options.guard.run('attribution', reply, async (asking) => {
        const { reader } = options;
        const [selected, others] = [
          await reader.traces(tenant, [...new Set(body.selected.map(parseTraceId))], asking),
          await reader.traces(tenant, [...new Set(body.others.map(parseTraceId))], asking),
        ];
        return {
          selected: selected.traces.length,
          others: others.traces.length,
          statistic: STATISTIC,
          warnings: [...new Set([...selected.warnings, ...others.warnings])],
          values: (
            await inSlices(
              overRepresentedAmongTraces(selected.traces, others.traces, body.limit),
              options.breathe,
            )
          ).map(rendered),
        };
      }),
  );
}

function rendered({ selectedShare, othersShare, ...value }: OverRepresented) {
  return { ...value, selected_share: selectedShare, others_share: othersShare };
}

/** The duration from which on a span is slow, by the newest spans of the filter. */
async function thresholdOf(
  { reader }: TraceApiOptions,
  query: TraceQuery,
  percentile: number,
  asking: Asking,
): Promise<number> {
  const { spans } = await reader.spans(query, asking);
  const durations = spans.map(({ duration }) => duration).sort((a, b) => a - b);
  return durations[Math.min(durations.length - 1, Math.floor((durations.length * percentile) / 100))] ?? 0;
}

function sides(all: TraceQuery, threshold: number | null): readonly [TraceQuery, TraceQuery] {
  if (threshold === null)
    return [
      { ...all, failed: true },
      { ...all, failed: false },
    ];
  return [
    { ...all, minDuration: Math.max(threshold, all.minDuration ?? 0) },
    { ...all, maxDuration: Math.min(threshold - 1, all.maxDuration ?? Number.MAX_SAFE_INTEGER) },
  ];
}
