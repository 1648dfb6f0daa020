import { createQueryEngine, type Labels, type Queryable, type QueryEngine } from '@pharos/promql';
import type { Clock } from './kernel/clock.ts';
import type { InstantValue, PromReader, RangeValues } from './overview/index.ts';

/** The overview's PromQL door over the metrics store. Internal queries take no place in the users' query gate. */
export function createPromReader(queryable: (tenant: string) => Queryable, clock: Clock): PromReader {
  const engine: QueryEngine = createQueryEngine({
    now: () => clock.monotonic(),
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  });
  return {
    async instant(tenant, query, time) {
      const result = await engine.instant({ query, time, queryable: queryable(tenant) });
      if (result.type === 'scalar') return [{ ...named(null), value: result.value }];
      return result.type === 'vector'
        ? result.samples.map((sample): InstantValue => ({ ...named(sample.labels), value: sample.value }))
        : [];
    },
    async range(tenant, query, grid) {
      const result = await engine.range({ query, ...grid, queryable: queryable(tenant) });
      return result.series.map(
        (series): RangeValues => ({
          ...named(series.labels),
          values: withGaps(series.values, series.present),
        }),
      );
    },
  };
}

function named(labels: Labels | null): Pick<InstantValue, 'label' | 'labels'> {
  return { label: (name) => labels?.get(name) ?? '', labels: () => labels?.toRecord() ?? {} };
}

function withGaps(values: Float64Array, present: Uint8Array): Float64Array {
  const line = Float64Array.from(values);
  present.forEach((has, i) => {
    if (has === 0) line[i] = Number.NaN;
  });
  return line;
}
