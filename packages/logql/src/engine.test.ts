import { Labels, QueryError } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogQueryEngine } from './engine.ts';
import type { RangeQuery } from './options.ts';
import type { LogResult, MatrixResult } from './result.ts';
import { groupByAllLabels, groupByStream } from './result.ts';
import type { CountRequest, LogBatch, LogSelectRequest, LogStorage } from './storage.ts';
import { MemoryLogStorage } from './testing/memory-storage.ts';

const SECOND = 1_000_000_000n;
const at = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9));

function storageOf(
  lines: readonly (readonly [
    stream: Record<string, string>,
    seconds: number,
    line: string,
    metadata?: Record<string, string>,
  ])[],
): MemoryLogStorage {
  const storage = new MemoryLogStorage();
  for (const [stream, seconds, line, metadata] of lines)
    storage.add(Labels.fromRecord(stream), at(seconds), line, metadata && Labels.fromRecord(metadata));
  return storage;
}

const engine = createLogQueryEngine();
const BASE = { start: 0n, end: 100n * SECOND, stepNs: 1e9, limit: 100, direction: 'forward' } as const;

async function logs(query: Partial<RangeQuery> & Pick<RangeQuery, 'query' | 'storage'>): Promise<LogResult> {
  const result = await engine.range({ ...BASE, ...query });
  if (result.type !== 'streams') throw new TypeError('no logs');
  return result;
}

async function matrix(
  query: Partial<RangeQuery> & Pick<RangeQuery, 'query' | 'storage'>,
  using = engine,
): Promise<MatrixResult> {
  const result = await using.range({ ...BASE, ...query });
  if (result.type !== 'matrix') throw new TypeError('no matrix');
  return result;
}

const TWENTY = Array.from(
  { length: 20 },
  (_, i) => [{ app: i % 2 === 0 ? 'a' : 'b' }, i + 1, `line=${i + 1}`] as const,
);

describe('log queries', () => {
  it('answers the newest or the oldest entries over all streams, the end left out (LQ-2)', async () => {
    const storage = storageOf(TWENTY);
    const query = '{app=~"a|b"}';
    const forward = await logs({ query, storage, limit: 3, start: at(2), end: at(9) });
    expect(forward.entries.map(({ line }) => line)).toEqual(['line=2', 'line=3', 'line=4']);
    const backward = await logs({
      query,
      storage,
      limit: 3,
      start: at(2),
      end: at(9),
      direction: 'backward',
    });
    expect(backward.entries.map(({ line }) => line)).toEqual(['line=8', 'line=7', 'line=6']);
    expect(backward.stats).toMatchObject({
      linesProcessed: 7,
      entriesReturned: 3,
      bytesProcessed: 42,
    });
  });

  it('is the sorted whole cut at the limit, whatever the data', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 30 })), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('forward', 'backward' as const),
        async (data, limit, direction) => {
          const storage = storageOf(data.map(([app, seconds], i) => [{ app }, seconds, `x${i % 3}`]));
          const { entries } = await logs({
            query: '{app=~".+"} |= "x1"',
            storage,
            limit,
            direction: direction as 'forward',
          });
          const wanted = data
            .filter((_, i) => i % 3 === 1)
            .map(([, seconds]) => at(seconds))
            .sort((a, b) => Number(a - b));
          if (direction === 'backward') wanted.reverse();
          expect(entries.map(({ timestamp }) => timestamp)).toEqual(wanted.slice(0, limit));
        },
      ),
      { numRuns: 80 },
    );
  });

  it('thins entries by an interval', async () => {
    const storage = storageOf(TWENTY);
    const query = '{app=~"a|b"}';
    const thin = await logs({ query, storage, limit: 3, intervalNs: 5e9 });
    expect(thin.entries.map(({ line }) => line)).toEqual(['line=1', 'line=6', 'line=11']);
    const back = await logs({ query, storage, limit: 2, intervalNs: 5e9, direction: 'backward' });
    expect(back.entries.map(({ line }) => line)).toEqual(['line=20', 'line=15']);
  });

  it('tells labels by origin, and groups by stream or by all of them (LQ-4)', async () => {
    const storage = storageOf([
      [{ app: 'a' }, 1, 'k=1', { m: 'x' }],
      [{ app: 'a' }, 2, 'k=2', { m: 'x' }],
      [{ app: 'a' }, 3, 'k=1', { m: 'x' }],
    ]);
    const { entries } = await logs({ query: '{app="a"} | logfmt', storage });
    expect(entries[0]?.labels).toEqual({
      stream: Labels.fromRecord({ app: 'a' }),
      metadata: Labels.fromRecord({ m: 'x' }),
      parsed: Labels.fromRecord({ k: '1' }),
    });
    expect(groupByStream(entries).map((one) => [one.labels.toString(), one.entries.length])).toEqual([
      ['{app="a"}', 3],
    ]);
    expect(groupByAllLabels(entries).map((one) => [one.labels.toString(), one.entries.length])).toEqual([
      ['{app="a", k="1", m="x"}', 2],
      ['{app="a", k="2", m="x"}', 1],
    ]);
  });

  it('keeps entries with errors, as labels', async () => {
    const storage = storageOf([[{ app: 'a' }, 1, 'no json']]);
    const { entries } = await logs({ query: '{app="a"} | json', storage });
    expect(entries[0]?.labels.parsed.get('__error__')).toBe('JSONParserErr');
  });

  it('stops reading where a horizon says that nothing better comes', async () => {
    let returned = false;
    let batches = 0;
    const storage: LogStorage = {
      async *select(request: LogSelectRequest): AsyncGenerator<LogBatch> {
        try {
          expect(request.hints).toMatchObject({ exact: true, limit: 2 });
          for (let slice = 9; slice >= 0; slice--) {
            batches++;
            yield await Promise.resolve({
              stream: Labels.fromRecord({ app: 'a' }),
              timestamps: BigInt64Array.from([at(slice + 0.5), at(slice)]),
              lines: ['x', 'y'],
              horizon: at(slice),
            });
          }
        } finally {
          returned = true;
        }
      },
    };
    const { entries } = await logs({ query: '{app="a"} |~ "x|y"', storage, limit: 2, direction: 'backward' });
    expect(entries.map(({ timestamp }) => timestamp)).toEqual([at(9.5), at(9)]);
    expect([batches, returned]).toEqual([1, true]);
  });

  it('hands filters down that the storage may apply, and no limit where others follow', async () => {
    const storage = storageOf(TWENTY);
    await logs({
      query: '{app="a"} |= "x" | app="a" | logfmt != "y" | level="e" | line_format "z" |= "z"',
      storage,
    });
    const { hints } = storage.requests.at(-1) ?? {};
    expect(hints?.lineFilters.map(({ op }) => op)).toEqual(['|=', '!=']);
    expect(hints?.labelFilters).toHaveLength(1);
    expect(hints).toMatchObject({ exact: false, limit: undefined });
  });
});

