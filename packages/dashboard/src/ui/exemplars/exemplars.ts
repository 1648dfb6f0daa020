import { z } from 'zod';
import type { Dot } from '../chart/dots.ts';

/** One observed event behind a metric, usually with the trace it belongs to. */
export interface Exemplar extends Dot {
  readonly labels: Readonly<Record<string, string>>;
  readonly series: Readonly<Record<string, string>>;
  /** The id of its trace, under any of the usual names. */
  readonly trace: string | null;
}

const TRACE_NAMES = ['trace_id', 'traceID', 'traceId', 'TraceID'] as const;
/** More dots than this would hide the curves. */
const MOST = 500;

const record = z.record(z.string(), z.string());
export const exemplarsSchema = z.object({
  data: z.array(
    z.object({
      seriesLabels: record,
      exemplars: z.array(
        z.object({ labels: record, value: z.coerce.number(), timestamp: z.coerce.number() }),
      ),
    }),
  ),
});

/** The exemplars of an answer as dots, newest first, spread evenly over the answer when there are too many. */
export function dotsOf(answer: z.infer<typeof exemplarsSchema>): Exemplar[] {
  const all = answer.data.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map((one): Exemplar => {
      const name = TRACE_NAMES.find((candidate) => one.labels[candidate] !== undefined);
      return {
        at: one.timestamp * 1000,
        value: one.value,
        labels: one.labels,
        series: seriesLabels,
        trace: name === undefined ? null : (one.labels[name] ?? null),
      };
    }),
  );
  const every = Math.max(1, Math.ceil(all.length / MOST));
  return all.toSorted((a, b) => b.at - a.at).filter((_, index) => index % every === 0);
}
