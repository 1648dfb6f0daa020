import { Labels } from '@pharos/promql';
import { expect, it, vi } from 'vitest';
import { applyDoorRules } from './door-rules.ts';
import { Head } from './head/head.ts';
import { Slabs } from './head/slabs.ts';
import { createSeriesHasher } from './series-key.ts';

const BASE = 1e12;
const SAMPLES = 20_000;

it.each(['in order', 'newest first', 'series by series'])(
  'a past that is sent again %s is looked through once, not for each of its samples',
  async (order) => {
    const hasher = await createSeriesHasher();
    const limits = { seriesLimit: 10, labelBytes: 2 ** 20, budgetBytes: 2 ** 30, windowMs: 1e9 };
    const head = new Head({ hasher, ...limits });
    const [a, b] = ['a', 'b'].map((i) => head.resolve('t', Labels.fromRecord({ i })));
    for (const ref of [a!, b!])
      for (let i = 0; i < SAMPLES; i++) head.insert(ref, BASE + i * 1000, Float64Array.of(i), 0, 1);
    const at = (i: number): number => (order === 'newest first' ? SAMPLES - 1 - (i >> 1) : i >> 1);
    const places = Array.from({ length: SAMPLES * 2 }, (_, i) =>
      order === 'series by series'
        ? { ref: i < SAMPLES ? a! : b!, sample: i % SAMPLES }
        : { ref: i % 2 === 0 ? a! : b!, sample: at(i) },
    );
    const get = vi.spyOn(Slabs.prototype, 'get');
    const accepted = applyDoorRules(
      head,
      {
        count: places.length,
        refs: Uint32Array.from(places, ({ ref }) => ref),
        timestamps: Float64Array.from(places, ({ sample }) => BASE + sample * 1000),
        // One of them is another value than the one that is there.
        values: Float64Array.from(places, ({ sample }, i) => (i === 777 ? -1 : sample)),
        records: null,
        time: Number.NaN,
      },
      { oldest: 0, newest: 2e12 },
    );
    const looks = get.mock.calls.length;
    get.mockRestore();
    expect(accepted.samples).toEqual({ stored: 0, duplicates: SAMPLES * 2 - 1 });
    expect(accepted.rejections.list()).toMatchObject([{ reason: 'duplicate_timestamp', count: 1 }]);
    // A look per sample for its chunk, and one per chunk.
    expect(looks).toBeLessThan(SAMPLES * 3);
  },
);
