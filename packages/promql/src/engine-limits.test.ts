import { describe, expect, it } from 'vitest';
import { createQueryEngine } from './engine.ts';
import { QueryError } from './errors.ts';
import { Labels } from './labels.ts';
import type { GridSeries, PushdownRequest, Queryable } from './storage.ts';
import { MemoryStorage } from './testing/memory-storage.ts';
import { ScanningStorage } from './testing/scanning-storage.ts';

function manySeries(count: number, samples = 100, storage = new MemoryStorage()): MemoryStorage {
  const timestamps = Float64Array.from({ length: samples }, (_, i) => i * 15_000);
  for (let s = 0; s < count; s++)
    storage.addColumns(
      Labels.fromRecord({ __name__: 'x_total', job: `j${s % 3}`, instance: `i${s}` }),
      timestamps,
      timestamps.map((t) => t * s),
    );
  return storage;
}

const range = { start: 300_000, end: 900_000, step: 60_000 };
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => error,
  );

describe('limits', () => {
  it('refuses a query that would hold too many samples', async () => {
    const engine = createQueryEngine({ limits: { maxSamples: 500 } });
    const error = await rejection(engine.range({ query: 'x_total', queryable: manySeries(10), ...range }));
    expect(error).toMatchObject({
      name: 'QueryError',
      kind: 'execution',
      message: 'query processing would load too many samples into memory in query execution',
    });
  });

  it.each([
    ['a selection', 'x_total'],
    ['a function', 'rate(x_total[5m])'],
    ['a subquery', 'max_over_time(x_total[1h:1s])'],
    ['a subquery of no series', 'max_over_time(vector(1)[1y:1s])'],
    ['a subquery of a function', 'avg_over_time(rate(x_total[1m])[30m:1s])'],
  ])('refuses %s before it takes memory beyond the limit', async (_, query) => {
    const made: number[] = [];
    const original = globalThis.Float64Array;
    const counting = new Proxy(original, {
      construct: (target, args: [number]) => {
        if (typeof args[0] === 'number') made.push(args[0]);
        return Reflect.construct(target, args);
      },
    });
    const maxSamples = 100_000;
    const queryable = manySeries(2000, 10, new ScanningStorage());
    const engine = createQueryEngine({ limits: { maxSamples, maxPoints: 1e9 } });
    globalThis.Float64Array = counting;
    const wide = { start: 0, end: 1_500_000, step: 1000 };
    const error = await rejection(engine.range({ query, queryable, ...wide })).finally(() => {
      globalThis.Float64Array = original;
    });
    expect(error).toMatchObject({ message: expect.stringContaining('too many samples into memory') });
    expect(made.reduce((sum, one) => sum + one, 0)).toBeLessThan(maxSamples * 30);
  });

  it('refuses more points than the resolution allows, with the documented text', async () => {
    const engine = createQueryEngine();
    const query = { query: 'x_total', queryable: manySeries(1), start: 0, end: 11_001_000, step: 1000 };
    expect(await rejection(engine.range(query))).toMatchObject({
      kind: 'bad_data',
      message: expect.stringMatching(/^exceeded maximum resolution of 11,000 points per timeseries/),
    });
    await expect(engine.range({ ...query, end: 11_000_000 })).resolves.toMatchObject({ type: 'matrix' });
  });

  it('refuses a step that is no step and an end before the start', async () => {
    const engine = createQueryEngine();
    const queryable = manySeries(1);
    for (const step of [0, -1, Number.NaN])
      expect(await rejection(engine.range({ query: 'x', queryable, start: 0, end: 1, step }))).toMatchObject({
        kind: 'bad_data',
      });
    expect(await rejection(engine.range({ query: 'x', queryable, start: 2, end: 1, step: 1 }))).toMatchObject(
      { kind: 'bad_data' },
    );
  });

  it('refuses range queries of strings and range vectors', async () => {
    const engine = createQueryEngine();
    expect(
      await rejection(engine.range({ query: 'x[5m]', queryable: manySeries(1), ...range })),
    ).toMatchObject({
      kind: 'bad_data',
      message: 'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    });
  });
});

describe('time and abort', () => {
  it('yields while it works, and ends with the abort', async () => {
    let time = 0;
    let yields = 0;
    const abort = new AbortController();
    const engine = createQueryEngine({
      now: () => (time += 6),
      yieldNow: () => {
        yields++;
        if (yields === 3) abort.abort(new Error('gone'));
        return Promise.resolve();
      },
    });
    const query = { query: 'sum(rate(x_total[5m]))', queryable: manySeries(20_000), ...range };
    expect(await rejection(engine.range({ ...query, signal: abort.signal }))).toMatchObject({
      kind: 'canceled',
      message: 'query was canceled in expression evaluation',
    });
    expect(yields).toBe(3);
  });

  it('times out', async () => {
    let time = 0;
    const engine = createQueryEngine({ now: () => (time += 50), limits: { timeoutMs: 120 } });
    const error = await rejection(
      engine.range({ query: 'sum(rate(x_total[5m]))', queryable: manySeries(12_000), ...range }),
    );
    expect(error).toMatchObject({ kind: 'timeout', message: 'query timed out in expression evaluation' });
  });

  it('turns a failing storage into an execution error, its own QueryErrors untouched', async () => {
    const failing = (error: unknown): Queryable => ({ select: () => Promise.reject(error) });
    const engine = createQueryEngine();
    const other = await rejection(
      engine.instant({ query: 'x', queryable: failing(new Error('disk')), time: 0 }),
    );
    expect(other).toMatchObject({ kind: 'execution', message: 'expanding series: disk' });
    const own = new QueryError('timeout', 'slow');
    expect(await rejection(engine.instant({ query: 'x', queryable: failing(own), time: 0 }))).toBe(own);
  });
});

describe('what is asked of the storage', () => {
  it('reads equal selectors over touching times once, left-open', async () => {
    const storage = manySeries(2);
    const result = await createQueryEngine().range({
      query: 'x_total + x_total offset 1m + rate(x_total[10m]) + x_total offset 1d',
      queryable: storage,
      ...range,
    });
    expect(result.stats.seriesRead).toBe(2);
    expect(storage.requests.map(({ startExclusive, end }) => [startExclusive, end])).toEqual([
      [300_000 - 600_000, 900_000],
      [300_000 - 86_400_000 - 300_000, 900_000 - 86_400_000],
    ]);
  });

  it('tells the function and grouping around a selector', async () => {
    const storage = manySeries(2);
    await createQueryEngine().range({
      query: 'sum by (job) (x_total) / count(rate(y_total[1m]))',
      queryable: storage,
      ...range,
    });
    expect(storage.requests.map(({ hints }) => hints)).toEqual([
      { start: 300_000, end: 900_000, step: 60_000, range: 0, func: 'sum', by: true, grouping: ['job'] },
      { start: 300_000, end: 900_000, step: 60_000, range: 60_000, func: 'rate' },
    ]);
  });

  it('evaluates what @ pins once, and repeats it', async () => {
    const result = await createQueryEngine().range({
      query: 'x_total{instance="i1"} @ 300 + 0 * x_total{instance="i1"}',
      queryable: manySeries(2),
      ...range,
    });
    expect(new Set(result.series[0]?.values)).toEqual(new Set([300_000]));
  });
});

describe('pushdown', () => {
  class Pushing extends MemoryStorage {
    readonly pushed: PushdownRequest[] = [];
    pushdown(request: PushdownRequest): Promise<readonly GridSeries[] | null> {
      this.pushed.push(request);
      if (request.aggregation !== 'sum') return Promise.resolve(null);
      const count = Math.floor((request.end - request.start) / request.step) + 1;
      const labels = Labels.fromRecord({ job: 'pushed' });
      return Promise.resolve([
        { labels, values: new Float64Array(count).fill(7), present: new Uint8Array(count).fill(1) },
      ]);
    }
  }

  it('takes the storage at its word, and reads samples where it declines', async () => {
    const storage = new Pushing();
    const result = await createQueryEngine().range({
      query: 'sum by (job) (rate(x_total[5m])) or max(x_total)',
      queryable: storage,
      ...range,
    });
    expect(result.series.map(({ labels, values }) => [labels.toString(), values[0]])).toEqual([
      ['{job="pushed"}', 7],
    ]);
    expect(result.stats.pushedDown).toBe(1);
    expect(storage.pushed[0]).toMatchObject({
      func: 'rate',
      range: 300_000,
      offset: 0,
      by: true,
      grouping: ['job'],
    });
    expect(storage.requests).toHaveLength(1);
  });

  it('offers only shapes whose answer cannot differ', async () => {
    const offered = async (query: string, options = {}): Promise<number> => {
      const storage = new Pushing();
      await createQueryEngine({ options }).range({ query, queryable: storage, ...range });
      return storage.pushed.length;
    };
    expect(await offered('sum(x_total)')).toBe(1);
    expect(await offered('avg without (a) (avg_over_time(x_total[5m] offset 1m))')).toBe(1);
    for (const query of [
      'sum({job="a"})',
      'sum(rate({__name__=~"x.*"}[5m]))',
      'sum by (__name__) (x_total)',
      'sum(x_total @ 300)',
      'sum(irate(x_total[5m]))',
      'sum(x_total + 1)',
      'quantile(0.5, x_total)',
    ])
      expect(await offered(query), query).toBe(0);
    expect(await offered('sum(x_total)', { pushdown: false })).toBe(0);
    expect(await offered('sum(x_total)', { delayedNameRemoval: true })).toBe(0);
  });
});
