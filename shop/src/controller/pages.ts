import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { iso } from '../shared/clock.ts';

const texts = z.record(z.string(), z.string());

/** What of the body of Alertmanager's webhook is kept; the rest may be as it likes. */
export const pageBody = z.object({
  status: z.enum(['firing', 'resolved'], 'firing or resolved'),
  receiver: z.string('a name'),
  groupLabels: texts,
  commonLabels: texts,
  commonAnnotations: texts,
  alerts: z
    .array(z.object({ status: z.string(), labels: texts, annotations: texts, startsAt: z.string() }))
    .max(1000, 'at most 1000 alerts'),
});

/** A notification as whoever is on call got it. */
export interface TakenPage {
  readonly at: string;
  readonly status: 'firing' | 'resolved';
  readonly receiver: string;
  readonly service: string;
  readonly alerts: readonly string[];
  readonly summary: string;
  /** Services that suffer from it. */
  readonly dependants: string;
}

const MOST_PAGES = 500;

/** Takes the pages of whoever watches the shop, in place of somebody on call. */
export function createPager(clock: Pick<Clock, 'now'>) {
  const pages: TakenPage[] = [];
  return {
    take({
      status,
      receiver,
      groupLabels,
      commonLabels,
      commonAnnotations,
      alerts,
    }: z.infer<typeof pageBody>) {
      pages.push({
        at: iso(clock.now()),
        status,
        receiver,
        service: groupLabels['service'] ?? commonLabels['service'] ?? '',
        alerts: [...new Set(alerts.map(({ labels }) => labels['alertname'] ?? ''))],
        summary: commonAnnotations['summary'] ?? '',
        dependants: commonAnnotations['dependants'] ?? '',
      });
      if (pages.length > MOST_PAGES) pages.shift();
    },
    /** Oldest first. */
    list: (): readonly TakenPage[] => [...pages],
  };
}

export type Pager = ReturnType<typeof createPager>;
