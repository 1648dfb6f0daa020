import { z } from 'zod';
import { instant, iso, nanosOf, windowQuery } from '../../../http/times.ts';
import type { ServiceNames } from '../../../kernel/names.ts';
import { tracesErrors } from '../../errors.ts';
import { KIND_WORDS, type TraceQuery } from '../../store/query.ts';
import { goDuration } from '../jaeger/durations.ts';

const duration = (what: string) =>
  z
    .string()
    .optional()
    .describe(what)
    .transform((text, context) => {
      if (text === undefined || text === '') return undefined;
      const nanos = goDuration(text);
      if (nanos !== null) return nanos;
      context.addIssue({
        code: 'custom',
        message: `"${text}" is not a duration; expected such as 1.5s or 100ms`,
      });
      return z.NEVER;
    });

/** Filters over spans, as every route of traces takes them. */
export const filterQuery = windowQuery.extend({
  start: instant.optional().describe('Where the window begins, instead of `window`.'),
  operation: z.string().max(2000).optional(),
  kind: z.enum(KIND_WORDS).optional(),
  min_duration: duration('Of the span, such as 100ms.'),
  max_duration: duration('Of the span, such as 1.5s.'),
  error: z.enum(['true', 'false']).optional().describe('Only spans that failed, or only the others.'),
  attribute: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('`key=value` of the span or its resource; repeat it for more.')
    .transform((value, context) =>
      (value === undefined ? [] : [value].flat()).map((text): readonly [string, string] => {
        const equals = text.indexOf('=');
        if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
        context.addIssue({
          code: 'custom',
          message: `"${text.slice(0, 100)}" is no attribute; expected key=value`,
        });
        return z.NEVER;
      }),
    ),
});

/** The filter as a query of the store. */
export function toTraceQuery(
  tenant: string,
  query: z.output<typeof filterQuery>,
  now: number,
  names: ServiceNames,
  limit: number,
): TraceQuery {
  const end = query.end ?? now;
  const start = query.start ?? end - query.window.ms;
  if (start > end)
    throw tracesErrors.make(
      'badParameter',
      `start ${iso(start)} is after end ${iso(end)}, expected it before`,
    );
  return {
    tenant,
    from: nanosOf(start),
    // The last millisecond belongs to the window.
    to: nanosOf(end) + 1_000_000n,
    limit,
    ...(query.service !== undefined && { services: query.service.map((name) => names.canonical(name)) }),
    ...(query.operation !== undefined && { operation: query.operation }),
    ...(query.kind !== undefined && { kind: KIND_WORDS.indexOf(query.kind) }),
    ...(query.min_duration !== undefined && { minDuration: query.min_duration }),
    ...(query.max_duration !== undefined && { maxDuration: query.max_duration }),
    ...(query.error !== undefined && { failed: query.error === 'true' }),
    ...(query.attribute.length > 0 && { attributes: query.attribute }),
  };
}
