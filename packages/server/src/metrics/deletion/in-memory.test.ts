import { Labels, parseSelector } from '@pharos/promql';
import { expect, it } from 'vitest';
import { ExemplarMemory } from '../store/exemplars/memory.ts';
import { Head } from '../store/head/head.ts';
import { encodeHistogram } from '../store/histograms/codec.ts';
import { exampleHistogram } from '../store/histograms/testing/arbitrary.ts';
import { createSeriesHasher } from '../store/series-key.ts';
import { isInMemory } from './in-memory.ts';

const BASE = 1e12;

it('tells whether memory holds a covered sample, histogram or exemplar of a matching series, wherever it lies', async () => {
  const hasher = await createSeriesHasher();
  const limits = { seriesLimit: 10, labelBytes: 2 ** 20, budgetBytes: 2 ** 30, windowMs: 1e9 };
  const head = new Head({ hasher, ...limits });
  const exemplars = new ExemplarMemory(2 ** 20);
  const [a, b] = ['a', 'b'].map((job) => head.resolve('t', Labels.fromRecord({ __name__: 'up', job })));
  for (let i = 0; i < 100; i++) head.insert(a!, BASE + i * 1000, Float64Array.of(i), 0, 1);
  head.insert(a!, BASE - 60_000, Float64Array.of(1), 0, 1);
  head.insertRecord(a!, encodeHistogram(exampleHistogram(3)), {
    timestamp: BASE - 120_000,
    start: 0,
    position: 1,
  });
  exemplars.add(b!, { labels: Labels.fromRecord({ trace_id: 'x' }), value: 1, timestamp: BASE - 180_000 }, 1);
  const holds = (selector: string, from: number, to: number): Promise<boolean> =>
    isInMemory({ head, exemplars }, 't', {
      matchers: parseSelector(selector),
      from: BASE + from,
      to: BASE + to,
    });
  expect(await holds('up', 5000, 5000)).toBe(true);
  expect(await holds('up', 5001, 5999)).toBe(false);
  expect(await holds('up', 99_000, 1e6)).toBe(true);
  expect(await holds('up', 99_001, 1e6)).toBe(false);
  expect(await holds('up', -60_000, -1)).toBe(true);
  expect(await holds('up{job="a"}', -120_000, -60_001)).toBe(true);
  expect(await holds('up{job="b"}', -170_000, 1e6)).toBe(false);
  expect(await holds('up{job="b"}', -180_000, -180_000)).toBe(true);
  expect(await holds('down', -1e6, 1e6)).toBe(false);
});
