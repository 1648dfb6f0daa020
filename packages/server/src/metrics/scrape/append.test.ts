import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySink } from '../testing/memory_sink.ts';
import { type BodyPolicy, TargetSeries } from './append.ts';
import { createLabeler } from './labels.ts';
import { MetadataCache } from './metadata_cache.ts';
import { RawCache } from './raw_cache.ts';
import { SeriesBudget } from './series_budget.ts';

function setup(extra: Partial<BodyPolicy> = {}) {
  const sink = new MemorySink();
  let breaths = 0;
  const series = new TargetSeries(
    {
      labeler: createLabeler({
        target: Labels.fromRecord({ job: 'j' }),
        honorLabels: false,
        relabel: null,
        limits: { labels: 0, nameLength: 0, valueLength: 0 },
      }),
      honorTimestamps: true,
      trackTimestamps: false,
      sampleLimit: 0,
      breathe: () => {
        breaths++;
        return Promise.resolve();
      },
      ...extra,
    },
    new MetadataCache(sink, 't', 3),
    7,
  );
  let time = 0;
  /** With `lost` the store takes nothing of it. */
  const scrape = async (text: string, format: 'text' | 'openmetrics' = 'text', lost = false) => {
    const encoded = Buffer.from(text, 'utf8');
    const body = new Uint8Array(encoded.length + 1);
    body.set(encoded);
    time++;
    let appender = sink.appender({ tenant: 't' });
    const outcome = await series.append(
      { bytes: body, length: encoded.length, format: format, natives: [] },
      time,
      appender,
    );
    if (outcome.problem === null) series.markVanished(time, appender);
    else {
      appender.rollback();
      appender = sink.appender({ tenant: 't' });
      series.markAllStale(time, appender);
    }
    if (lost) {
      appender.rollback();
      return outcome;
    }
    await appender.commit();
    series.settle(outcome.problem === null);
    return outcome;
  };
  return { sink, series, scrape, breaths: () => breaths };
}

describe('limits', () => {
  const many = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => `m{id="${from + i}"} 1\n`).join('');

  it('leaves new series over the target limit out, keeps the known ones, and says how many', async () => {
    const { sink, scrape } = setup({ seriesBudget: new SeriesBudget(3, () => 0) });
    expect(await scrape(many(5))).toMatchObject({
      kept: 5,
      refused: 2,
      seriesAdded: 3,
      problem: null,
      limits: [{ limit: 'target_series_limit', samples: 2, message: 'the target has its limit of 3 series' }],
    });
    expect((await scrape(many(5, 3))).refused).toBe(5);
    expect(sink.samples.filter(({ stale }) => !stale)).toHaveLength(3);
    expect((await scrape(many(3))).limits).toEqual([]);
  });

  it('does not charge a target for series that the store refuses for their labels', async () => {
    const { sink, scrape } = setup({ seriesBudget: new SeriesBudget(5, () => 0) });
    sink.maxSeries = 0;
    sink.refusal = { reason: 'label_memory', message: 'the labels have their memory' };
    for (let round = 0; round < 4; round++)
      expect((await scrape(many(3))).limits).toMatchObject([{ limit: 'label_memory', samples: 3 }]);
    sink.maxSeries = 10;
    expect(await scrape(many(3))).toMatchObject({ refused: 0, seriesAdded: 3 });
  });

  it('says that the tenant is full', async () => {
    const { sink, scrape } = setup();
    sink.maxSeries = 1;
    expect((await scrape(many(3))).limits).toMatchObject([{ limit: 'series_limit', samples: 2 }]);
  });
});

