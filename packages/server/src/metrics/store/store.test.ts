import { createMatcher, isStaleMarker, Labels, type SeriesColumns } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packed } from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { createMemoryJournal, type MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import type { Exemplar } from '../sink.ts';
import { exampleHistogram } from './histograms/testing/arbitrary.ts';
import { createSeriesHasher, type SeriesHasher } from './series-key.ts';
import { createMetricsStore, type MetricsStore } from './store.ts';
import { stateOnlyEngine } from './testing/fake-engine.ts';
import { JournalHistory } from './testing/journal-history.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const HOUR = 3_600_000;

interface Rig {
  store: MetricsStore;
  journal: MemoryJournal;
  clock: ManualClock;
  history: JournalHistory;
  engine: ReturnType<typeof stateOnlyEngine>;
  flush(): void;
}

async function rig(
  settings: object = {},
  seed: {
    frames?: readonly (readonly Frame[])[];
    history?: JournalHistory;
    hasher?: SeriesHasher;
    now?: number;
  } = {},
): Promise<Rig> {
  const journal = createMemoryJournal(seed.frames);
  const clock = new ManualClock(seed.now ?? T0);
  const engine = stateOnlyEngine('ready');
  const history = seed.history ?? new JournalHistory(seed.hasher ?? (await createSeriesHasher()));
  const store = await createMetricsStore({
    engine,
    journal,
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config: metricsSection.schema.parse(settings),
    history: { samples: history, series: history, exemplars: (request) => history.exemplars(request) },
  });
  return {
    store,
    journal,
    clock,
    history,
    engine,
    flush() {
      history.flush(journal.appended, journal.appended.length);
      journal.flush();
    },
  };
}

function labels(record: Record<string, string>): Labels {
  return Labels.fromRecord(record);
}

/** `h12` is a native histogram of 12 observations. The start time, ms, stands only when it is known. */
type Point = readonly [timestamp: number, value: number | 'stale' | `h${number}`, start?: number];

async function put(store: MetricsStore, series: Labels, points: readonly Point[], tenant = 'default') {
  const appender = store.sink.appender({ tenant });
  const ref = appender.resolve(series);
  for (const [timestamp, value, start] of points) {
    if (value === 'stale') appender.appendStale(ref, timestamp);
    else if (typeof value === 'number') appender.append(ref, timestamp, value, start);
    else appender.appendHistogram(ref, timestamp, exampleHistogram(Number(value.slice(1))), start);
  }
  return await appender.commit();
}

function pointsOf(series: SeriesColumns | undefined): Point[] {
  const points: Point[] = [];
  if (series === undefined) return points;
  for (let i = series.from; i < series.to; i++) {
    const value = series.values[i]!;
    const histogram = series.histograms?.[i];
    const text =
      histogram === undefined ? (isStaleMarker(value) ? 'stale' : value) : (`h${histogram.count}` as const);
    const start = series.starts?.[i] ?? 0;
    if (histogram !== undefined) expect(histogram).toEqual(exampleHistogram(histogram.count));
    points.push(start === 0 ? [series.timestamps[i]!, text] : [series.timestamps[i]!, text, start]);
  }
  return points;
}

async function query(store: MetricsStore, name: string, from: number, to: number, tenant = 'default') {
  const { series, warnings } = await store.queryable(tenant).select({
    matchers: [createMatcher('__name__', '=', name)],
    startExclusive: from,
    end: to,
    hints: { start: to, end: to, step: 1, range: 0, starts: true },
  });
  return { points: pointsOf(series[0]), series, warnings };
}

const UP = labels({ __name__: 'up', job: 'a' });

describe('the metrics store', () => {
  it('shows a commit, keeps the window left-open, and says what it did', async () => {
    const { store } = await rig();
    expect(
      await put(store, UP, [
        [T0, 1],
        [T0 + 1000, 2],
      ]),
    ).toEqual({
      samples: { stored: 2, duplicates: 0 },
      histograms: { stored: 0, duplicates: 0 },
      exemplars: { stored: 0, duplicates: 0 },
      rejected: [],
      newSeries: 1,
    });
    expect((await query(store, 'up', T0, T0 + 1000)).points).toEqual([[T0 + 1000, 2]]);
    expect((await query(store, 'up', T0 - 1, T0)).points).toEqual([[T0, 1]]);
  });

  it('takes values of one time together, all of them or none', async () => {
    const { store } = await rig();
    const appender = store.sink.appender({ tenant: 'default' });
    const [a, b] = ['a', 'b'].map((job) => appender.resolve(labels({ __name__: 'up', job })));
    const refs = Uint32Array.of(a!, b!, 999);
    expect(appender.appendEach(refs, Float64Array.of(1, 2, 3), 3, T0)).toBe(false);
    expect(appender.appendEach(refs, Float64Array.of(1, 2, 3), 2, T0)).toBe(true);
    expect(appender.append(a!, T0 + 1000, 4)).toBe(true);
    expect((await appender.commit()).samples).toEqual({ stored: 3, duplicates: 0 });
    const { series } = await query(store, 'up', T0 - 1, T0 + 1000);
    expect(series.map(pointsOf)).toEqual([
      [
        [T0, 1],
        [T0 + 1000, 4],
      ],
      [[T0, 2]],
    ]);
  });

  it('shows nothing and knows nothing when the journal refuses', async () => {
    const { store, journal } = await rig();
    journal.failWith('full');
    await expect(put(store, UP, [[T0, 1]])).rejects.toMatchObject({ code: 'journal.full' });
    expect((await query(store, 'up', 0, T0)).series).toEqual([]);
    journal.failWith(null);
    expect((await put(store, UP, [[T0, 1]])).newSeries).toBe(1);
    expect(journal.appended[0]?.frames.map((f) => f.table)).toEqual(['series', 'samples']);
  });

  it('refuses times outside the window and repeats, by reason', async () => {
    const { store } = await rig({ accept_past: '1h', accept_future: '10m' });
    const report = await put(store, UP, [
      [T0 - 2 * HOUR, 1],
      [T0 + HOUR, 1],
      [T0, 1],
      [T0, 1],
      [T0, 2],
      [Number.NaN, 1],
    ]);
    expect(report.samples).toEqual({ stored: 1, duplicates: 1 });
    const first = { kind: 'sample', ref: 1 };
    expect(report.rejected).toEqual([
      { ...first, reason: 'too_old', count: 2, timestamp: T0 - 2 * HOUR },
      { ...first, reason: 'too_far_ahead', count: 1, timestamp: T0 + HOUR },
      { ...first, reason: 'duplicate_timestamp', count: 1, timestamp: T0 },
    ]);
    expect((await put(store, UP, [[T0, 1]])).samples).toEqual({ stored: 0, duplicates: 1 });
  });

  it('keeps the first of two values at a time, wherever the first one stands (RW-4)', async () => {
    const { store } = await rig();
    const stale: Point = [T0, 'stale'];
    await put(store, UP, [[T0 - HOUR / 2, 7], stale]);
    await put(store, UP, [[T0 - HOUR / 4, 5]]);
    const again = await put(store, UP, [
      [T0 - HOUR / 4, 5],
      [T0 - HOUR / 4, 6],
      [T0 - HOUR / 2, 7],
      [T0 - HOUR / 2, 8],
      stale,
      [T0, 1],
    ]);
    expect(again.samples).toEqual({ stored: 0, duplicates: 3 });
    expect(again.rejected).toMatchObject([
      { reason: 'duplicate_timestamp', count: 3, timestamp: T0 - HOUR / 4 },
    ]);
    const within = await put(store, UP, [
      [T0 + 2000, 1],
      [T0 + 1000, 1],
      [T0 + 2000, 1],
      [T0 + 1000, 2],
      [T0 + 1000, 1],
      [T0 + 2000, Number.NaN],
    ]);
    expect(within.samples).toEqual({ stored: 2, duplicates: 2 });
    expect(within.rejected).toMatchObject([{ count: 2, timestamp: T0 + 1000 }]);
    expect((await query(store, 'up', 0, T0 + HOUR)).points).toEqual([
      [T0 - HOUR / 2, 7],
      [T0 - HOUR / 4, 5],
      stale,
      [T0 + 1000, 1],
      [T0 + 2000, 1],
    ]);
  });

  it('keeps histograms beside floats under the same rules, and hands out start times only when asked', async () => {
    const { store, journal, flush } = await rig();
    const first = await put(store, UP, [
      [T0, 'h10', T0 - HOUR],
      [T0 + 1000, 1],
      [T0 + 1000, 'h10'],
      [T0, 'h11'],
      [T0, 'h10'],
      [T0 + 2000, 'stale'],
    ]);
    expect(first).toMatchObject({
      samples: { stored: 2, duplicates: 0 },
      histograms: { stored: 1, duplicates: 1 },
      rejected: [{ kind: 'histogram', reason: 'duplicate_timestamp', count: 2, timestamp: T0 + 1000 }],
    });
    const again = await put(store, UP, [
      [T0, 'h10'],
      [T0, 3],
      [T0 + 2000, 'h10'],
      [T0 + 2000, 'stale'],
    ]);
    expect(again).toMatchObject({
      samples: { stored: 0, duplicates: 1 },
      histograms: { stored: 0, duplicates: 1 },
      rejected: [
        { kind: 'sample', count: 1, timestamp: T0 },
        { kind: 'histogram', count: 1, timestamp: T0 + 2000 },
      ],
    });
    flush();
    const expected: Point[] = [
      [T0, 'h10', T0 - HOUR],
      [T0 + 1000, 1],
      [T0 + 2000, 'stale'],
    ];
    expect((await query(store, 'up', 0, T0 + HOUR)).points).toEqual(expected);
    expect(journal.appended[0]?.frames.map((f) => [f.table, f.schemaVersion, f.rows])).toEqual([
      ['series', 1, 1],
      ['samples', packed(2), 2],
      ['histograms', 1, 1],
    ]);
    const plain = await store.queryable('default').select({
      matchers: [createMatcher('__name__', '=', 'up')],
      startExclusive: 0,
      end: T0,
      hints: { start: T0, end: T0, step: 1, range: 0 },
    });
    expect(plain.series[0]?.starts).toBeUndefined();
  });

  it('keeps exemplars of both tenants apart, over flushes and restarts, without doubles', async () => {
    const { store, journal, flush, clock } = await rig({ head_memory: '1B' });
    const exemplar = (at: number, value: number, trace = 'abc'): Exemplar => ({
      labels: labels({ trace_id: trace }),
      value,
      timestamp: at,
    });
    const write = async (tenant: string, exemplars: readonly Exemplar[], into = store) => {
      const appender = into.sink.appender({ tenant });
      const ref = appender.resolve(UP);
      for (const one of exemplars) expect(appender.appendExemplar(ref, one)).toBe(true);
      return await appender.commit();
    };
    const find = async (tenant: string, from = store) => {
      const request = { tenant, matcherSets: [[createMatcher('job', '=', 'a')]], start: T0, end: T0 + HOUR };
      const { series, warnings } = await from.exemplars.find(request);
      expect(warnings).toEqual([]);
      return series.map((one) => [one.labels.toString(), one.exemplars.map((e) => [e.timestamp, e.value])]);
    };
    const first = await write('a', [
      exemplar(T0, 1),
      exemplar(T0 + 5, 2),
      exemplar(T0 + 5, 2),
      exemplar(T0 + 5, 2, 'other'),
      exemplar(T0 + 4, 3),
      exemplar(T0 + 6, 4, 'x'.repeat(121)),
      exemplar(T0 + 2 * HOUR, 5),
    ]);
    expect(first.exemplars).toEqual({ stored: 3, duplicates: 1 });
    expect(first.rejected.map(({ kind, reason, count }) => [kind, reason, count])).toEqual([
      ['exemplar', 'out_of_order', 1],
      ['exemplar', 'labels_too_long', 1],
      ['exemplar', 'too_far_ahead', 1],
    ]);
    expect(first.newSeries).toBe(1);
    expect(journal.appended[0]?.frames.map((f) => [f.table, f.rows])).toEqual([
      ['series', 1],
      ['exemplars', 3],
    ]);
    await write('b', [exemplar(T0 + 1, 9)]);
    const ofA = [
      [
        'up{job="a"}',
        [
          [T0, 1],
          [T0 + 5, 2],
          [T0 + 5, 2],
        ],
      ],
    ];
    expect(await find('a')).toEqual(ofA);
    const again = await rig({}, { frames: journal.appended.map((a) => a.frames), now: clock.now() });
    await again.store.service.start?.(new AbortController().signal);
    expect(await find('a', again.store)).toEqual(ofA);
    flush();
    store.collect();
    expect(await find('a')).toEqual(ofA);
    expect(await find('b')).toEqual([['up{job="a"}', [[T0 + 1, 9]]]]);
    expect(await find('c')).toEqual([]);
    expect((await write('a', [exemplar(T0 + 5, 2, 'other')])).exemplars).toEqual({
      stored: 0,
      duplicates: 1,
    });
  });

  it('bounds the memory of histograms by the budget of the head', async () => {
    const { store, flush, clock } = await rig({ head_memory: '1MB', head_window: '100h' });
    for (let i = 0; i < 12; i++) {
      const series = labels({ __name__: 'up', i: `${i}` });
      const points = Array.from({ length: 900 }, (_, k): Point => [T0 + k * 1000, `h${k * 1000}`]);
      await put(
        store,
        series,
        points.filter(([t]) => t <= clock.now() + 600_000),
      );
    }
    flush();
    expect(store.headStats().histogramBytes).toBeGreaterThan(500_000);
    store.collect();
    expect(store.headStats().histogramBytes).toBeLessThan(525_000);
    expect(store.headStats().floor).toBeGreaterThan(T0);
    const { series } = await query(store, 'up', 0, T0 + HOUR);
    expect(series.map((one) => one.to - one.from)).toEqual(Array.from({ length: 12 }, () => 601));
  });

  it('cuts a large request into frames that each fit an insert', async () => {
    const { store, journal } = await rig();
    const appender = store.sink.appender({ tenant: 'default' });
    const filler = 'x'.repeat(400);
    for (let i = 0; i < 60_000; i++)
      appender.append(appender.resolve(labels({ __name__: 'many', i: `${i}`, filler })), T0, i);
    expect(await appender.commit()).toMatchObject({ samples: { stored: 60_000 }, newSeries: 60_000 });
    const frames = journal.appended[0]?.frames ?? [];
    expect(frames.every((f) => f.rows <= 50_000 && f.payload.length < 8e6)).toBe(true);
    const rowsOf = (table: string) => frames.filter((f) => f.table === table).reduce((n, f) => n + f.rows, 0);
    expect([rowsOf('series'), rowsOf('samples')]).toEqual([60_000, 60_000]);
    expect((await query(store, 'many', T0 - 1, T0)).series).toHaveLength(60_000);
  });

  it('refuses series over the limit of a tenant, and only there', async () => {
    const { store } = await rig({ series_limit: 2 });
    for (const job of ['a', 'b']) await put(store, labels({ __name__: 'up', job }), [[T0, 1]]);
    const appender = store.sink.appender({ tenant: 'default' });
    expect(appender.resolve(labels({ __name__: 'up', job: 'c' }))).toBe(-1);
    expect(appender.append(-1, T0, 1)).toBe(false);
    expect(store.sink.appender({ tenant: 'other' }).resolve(UP)).toBeGreaterThan(0);
  });

  it('keeps two tenants apart in samples, labels and metadata', async () => {
    const { store, flush } = await rig();
    await put(store, UP, [[T0, 1]], 'a');
    await put(store, UP, [[T0, 2]], 'b');
    await put(store, UP, [[T0 - 1, 'h7']], 'a');
    flush();
    expect((await query(store, 'up', 0, T0, 'a')).points).toEqual([
      [T0 - 1, 'h7'],
      [T0, 1],
    ]);
    expect((await query(store, 'up', 0, T0, 'b')).points).toEqual([[T0, 2]]);
    expect((await query(store, 'up', 0, T0, 'c')).series).toEqual([]);
    const request = { matcherSets: [], start: 0, end: T0 };
    expect((await store.labels.names({ ...request, tenant: 'c' })).items).toEqual([]);
    store.metadata.record('a', 'up', { type: 'gauge', help: 'h', unit: '' });
    expect(store.metadata.families('b').size).toBe(0);
  });

  it('answers from memory with a warning while the engine is away, and whole when it is back', async () => {
    const { store, flush, engine, clock } = await rig({ head_window: '1h' });
    await put(store, UP, [[T0, 1]]);
    flush();
    await clock.advance(2 * HOUR);
    const gone = labels({ __name__: 'recent', job: 'a' });
    await put(store, gone, [[T0 + 2 * HOUR, 5]]);
    store.collect();
    // What the head let go may stand in the engine.
    const may = (metric: string, since: number) => store.active('default').mayHold(metric, since);
    expect([may('recent', T0 + HOUR), may('other', T0 + HOUR), may('other', T0 - HOUR)]).toEqual([
      true,
      false,
      true,
    ]);
    engine.set('down');
    expect((await query(store, 'recent', T0 + HOUR, T0 + 2 * HOUR)).warnings).toBeUndefined();
    const partial = await query(store, 'up', 0, T0 + 2 * HOUR);
    expect(partial.points).toEqual([]);
    expect(partial.warnings?.[0]).toContain('missing from this answer');
    engine.set('ready');
    expect((await query(store, 'up', 0, T0 + 2 * HOUR)).points).toEqual([[T0, 1]]);
    const names = await store.labels.values(
      { tenant: 'default', matcherSets: [], start: 0, end: T0 + 2 * HOUR },
      '__name__',
    );
    expect(names.items).toEqual(['recent', 'up']);
  });

  it('has the past of a series that comes back while the engine is asked', async () => {
    const { store, flush, history, clock } = await rig({ head_window: '1h' });
    await put(store, UP, [[T0, 1]]);
    flush();
    await clock.advance(2 * HOUR);
    await put(store, labels({ __name__: 'other' }), [[clock.now(), 1]]);
    store.collect();
    const find = history.find.bind(history);
    history.find = async (request) => {
      const found = await find(request);
      await put(store, UP, [[clock.now(), 2]]);
      return found;
    };
    expect((await query(store, 'up', 0, T0 + 2 * HOUR)).points).toEqual([[T0, 1]]);
  });

  it('writes a series row once per day, and the next day before midnight', async () => {
    const start = Date.UTC(2026, 0, 1, 22);
    const { store, journal, clock } = await rig({}, { now: start });
    const rowsOf = () =>
      journal.appended
        .at(-1)
        ?.frames.filter((f) => f.table === 'series')
        .map((f) => f.day);
    const day = Math.floor(start / 86_400_000);
    await put(store, UP, [[clock.now(), 1]]);
    expect(rowsOf()).toEqual([day]);
    await clock.advance(60_000);
    await put(store, UP, [[clock.now(), 1]]);
    expect(rowsOf()).toEqual([]);
    await clock.advance(2 * HOUR - 60_001);
    await put(store, UP, [[clock.now(), 1]]);
    expect(rowsOf()).toEqual([day + 1]);
    await clock.advance(60_000);
    await put(store, UP, [[clock.now(), 1]]);
    expect(rowsOf()).toEqual([]);
  });
});

describe('store property', () => {
  /** One time of a series has one value, as retries have: which of two would win is not promised. */
  const VALUES = [1, 2, 250, -3, 0.1, 1e300, -0, Number.POSITIVE_INFINITY, 2 ** 40, 'stale'] as const;
  const valueAt = (series: number, timestamp: number, kind: number): Point[1] => {
    const seconds = timestamp / 1000;
    if (kind === 0) return seconds % 1000;
    if (series >= 4 && seconds % 3 !== 0) return `h${(seconds * 13) % 5000}`;
    return VALUES[(seconds * 7 + series) % VALUES.length] ?? 0;
  };
  /** Two of the six series know when their counting began, most of the time. */
  const startAt = (series: number, timestamp: number): number => {
    if (series % 3 !== 2 || (timestamp / 1000) % 17 === 0) return 0;
    return timestamp - (timestamp % (series === 2 ? 100_000 : 5000)) - 1;
  };
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        series: fc.nat(5),
        points: fc.array(fc.integer({ min: -120, max: 400 }), {
          minLength: 1,
          maxLength: 60,
        }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('collect' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), seconds: fc.nat(2000) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('run' as const), series: fc.nat(5), count: fc.nat(120) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  );

  it('answers like a plain list, over appends, flushes, collections and restarts', async () => {
    const hasher = await createSeriesHasher();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const settings = { head_window: '5m', accept_past: '30d', head_memory: '1MB' };
        let world = await rig(settings, { hasher });
        const model = new Map<number, Map<number, Point>>();
        const apply = async (series: number, times: readonly number[]): Promise<void> => {
          const points = times.map((t): Point => {
            const value = valueAt(series, t, series % 2);
            const start = startAt(series, t);
            return start === 0 || value === 'stale' ? [t, value] : [t, value, start];
          });
          const stored = model.get(series) ?? new Map<number, Point>();
          model.set(series, stored);
          const now = world.clock.now();
          for (const point of points)
            if (point[0] <= now + 600_000 && !stored.has(point[0])) stored.set(point[0], point);
          await put(world.store, labels({ __name__: `m${series % 2}`, s: `${series}` }), points);
        };
        for (const s of steps) {
          const now = world.clock.now();
          if (s.kind === 'append')
            await apply(
              s.series,
              s.points.map((at) => now + at * 1000),
            );
          else if (s.kind === 'run')
            await apply(
              s.series,
              Array.from({ length: s.count }, (_, i) => now + i * 1000 - 60_000),
            );
          else if (s.kind === 'flush') world.flush();
          else if (s.kind === 'collect') world.store.collect();
          else if (s.kind === 'advance') await world.clock.advance(s.seconds * 1000);
          else {
            const unflushed = world.journal.appended.filter(
              (a) => a.position > world.journal.flushedPosition(),
            );
            const { history, engine } = world;
            history.rebase();
            world = await rig(settings, { hasher, history, now, frames: unflushed.map((a) => a.frames) });
            world.engine.set('down');
            await world.store.service.start?.(new AbortController().signal);
            world.engine.set(engine.state());
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
        const now = world.clock.now();
        for (const from of [0, now - 300_000, now - 20_000, now]) {
          for (const metric of [0, 1]) {
            const { series } = await query(world.store, `m${metric}`, from, now + 600_000);
            const found = Object.fromEntries(series.map((s) => [s.labels.get('s'), pointsOf(s)]));
            const expected: Record<string, Point[]> = {};
            for (const [id, points] of model) {
              const inside = [...points.values()]
                .filter(([t]) => t > from && t <= now + 600_000)
                .sort((a, b) => a[0] - b[0]);
              if (id >= 0 && id % 2 === metric && inside.length > 0) expected[`${id}`] = inside;
            }
            expect(found).toEqual(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

it('refuses label sets over the ceilings, and says which', async () => {
  const { store } = await rig({ label_value_limit: 100 });
  const appender = store.sink.appender({ tenant: 'default' });
  expect(appender.resolve(Labels.fromRecord({ __name__: 'm', a: 'v'.repeat(200_000) }))).toBe(-1);
  expect(appender.refusal).toMatchObject({
    reason: 'label_value_length',
    message: 'label "a" of m has a value of 200000 bytes, expected at most 100',
  });
  expect(appender.resolve(Labels.fromRecord({ __name__: 'm', a: 'v' }))).toBeGreaterThan(0);
});

it('refuses new series once the labels of a tenant take their memory, and takes them when others have ended', async () => {
  const { store, clock, flush } = await rig({ label_memory: '1MB', head_window: '1h' });
  const long = (i: number, metric = 'm') => labels({ __name__: metric, a: `${i}`.padEnd(15_000, 'v') });
  const appender = store.sink.appender({ tenant: 'default' });
  const refs = Array.from({ length: 200 }, (_, i) => appender.resolve(long(i)));
  const taken = refs.filter((ref) => ref > 0);
  expect(taken.length).toBeGreaterThan(50);
  expect(store.headStats().labelBytes).toBeLessThan(1_100_000);
  expect(appender.refusal).toMatchObject({ reason: 'label_memory' });
  expect(appender.refusal?.message).toContain('metrics.label_memory');
  // What is known goes on, and other tenants have memory of their own.
  expect(appender.resolve(long(0))).toBe(refs[0]);
  for (const ref of taken) expect(appender.append(ref, T0, 1)).toBe(true);
  await appender.commit();
  expect(store.sink.appender({ tenant: 'other' }).resolve(long(0))).toBeGreaterThan(0);
  await clock.advance(2 * HOUR);
  await put(store, long(0), [[T0 + 2 * HOUR, 2]]);
  flush();
  store.collect();
  expect(store.sink.appender({ tenant: 'default' }).resolve(long(0, 'n'))).toBeGreaterThan(0);
});
