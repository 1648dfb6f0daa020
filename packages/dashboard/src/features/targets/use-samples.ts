import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { isRecord } from '../../api/matrix.ts';
import { askInstant } from '../../api/query-client.ts';
import type { Vector } from '../../api/vector.ts';
import { useLive } from '../../live/provider.tsx';

/** What the last scrape of a target brought; null where it is not known. */
export interface Samples {
  readonly scraped: number | null;
  /** After metric relabelling. */
  readonly kept: number | null;
  /** Series it had not shown before. */
  readonly added: number | null;
}

const QUERY =
  '{__name__=~"scrape_samples_scraped|scrape_samples_post_metric_relabeling|scrape_series_added"}';
const PART: Readonly<Record<string, keyof Samples>> = {
  scrape_samples_scraped: 'scraped',
  scrape_samples_post_metric_relabeling: 'kept',
  scrape_series_added: 'added',
};
const NOTHING: Samples = { scraped: null, kept: null, added: null };

export function samplesKey(job: string, instance: string): string {
  return JSON.stringify([job, instance]);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The figures by job and instance. */
export function samplesOf({ labels, values }: Vector): ReadonlyMap<string, Samples> {
  const found = new Map<string, Samples>();
  labels.forEach((text, row) => {
    const metric: unknown = JSON.parse(text);
    if (!isRecord(metric)) return;
    const part = PART[textOf(metric['__name__'])];
    if (part === undefined) return;
    const key = samplesKey(textOf(metric['job']), textOf(metric['instance']));
    found.set(key, { ...(found.get(key) ?? NOTHING), [part]: Number(values[row]) });
  });
  return found;
}

/** What the last scrapes brought, from the metrics that scraping writes itself. */
export function useSamples(): ReadonlyMap<string, Samples> {
  const { paused } = useLive();
  const { data } = useQuery({
    queryKey: ['targets', 'samples'],
    queryFn: async ({ signal }) =>
      (await askInstant({ query: QUERY, time: Date.now() / 1000 }, signal)).vector,
    refetchInterval: paused ? false : 15_000,
    structuralSharing: false,
    retry: false,
  });
  return useMemo(() => (data === undefined ? new Map<string, Samples>() : samplesOf(data)), [data]);
}