describe('TargetSeries', () => {
  it('knows one series by two spellings, and does not mark it stale while one is there', async () => {
    const { sink, scrape } = setup();
    await scrape('m{a="1",b="2"} 1\n');
    await scrape('m{b="2",a="1"} 2\n');
    await scrape('');
    expect(sink.of('m')).toEqual(['1@1', '2@2', 'stale@3']);
    expect(sink.resolved).toBe(1);
  });

  it('hands over exemplars of stored series', async () => {
    const { sink, scrape } = setup();
    await scrape(
      'a_bucket{le="1"} 1 # {trace_id="x"} 0.5\na_bucket{le="2"} 1 # {trace_id="y"} 1.5 2\n# EOF\n',
      'openmetrics',
    );
    expect(
      sink.exemplars.map(({ series, labels, value, timestamp }) => [
        series.get('le'),
        labels.toRecord(),
        value,
        timestamp,
      ]),
    ).toEqual([
      ['1', { trace_id: 'x' }, 0.5, 1],
      ['2', { trace_id: 'y' }, 1.5, 2000],
    ]);
  });

  it('does not mark series with times of their own stale, unless told to', async () => {
    for (const [trackTimestamps, expected] of [
      [false, ['1@5']],
      [true, ['1@5', 'stale@2']],
    ] as const) {
      const { sink, scrape } = setup({ trackTimestamps });
      await scrape('m 1 5\n');
      await scrape('');
      expect(sink.of('m')).toEqual(expected);
    }
  });

  it('counts what a series limit refuses, and takes it when there is room again', async () => {
    const { sink, scrape } = setup();
    sink.maxSeries = 1;
    const outcome = await scrape('a 1\nb 1\n');
    expect(outcome).toMatchObject({ scraped: 2, kept: 2, refused: 1, seriesAdded: 1, problem: null });
    sink.maxSeries = 2;
    for (let i = 0; i < 20; i++) await scrape('a 1\nb 1\n');
    expect(sink.of('b').length).toBeGreaterThan(1);
  });

  it('takes a million series only up to the limit, letting others run, and holds on to little', async () => {
    const limit = 2_000;
    const { sink, series, scrape, breaths } = setup({ sampleLimit: limit });
    const body = Array.from({ length: 1_000_000 }, (_, i) => `m{i="${i}"} 1\n`).join('');
    const outcome = await scrape(body);
    expect(outcome).toMatchObject({
      scraped: 1_000_000,
      kept: 1_000_000,
      problem: { reason: 'sample_limit', message: expect.stringContaining('limit 2000') as unknown },
    });
    expect(sink.samples).toEqual([]);
    expect(sink.resolved).toBe(limit);
    expect(breaths()).toBeGreaterThan(100);
    expect(series.size.series).toBe(limit);
    expect(series.size.bytes).toBeLessThan(1_000_000);
  });

  it('forgets series of a target that exposes new ones all the time', async () => {
    const { series, scrape } = setup();
    for (let round = 0; round < 30; round++) {
      await scrape(Array.from({ length: 500 }, (_, i) => `m{i="${round}-${i}"} 1\n`).join(''));
    }
    expect(series.size.series).toBeLessThan(2_100);
  });

  it('keeps what it knows over a body that breaks off early', async () => {
    const { sink, series, scrape } = setup();
    const body = Array.from({ length: 5_000 }, (_, i) => `m{i="${i}"} 1\n`).join('');
    await scrape(body);
    await scrape('m{i="0"} 1\n}\n');
    expect(series.size.series).toBe(5_000);
    await scrape(body);
    expect(sink.resolved).toBe(5_000);
  });

  it('agrees with a plain model on any sequence of scrapes', async () => {
    const names = ['a', 'b', 'c{x="1"}', 'd{x="long value to compare in more than one step"}', 'e'];
    const body = fc.record({ order: fc.shuffledSubarray(names), broken: fc.boolean(), lost: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 12 }), async (bodies) => {
        const { sink, scrape } = setup();
        const expected: string[] = [];
        let live = new Set<string>();
        let time = 0;
        for (const { order, broken, lost } of bodies) {
          time++;
          await scrape(
            order.map((name, i) => `${name} ${i}\n`).join('') + (broken ? '}\n' : ''),
            'text',
            lost,
          );
          if (lost) continue;
          const now = new Set(broken ? [] : order);
          if (!broken) order.forEach((name, i) => expected.push(`${name} ${i}@${time}`));
          for (const name of live) if (!now.has(name)) expected.push(`${name} stale@${time}`);
          live = now;
        }
        const got = sink.lines().map((line) => line.replace(/\{job="j"\}|job="j", /, ''));
        expect(got.sort()).toEqual(expected.sort());
      }),
    );
  });
});

describe('RawCache', () => {
  it('agrees with a Map on any keys, through growth and sweeps', () => {
    const key = fc.uint8Array({ maxLength: 9 });
    fc.assert(
      fc.property(
        fc.array(fc.array(key, { maxLength: 40 }), { maxLength: 8 }),
        fc.integer(),
        (rounds, seed) => {
          const cache = new RawCache(seed);
          const known = new Map<string, number>();
          for (const keys of rounds) {
            cache.beginRound();
            for (const bytes of keys) {
              const text = Buffer.from(bytes).toString('latin1');
              const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
              let entry = cache.find(bytes, view, 0, bytes.length);
              expect(entry < 0 ? undefined : cache.refs[entry]).toBe(known.get(text));
              if (entry < 0) {
                known.set(text, known.size);
                entry = cache.insert(bytes, view, 0, bytes.length, known.size - 1);
              }
              cache.touch(entry);
            }
            cache.endRound(true);
          }
        },
      ),
    );
  });

  it('keeps what is present when it sweeps', () => {
    const cache = new RawCache(1);
    const touch = (i: number): number => {
      const bytes = Buffer.from(`series ${i}`);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const found = cache.find(bytes, view, 0, bytes.length);
      const entry = found >= 0 ? found : cache.insert(bytes, view, 0, bytes.length, i);
      cache.touch(entry);
      return found;
    };
    cache.beginRound();
    for (let i = 0; i < 5_000; i++) touch(i);
    cache.endRound(true);
    cache.beginRound();
    for (let i = 1_000; i < 2_000; i++) touch(i);
    cache.endRound(true);
    expect(cache.count).toBe(1_000);
    cache.beginRound();
    for (let i = 1_000; i < 2_000; i++) expect(touch(i)).toBeGreaterThanOrEqual(0);
    expect(touch(0)).toBe(-1);
  });
});