describe('metric queries', () => {
  it('count the same over any windows as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: -300, max: 300 }),
        async (times, rangeMs, stepMs, offsetMs) => {
          const storage = storageOf(times.map((ms, i) => [{ app: 'a', p: `${i % 2}` }, ms / 1000, 'v=2']));
          const offset = offsetMs === 0 ? '' : ` offset ${offsetMs}ms`;
          const [start, end] = [at(0.5), at(3.5)];
          const common = { storage, start, end, stepNs: stepMs * 1e6 };
          const counted = await matrix({
            query: `sum(count_over_time({app="a"}[${rangeMs}ms]${offset}))`,
            ...common,
          });
          const summed = await matrix({
            query: `sum(sum_over_time({app="a"} | logfmt | unwrap v [${rangeMs}ms]${offset}))`,
            ...common,
          });
          for (let k = 0; k < counted.count; k++) {
            const close = 500 + k * stepMs - offsetMs;
            const wanted = times.filter((ms) => ms > close - rangeMs && ms <= close).length;
            expect(counted.series[0]?.present[k] === 1 ? counted.series[0].values[k] : 0).toBe(wanted);
            expect(summed.series[0]?.present[k] === 1 ? summed.series[0].values[k] : 0).toBe(2 * wanted);
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  it('lets the storage count what only filters decide, and reads where it declines', async () => {
    const requests: CountRequest[] = [];
    let declines = false;
    const memory = storageOf(TWENTY);
    const storage: LogStorage = {
      select: (request) => memory.select(request),
      count: async (request) => {
        requests.push(request);
        if (declines) return null;
        const values = new Float64Array(request.windows.count).fill(6);
        return Promise.resolve([
          { labels: Labels.EMPTY, values, present: new Uint8Array(values.length).fill(1) },
        ]);
      },
    };
    const query = 'sum(rate({app="a"} |= "line" [3s]))';
    const counted = await matrix({ query, storage, start: at(5), end: at(6) });
    expect(counted.series[0]?.values).toEqual(Float64Array.of(2, 2));
    expect(counted.stats).toMatchObject({ pushedDown: 1, linesProcessed: 0 });
    expect(requests[0]).toMatchObject({
      what: 'lines',
      grouping: { without: false, labels: [] },
      windows: { end: at(5), stepNs: 1e9, rangeNs: 3e9, count: 2 },
    });
    declines = true;
    const read = await matrix({ query, storage, start: at(5), end: at(6) });
    expect(read.series[0]?.values).toEqual(Float64Array.of(2 / 3, 1 / 3));
    // A parser decides too; a label made where names clash is not the storage's; and it can be switched off.
    const asked = requests.length;
    await matrix({ query: 'sum(rate({app="a"} | logfmt [3s]))', storage });
    await matrix({ query: 'sum by (x_extracted) (rate({app="a"}[3s]))', storage });
    await matrix({ query, storage }, createLogQueryEngine({ pushdown: false }));
    expect(requests.length).toBe(asked);
  });

  it('answers Grafana, which asks whether one and one is two (LQ-6)', async () => {
    const result = await engine.instant({
      query: 'vector(1)+vector(1)',
      storage: new MemoryLogStorage(),
      time: 5n,
    });
    expect(result).toMatchObject({ type: 'vector', time: 5n, samples: [{ labels: Labels.EMPTY, value: 2 }] });
    const scalar = await engine.instant({ query: '1 + 1', storage: new MemoryLogStorage(), time: 5n });
    expect(scalar).toMatchObject({ type: 'scalar', value: 2 });
  });

  it('takes samples in any order, and keeps series of equal labels together', async () => {
    const storage = storageOf([
      [{ app: 'a', pod: '1' }, 3, 'v=30'],
      [{ app: 'a', pod: '2' }, 1, 'v=10'],
      [{ app: 'a', pod: '1' }, 2, 'v=20'],
    ]);
    const query = 'first_over_time({app="a"} | logfmt | drop pod | unwrap v [5s])';
    const first = await engine.instant({ query, storage, time: at(4) });
    expect(first).toMatchObject({ samples: [{ value: 10 }] });
    const last = await engine.instant({ query: query.replace('first', 'last'), storage, time: at(4) });
    expect(last).toMatchObject({ samples: [{ value: 30 }] });
  });

  it('uses the sizes the storage knows, and counts a rewritten line anew', async () => {
    const storage: LogStorage = {
      async *select() {
        yield await Promise.resolve({
          stream: Labels.fromRecord({ app: 'a' }),
          timestamps: BigInt64Array.of(at(1), at(2)),
          lines: ['', ''],
          sizes: Uint32Array.of(7, 9),
        });
      },
    };
    const plain = await engine.instant({ query: 'bytes_over_time({app="a"}[5s])', storage, time: at(3) });
    expect(plain).toMatchObject({ samples: [{ value: 16 }], stats: { bytesProcessed: 16 } });
    const made = await engine.instant({
      query: 'bytes_over_time({app="a"} | line_format "ü" [5s])',
      storage,
      time: at(3),
    });
    expect(made).toMatchObject({ samples: [{ value: 4 }] });
  });
});

describe('bounds', () => {
  const many = storageOf(Array.from({ length: 30 }, (_, i) => [{ app: 'a' }, i, `k=${i}`] as const));
  const failing = async (
    limits: object,
    query: Partial<RangeQuery> & { query: string },
  ): Promise<QueryError> => {
    const bounded = createLogQueryEngine({ limits });
    const error: unknown = await bounded.range({ ...BASE, storage: many, ...query }).then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(QueryError);
    return error as QueryError;
  };

  it.each([
    [
      {},
      { query: '{app="a"}', limit: 5001 },
      'bad_data',
      'limit > max_entries_limit_per_query (5001 > 5000)',
    ],
    [{}, { query: '{app="a"}', limit: 0 }, 'bad_data', 'limit must be a positive value'],
    [{}, { query: '{app="a"}', start: 5n, end: 4n }, 'bad_data', 'end timestamp must not be before'],
    [
      {},
      { query: '{app="a"}', end: at(722 * 3600) },
      'bad_data',
      'the query time range exceeds the limit (query length: 30d2h, limit: 30d1h)',
    ],
    [{}, { query: 'rate({app="a"}[31d])' }, 'bad_data', 'the query time range exceeds the limit'],
    [{}, { query: 'vector(1)', stepNs: 0 }, 'bad_data', 'zero or negative query resolution step'],
    [{}, { query: 'vector(1)', stepNs: 1e6 }, 'bad_data', 'exceeded maximum resolution of 11,000 points'],
    [
      { maxSeries: 10 },
      { query: 'count_over_time({app="a"} | logfmt [1m])' },
      'execution',
      'maximum number of series (10) reached',
    ],
    [
      { maxSamples: 500 },
      { query: 'count_over_time({app="a"} | logfmt [1m])' },
      'execution',
      'too many samples',
    ],
    [
      { maxSamples: 10 },
      { query: 'avg_over_time({app="a"} | logfmt | unwrap k [1m])', start: at(30), end: at(30) },
      'execution',
      'too many samples',
    ],
    [{ maxSamples: 10 }, { query: '{app="a"}' }, 'execution', 'too many samples'],
    [{ maxBytes: 20 }, { query: '{app="a"}' }, 'execution', 'too many bytes (limit: 20)'],
    [
      {},
      { query: 'approx_topk(2, rate({app="a"}[1m]))' },
      'bad_data',
      'approx_topk is only supported on instant queries',
    ],
    [{}, { query: 'rate({app="a"} | json [1m])' }, 'execution', "pipeline error: 'JSONParserErr' for series"],
  ] as const)('refusal %#', async (limits, query, kind, message) => {
    const error = await failing(limits, query);
    expect(error.message).toContain(message);
    expect(error.kind).toBe(kind);
  });

  it('refuses logs at one time', async () => {
    await expect(engine.instant({ query: '{app="a"}', storage: many, time: 0n })).rejects.toThrow(
      'log queries are not supported as an instant query type',
    );
  });

  it('ends when it is told to, when time is up, and yields in between', async () => {
    let now = 0;
    let yields = 0;
    const endless: LogStorage = {
      async *select() {
        for (let i = 0; ; i++)
          yield await Promise.resolve({
            stream: Labels.fromRecord({ app: 'a' }),
            timestamps: BigInt64Array.from({ length: 5000 }, () => at(1)),
            lines: Array.from({ length: 5000 }, () => `k=${i}`),
          });
      },
    };
    const timed = createLogQueryEngine({
      now: () => (now += 5),
      yieldNow: async () => {
        yields++;
        return Promise.resolve();
      },
    });
    const query = { ...BASE, query: 'count_over_time({app="a"} | logfmt [1m])', storage: endless };
    await expect(timed.range({ ...query, timeoutMs: 500 })).rejects.toMatchObject({ kind: 'timeout' });
    expect(yields).toBeGreaterThan(2);
    const controller = new AbortController();
    const aborting = createLogQueryEngine({
      yieldNow: async () => {
        controller.abort();
        return Promise.resolve();
      },
    });
    await expect(aborting.range({ ...query, signal: controller.signal })).rejects.toMatchObject({
      kind: 'canceled',
    });
  });

  it('lets others run within the windows of one series, and answers the same', async () => {
    const storage = new MemoryLogStorage();
    const stream = Labels.fromRecord({ app: 'a' });
    for (let i = 0; i < 4000; i++) storage.add(stream, at(i / 40), `took=${(i * 7919) % 1000}`);
    const query = 'stddev_over_time({app="a"} | logfmt | unwrap took [100s]) by (app)';
    const [range, wide] = [
      { ...BASE, query, storage },
      { stepNs: 1e8, start: at(50), end: at(100) },
    ];
    let reading = 0;
    await createLogQueryEngine({ yieldNow: () => Promise.resolve(void reading++) }).range({
      ...range,
      ...wide,
      query: query.replace('stddev', 'last'),
    });
    let yields = 0;
    const pausing = createLogQueryEngine({ yieldNow: () => Promise.resolve(void yields++) });
    const whole = await matrix({ ...range, ...wide }, pausing);
    expect(yields).toBeGreaterThan(reading + 1);
    for (const k of [0, 250, 500]) {
      const time = at(50 + k / 10);
      const one = await matrix({ ...range, stepNs: 1e9, start: time, end: time });
      expect(whole.series[0]?.values[k]).toBe(one.series[0]?.values[0]);
    }
  });

  it('tells a storage that fails as an error of its own', async () => {
    const broken: LogStorage = {
      // oxlint-disable-next-line require-yield -- it fails before it yields
      async *select() {
        await Promise.resolve();
        throw new Error('disk on fire');
      },
    };
    await expect(engine.range({ ...BASE, query: '{app="a"}', storage: broken })).rejects.toMatchObject({
      name: 'QueryError',
      kind: 'execution',
      message: 'reading logs: disk on fire',
    });
  });
});
