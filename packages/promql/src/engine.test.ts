import { describe, expect, it } from 'vitest';
import { createQueryEngine } from './engine.ts';
import { Labels } from './labels.ts';
import { MemoryStorage } from './testing/memory-storage.ts';

const storage = new MemoryStorage();
for (const instance of ['a', 'b'])
  storage.add(
    Labels.fromRecord({ __name__: 'requests_total', job: 'api', instance }),
    Array.from({ length: 21 }, (_, i) => [i * 15_000, i * (instance === 'a' ? 15 : 30)] as const),
  );
const engine = createQueryEngine();

describe('query engine', () => {
  it('evaluates a rate and an aggregation over a range', async () => {
    const result = await engine.range({
      query: 'sum by (job) (rate(requests_total[1m]))',
      queryable: storage,
      start: 120_000,
      end: 180_000,
      step: 30_000,
    });
    expect(result.grid).toEqual({ start: 120_000, step: 30_000, count: 3 });
    expect(result.series).toHaveLength(1);
    expect(result.series[0]?.labels.toString()).toBe('{job="api"}');
    expect([...(result.series[0]?.values ?? [])].map((v) => Number(v.toFixed(9)))).toEqual([3, 3, 3]);
  });

  it('answers an instant vector, a scalar, a string and raw samples', async () => {
    const at = (query: string) => engine.instant({ query, queryable: storage, time: 60_000 });
    const vector = await at('requests_total{instance="a"} * 2');
    expect(vector).toMatchObject({ type: 'vector', samples: [{ value: 120 }] });
    expect(await at('1 + 2 * 3')).toMatchObject({ type: 'scalar', value: 7 });
    expect(await at('"hi"')).toMatchObject({ type: 'string', value: 'hi' });
    const raw = await at('requests_total{instance="b"}[30s]');
    expect(raw.type === 'matrix' && [...(raw.series[0]?.timestamps ?? [])]).toEqual([45_000, 60_000]);
  });
});
