import { clientHeaders, type ReadText } from '../http-client/headers.ts';
import { acceptHeader } from './body.ts';
import type { ScrapeJob } from './job.ts';

export type ScrapeHeaders = Readonly<Record<string, string | string[]>>;

/** The headers of one scrape. Credential files are read each time, so that rotated secrets work at once. */
export async function scrapeHeaders(
  job: ScrapeJob,
  timeoutMs: number,
  readText: ReadText,
): Promise<ScrapeHeaders> {
  const { config } = job;
  const headers: Record<string, string | string[]> = {
    accept: acceptHeader(job.protocols),
    'accept-encoding': config.enable_compression ? 'gzip' : 'identity',
    'user-agent': 'Pharos',
    'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
  };
  return Object.assign(headers, await clientHeaders(config, readText));
}
