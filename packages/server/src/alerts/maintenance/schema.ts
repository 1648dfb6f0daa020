import { z } from 'zod';
import { durationMs } from '../../kernel/config/values.ts';
import { zoneOf } from '../intervals/wall-clock.ts';
import { type AlertMatcher, MatcherSyntaxError } from '../matchers/matcher.ts';
import { parseMatchers } from '../matchers/parse.ts';
import type { MaintenanceWindow } from './window.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const MINUTE_MS = 60_000;
const MOST_LENGTH_MS = 7 * 86_400_000;

/** Matchers as in Alertmanager's file: a list of texts, each one matcher or more. */
export const matcherTexts = z
  .array(z.string().max(2000))
  .min(1)
  .max(50)
  .superRefine((texts, context) => {
    texts.forEach((text, i) => {
      const problem = matchersOf([text]);
      if (typeof problem === 'string') context.addIssue({ code: 'custom', path: [i], message: problem });
    });
  });

function matchersOf(texts: readonly string[]): readonly AlertMatcher[] | string {
  try {
    return texts.flatMap((text) => parseMatchers(text).matchers);
  } catch (error) {
    if (error instanceof MatcherSyntaxError) return error.message;
    throw error;
  }
}

/** Of texts that {@link matcherTexts} has let through. */
export function readMatchers(texts: readonly string[]): readonly AlertMatcher[] {
  const read = matchersOf(texts);
  return typeof read === 'string' ? [] : read;
}

const head = { name: z.string().min(1).max(200), matchers: matcherTexts };
/** With its zone: what another clock shows is another time on each machine. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
const moment = z.string().refine((text) => MOMENT.test(text) && !Number.isNaN(Date.parse(text)), {
  error: ({ input }) => `"${String(input)}" is not a time such as 2026-01-31T22:00:00Z`,
});

/** A window as it stands in the configuration and in the API. */
export const maintenanceSchema = z.union([
  z
    .strictObject({ ...head, from: moment, until: moment })
    .refine(({ from, until }) => Date.parse(until) > Date.parse(from), {
      path: ['until'],
      error: 'expected a time after "from"',
    }),
  z.strictObject({
    ...head,
    days: z.array(z.enum(DAYS)).min(1).max(7).optional().describe('All days when absent.'),
    at: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 02:30'),
    duration: z.string().refine(isLength, { error: 'expected a duration from 1m to 7d, such as 90m' }),
    time_zone: z
      .string()
      .refine((word) => zoneOf(word) !== undefined, { error: 'expected a time zone such as Europe/Berlin' })
      .optional()
      .describe('UTC when absent.'),
  }),
]);

export type WrittenWindow = z.output<typeof maintenanceSchema>;

function isLength(text: string): boolean {
  const ms = durationMs(text) ?? 0;
  return ms >= MINUTE_MS && ms <= MOST_LENGTH_MS;
}

export function windowOf(written: WrittenWindow): MaintenanceWindow {
  const { name } = written;
  const matchers = readMatchers(written.matchers);
  if ('from' in written) {
    const [from, until] = [Date.parse(written.from), Date.parse(written.until)];
    return { name, matchers, times: { kind: 'once', from, until } };
  }
  const { at, duration, days = DAYS, time_zone: zone = 'UTC' } = written;
  const minutes = Number(at.slice(0, 2)) * 60 + Number(at.slice(3));
  return {
    name,
    matchers,
    times: {
      kind: 'weekly',
      days: days.map((day) => DAYS.indexOf(day)),
      at: minutes * MINUTE_MS,
      lengthMs: durationMs(duration) ?? 0,
      zone: zoneOf(zone) ?? 'UTC',
    },
  };
}
