import { z } from 'zod';
import { durationMs } from '../kernel/config/values.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 02:30');
const zone = z.string().refine(isZone, {
  error: ({ input }) => `"${String(input)}" is not a time zone such as Europe/Berlin or UTC`,
});
const upToDay = z
  .string()
  .refine((text) => (durationMs(text) ?? 0) >= MINUTE_MS && (durationMs(text) ?? 0) <= DAY_MS, {
    error: ({ input }) => `"${String(input)}" is not a duration from 1m to 1d, such as 90m`,
  });
const moment = z.string().refine((text) => !Number.isNaN(Date.parse(text)), {
  error: ({ input }) => `"${String(input)}" is not a time such as 2026-01-31T22:00:00Z`,
});
const whom = {
  title: z.string().min(1).max(200),
  /** Names or tags of probes; all probes when empty. */
  probes: z.array(z.string().min(1).max(200)).max(1000).default([]),
  tags: z.array(z.string().min(1).max(60)).max(100).default([]),
};

/** A time in which failures are expected: once, or on some days of the week. */
export const maintenanceWindow = z.union([
  z
    .strictObject({ ...whom, from: moment, to: moment })
    .refine(({ from, to }) => Date.parse(to) > Date.parse(from), {
      path: ['to'],
      error: 'expected a time after "from"',
    }),
  z.strictObject({
    ...whom,
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .default([...DAYS]),
    at: timeOfDay,
    duration: upToDay,
    time_zone: zone.default('UTC'),
  }),
]);

export type MaintenanceWindow = z.output<typeof maintenanceWindow>;

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Whether a window is open. A recurring one follows its zone's clock on the wall, also over a change to summer time. */
export function isOpen(window: MaintenanceWindow, now: number): boolean {
  if ('from' in window) return now >= Date.parse(window.from) && now < Date.parse(window.to);
  const { day, minute } = wallClock(now, window.time_zone);
  const [hours = 0, minutes = 0] = window.at.split(':').map(Number);
  const start = hours * 60 + minutes;
  const length = (durationMs(window.duration) ?? 0) / MINUTE_MS;
  const on = (index: number): boolean => window.days.some((name) => name === DAYS[(index + 7) % 7]);
  return (
    (on(day) && minute >= start && minute < start + length) ||
    (on(day - 1) && minute + 24 * 60 < start + length)
  );
}

export function concerns(
  { probes, tags }: MaintenanceWindow,
  probe: { readonly name: string; readonly tags: readonly string[] },
): boolean {
  if (probes.length === 0 && tags.length === 0) return true;
  return probes.includes(probe.name) || tags.some((tag) => probe.tags.includes(tag));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of the week (0 is Sunday) and the minute of the day there. */
function wallClock(now: number, timeZone: string): { readonly day: number; readonly minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const day = DAYS.findIndex((name) => name === parts.get('weekday')?.toLowerCase());
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}
