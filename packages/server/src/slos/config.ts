import { parseExpr, QueryError } from '@pharos/promql';
import { z } from 'zod';
import { defineSection } from '../kernel/config/section.ts';
import { durationMs } from '../kernel/config/values.ts';
import { type Indicator, SLO_WINDOWS, type Slo } from './definition.ts';
import { eventRates, hasPlaceholder, summed, withRange } from './indicator.ts';

const SECOND_MS = 1000;
/** Of each objective come some fifteen series and two groups. */
const MOST_SLOS = 1000;

/** PromQL whose range is `$window`. */
const rateQuery = z.string().superRefine((query, context) => {
  if (!hasPlaceholder(query))
    context.addIssue({
      code: 'custom',
      message: 'expected $window where the range stands, as in sum(rate(requests_total[$window]))',
    });
  else {
    const ranged = withRange(query, '5m');
    const problem = problemOf(ranged) ?? problemOf(summed(ranged));
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  }
});

function problemOf(query: string): string | null {
  try {
    parseExpr(query);
    return null;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return `not PromQL: ${error.message}`;
  }
}

const ratio = z
  .strictObject({ good: rateQuery.optional(), bad: rateQuery.optional(), total: rateQuery })
  .transform(({ good, bad, total }, context): Indicator => {
    const [of, part] = bad === undefined ? (['good', good] as const) : (['bad', bad] as const);
    if (part !== undefined && (good === undefined || bad === undefined))
      return { kind: 'ratio', of, part, total };
    context.addIssue({ code: 'custom', message: 'expected one of "good" and "bad" beside "total"' });
    return z.NEVER;
  });

/** In seconds as `300ms`, or a number in the histogram's own unit. */
const threshold = z.union([z.number().positive(), z.string()]).transform((value, context) => {
  const ms = typeof value === 'string' ? durationMs(value) : value * SECOND_MS;
  if (ms !== undefined && ms > 0) return typeof value === 'string' ? ms / SECOND_MS : value;
  context.addIssue({ code: 'custom', message: `"${value}" is not a duration; write it like 300ms, or 0.3` });
  return z.NEVER;
});

const latency = z
  .strictObject({
    histogram: z.string().regex(/^[a-zA-Z_:][\w:]*$/, 'expected the name of a histogram, without _bucket'),
    matchers: z.string().max(2000).default(''),
    threshold,
    native: z.boolean().default(false),
  })
  .transform(({ native, ...rest }): Indicator => ({ kind: 'latency', ...rest, isNative: native }))
  .superRefine((indicator, context) => {
    const problem = problemOf(eventRates(indicator, '5m').bad);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['matchers'], message: problem });
  });

/** In percent, as people say it. */
const objective = z
  .number()
  .gt(0)
  .lt(100, { error: 'expected less than 100 %: without any budget every error would be an alert' })
  .transform((percent) => Number((percent / 100).toPrecision(9)))
  .refine((share) => share < 1, { error: 'expected at most 99.9999999 %: closer to 100 there is no budget' });

const RESERVED = new Set(['slo', 'service', 'severity', '__name__']);
const labels = z.record(
  z
    .string()
    .regex(/^[a-zA-Z_]\w*$/, 'expected the name of a label')
    .refine((name) => !RESERVED.has(name), { error: 'slo, service and severity say something already' }),
  z.string(),
);

const slo = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-zA-Z0-9][\w.-]{0,99}$/, 'expected letters, digits, ".", "_" and "-", at most 100'),
    service: z.string().max(200).default(''),
    description: z.string().max(2000).default(''),
    objective,
    window: z.enum(SLO_WINDOWS).default('30d'),
    labels: labels.default({}),
    ratio: ratio.optional(),
    latency: latency.optional(),
    alerts: z
      .strictObject({
        enabled: z.boolean().default(true),
        least_bad: z.number().int().min(0).default(0),
      })
      .prefault({}),
  })
  .transform(({ ratio: byRatio, latency: byLatency, alerts, ...rest }, context): Slo => {
    const indicator = byRatio ?? byLatency;
    if (indicator !== undefined && (byRatio === undefined || byLatency === undefined))
      return { ...rest, indicator, alerts: { enabled: alerts.enabled, leastBad: alerts.least_bad } };
    context.addIssue({ code: 'custom', message: 'expected one of "ratio" and "latency"' });
    return z.NEVER;
  });

/** `slos:` in the configuration file. In YAML, a key with nothing but comments below it is empty. */
export const slosSection = defineSection(
  'slos',
  z.preprocess(
    (value) => value ?? [],
    z
      .array(slo)
      .max(MOST_SLOS)
      .superRefine((slos, context) => {
        const names = new Set<string>();
        slos.forEach(({ name }, i) => {
          if (names.has(name))
            context.addIssue({
              code: 'custom',
              path: [i, 'name'],
              message: `"${name}" is used twice; give each its own name`,
            });
          names.add(name);
        });
      }),
  ),
);
