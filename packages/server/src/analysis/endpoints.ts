import { FAILED, quantileOf, REQUESTS, serviceOf } from '../overview/index.ts';
import type { AnalysisSources, Scope } from './sources.ts';

/** What one endpoint of a service was asked in a window, and in the one before. */
export interface EndpointFigures {
  readonly service: string;
  readonly method: string;
  readonly route: string;
  readonly requests: number;
  readonly requestsBefore: number;
  readonly failed: number;
  readonly failedBefore: number;
  /** Seconds; null where nothing was measured. */
  readonly p95: number | null;
  readonly p95Before: number | null;
}

const BY = 'service, job, method, route';

/** Every endpoint of the wanted services; most requests first. */
export async function readEndpoints(
  { reader, names }: Pick<AnalysisSources, 'reader' | 'names'>,
  { tenant, from, to, window, keep }: Scope,
): Promise<readonly EndpointFigures[]> {
  const found = new Map<string, { -readonly [Key in keyof EndpointFigures]: EndpointFigures[Key] }>();
  const read = async (query: string, time: number, field: keyof EndpointFigures, sums: boolean) => {
    for (const series of await reader.instant(tenant, query, time)) {
      const service = serviceOf(names, series);
      if (service === '' || !keep(service) || !Number.isFinite(series.value)) continue;
      const [method, route] = [series.label('method'), series.label('route')];
      const key = JSON.stringify([service, method, route]);
      let one = found.get(key);
      if (one === undefined) found.set(key, (one = { ...NONE, service, method, route }));
      const before = one[field];
      Object.assign(one, {
        [field]:
          typeof before !== 'number'
            ? series.value
            : sums
              ? before + series.value
              : Math.max(before, series.value),
      });
    }
  };
  const many = (selector: string): string => `sum by (${BY}) (increase(${selector}[${window}]))`;
  const p95 = quantileOf(0.95, window, BY);
  await Promise.all([
    read(many(REQUESTS), to, 'requests', true),
    read(many(REQUESTS), from, 'requestsBefore', true),
    read(many(FAILED), to, 'failed', true),
    read(many(FAILED), from, 'failedBefore', true),
    read(p95, to, 'p95', false),
    read(p95, from, 'p95Before', false),
  ]);
  return [...found.values()].sort((a, b) => b.requests - a.requests);
}

const NONE = {
  requests: 0,
  requestsBefore: 0,
  failed: 0,
  failedBefore: 0,
  p95: null,
  p95Before: null,
} as const;
