import { z } from 'zod';
import type { PostedAlert } from '../received/accept.ts';
import { parseTime } from './times.ts';

const time = z.string().transform((text, context) => {
  const ms = parseTime(text);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a time; expected one like 2026-01-02T15:04:05Z`,
  });
  return z.NEVER;
});

const labels = z.record(z.string(), z.string());

/** The body of `POST /api/v2/alerts`. What clients say beyond that is not looked at. */
export const postedAlerts = z.array(
  z.object({
    labels,
    annotations: labels.nullish(),
    startsAt: time.nullish(),
    endsAt: time.nullish(),
    generatorURL: z.string().nullish(),
  }),
);

export function postedAlertsOf(body: z.output<typeof postedAlerts>): readonly PostedAlert[] {
  return body.map((one) => ({
    labels: new Map(Object.entries(one.labels)),
    annotations: new Map(Object.entries(one.annotations ?? {})),
    startsAt: one.startsAt ?? null,
    endsAt: one.endsAt ?? null,
    generatorUrl: one.generatorURL ?? '',
  }));
}
