import { z } from 'zod';
import { durationMs } from '../kernel/config/values.ts';

/** Where dates end (ECMA-262, 21.4.1.1); a number beyond cannot be rendered as one. */
const LAST_TIME_MS = 8.64e15;

/** A time as clients write it: epoch seconds or milliseconds, or RFC 3339; epoch ms in the program. */
export const instant = z.union([z.number(), z.string()]).transform((value, context) => {
  const number = typeof value === 'number' ? value : Number(value);
  const ms =
    Number.isFinite(number) && value !== ''
      ? Math.abs(number) < 1e11
        ? number * 1000
        : number
      : Date.parse(String(value));
  if (Math.abs(ms) <= LAST_TIME_MS) return ms;
  context.addIssue({
    code: 'custom',
    message: `"${value}" is not a time; expected epoch seconds or milliseconds, or RFC 3339`,
  });
  return z.NEVER;
});

/** How far back to look; `usual` where nobody says. */
export const windowParam = (usual: string) =>
  z
    .string()
    .default(usual)
    .describe('How far back to look, such as 5m, 1h or 7d.')
    .transform((text, context) => {
      const ms = durationMs(text);
      if (ms !== undefined && ms >= 10_000 && ms <= 90 * 86_400_000) return { text, ms };
      context.addIssue({
        code: 'custom',
        message: `"${text}" is not a window; expected a duration from 10s to 90d, such as 5m or 1h`,
      });
      return z.NEVER;
    });

/** What every GET of our own API takes: a window back from now, and services to keep. */
export const windowQuery = z.object({
  window: windowParam('5m'),
  end: instant.optional().describe('Where the window ends; now when absent.'),
  service: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('Only these services; repeat it, or separate with commas.')
    .transform((value) =>
      value === undefined
        ? undefined
        : [value]
            .flat()
            .flatMap((text) => text.split(','))
            .filter((text) => text !== ''),
    ),
});

export type WindowQuery = z.output<typeof windowQuery>;

/** Whether a service is wanted by the `service` filter. */
export function wanted(query: WindowQuery, canonical: (name: string) => string, service: string): boolean {
  return query.service === undefined || query.service.some((name) => canonical(name) === service);
}

/** The last whole millisecond that 64 bits of nanoseconds can say, less one: in the year 2262. */
const LAST_MS_IN_NANOS = 9_223_372_036_853;

/** Nanoseconds of epoch milliseconds; what lies outside of stored times is their beginning or end. */
export function nanosOf(ms: number): bigint {
  return BigInt(Math.min(LAST_MS_IN_NANOS, Math.max(0, Math.floor(ms)))) * 1_000_000n;
}

/** ISO 8601 of epoch milliseconds. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
