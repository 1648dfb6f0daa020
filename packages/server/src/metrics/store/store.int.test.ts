import { createMatcher, createQueryEngine, isStaleMarker, Labels, type Matcher } from '@pharos/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordStatements, StatementRecorder, sql, table, tenant } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, type MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { metricsTables } from '../tables.ts';
import { exampleHistogram } from './histograms/testing/arbitrary.ts';
import { createMetricsStore, type MetricsStore } from './store.ts';
import { flushInto } from './testing/flush.ts';

const NOW = Date.UTC(2026, 0, 10, 12);
const HOUR = 3_600_000;
const SERIES = 2_300;

let engine: TestEngine;
let journal: MemoryJournal;
let store: MetricsStore;
const clock = new ManualClock(NOW);
const config = metricsSection.schema.parse({ head_window: '1h', accept_past: '30d' });

async function open(): Promise<MetricsStore> {
  return await createMetricsStore({
    engine: engine.engine,
    journal,
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config,
  });
}

function labelsOf(i: number): Labels {
  return Labels.fromRecord({ __name__: 'wide', instance: `host-${i}`, parity: i % 2 === 0 ? 'even' : 'odd' });
}

/** Every 30 minutes for two days; off the grid so that equal times cannot hide a shift. */
function timesOf(i: number): number[] {
  return Array.from({ length: 96 }, (_, k) => NOW - 48 * HOUR + k * (HOUR / 2) + i);
}

const valueOf = (i: number, t: number): number => Math.sin(i + t) * 1000;

async function put(tenant: string, series: Labels, times: readonly number[], value: (t: number) => number) {
  const appender = store.sink.appender({ tenant });
  const ref = appender.resolve(series);
  for (const t of times) appender.append(ref, t, value(t));
  return await appender.commit();
}

async function select(tenant: string, matchers: readonly Matcher[], from: number, to: number, from2 = store) {
  return await from2.queryable(tenant).select({
    matchers,
    startExclusive: from,
    end: to,
    hints: { start: to, end: to, step: 1, range: 0 },
  });
}

beforeAll(async () => {
  engine = await openTestEngine(metricsTables);
  journal = createMemoryJournal();
  store = await open();
  await store.service.start?.(new AbortController().signal);
  const appender = store.sink.appender({ tenant: 'default' });
  for (let i = 0; i < SERIES; i++) {
    const ref = appender.resolve(labelsOf(i));
    for (const t of timesOf(i)) appender.append(ref, t, valueOf(i, t));
  }
  await appender.commit();
  await put('default', Labels.fromRecord({ __name__: 'old', job: 'gone' }), [NOW - 40 * HOUR], () => 7);
  await put('other', labelsOf(0), [NOW - 40 * HOUR], () => 42);
  const stale = store.sink.appender({ tenant: 'default' });
  const ref = stale.resolve(Labels.fromRecord({ __name__: 'old', job: 'stale' }));
  stale.append(ref, NOW - 30 * HOUR, 1);
  stale.appendStale(ref, NOW - 29 * HOUR);
  await stale.commit();
  const mixed = store.sink.appender({ tenant: 'default' });
  const latency = mixed.resolve(LATENCY);
  for (const [i, t] of latencyTimes().entries()) {
    if (i === 50) mixed.append(latency, t, 5, NOW - 47 * HOUR);
    else mixed.appendHistogram(latency, t, exampleHistogram(i * 1000), i > 60 ? NOW - 20 * HOUR : 0);
  }
  const begun = mixed.resolve(Labels.fromRecord({ __name__: 'begun' }));
  mixed.append(begun, NOW - HOUR, 10, NOW - 3 * HOUR);
  mixed.append(begun, NOW - HOUR / 2, 14, NOW - HOUR / 2 - 60_000);
  for (let k = 0; k < 3; k++) {
    const own = Labels.fromRecord({ trace_id: `t${k}`, span_id: 'ü' });
    mixed.appendExemplar(latency, { labels: own, value: k, timestamp: NOW - (40 - k) * HOUR });
  }
  await mixed.commit();
  await flushInto(engine.engine, journal);
  store.collect();
});

const LATENCY = Labels.fromRecord({ __name__: 'latency', job: 'shop' });
const latencyTimes = (): number[] => Array.from({ length: 96 }, (_, k) => NOW - 48 * HOUR + k * (HOUR / 2));

async function latencySamples(from: number, source = store): Promise<unknown[]> {
  const { series } = await source.queryable('default').select({
    matchers: [createMatcher('__name__', '=', 'latency')],
    startExclusive: from,
    end: NOW,
    hints: { start: NOW, end: NOW, step: 1, range: 0, starts: true },
  });
  return series.flatMap(({ timestamps, values, histograms, starts, to, from: first }) =>
    Array.from({ length: to - first }, (_, k) => {
      const i = first + k;
      return [timestamps[i], histograms?.[i] ?? values[i], starts?.[i] ?? 0];
    }),
  );
}

function latencyExpected(from: number): unknown[] {
  return latencyTimes()
    .map((t, i) => {
      if (i === 50) return [t, 5, NOW - 47 * HOUR] as const;
      return [t, exampleHistogram(i * 1000), i > 60 ? NOW - 20 * HOUR : 0] as const;
    })
    .filter(([t]) => t > from);
}

afterAll(async () => {
  await engine.close();
});

describe('the metrics store on the real engine', () => {
  it('answers more series than fit a list, whole, over the seam', async () => {
    expect(store.headStats().floor).toBeGreaterThan(NOW - 48 * HOUR);
    const { series, warnings } = await select('default', [createMatcher('__name__', '=', 'wide')], 0, NOW);
    expect(warnings).toBeUndefined();
    expect(series).toHaveLength(SERIES);
    for (const one of series) {
      const i = Number(one.labels.get('instance').slice('host-'.length));
      expect([...one.timestamps.subarray(one.from, one.to)]).toEqual(timesOf(i));
      expect([...one.values.subarray(one.from, one.to)]).toEqual(timesOf(i).map((t) => valueOf(i, t)));
    }
  });

  it('agrees with a plain filter for every kind of matcher and window', async () => {
    const random = seededRandom(7);
    const matchers: Matcher[][] = [
      [createMatcher('__name__', '=', 'wide'), createMatcher('instance', '=', 'host-17')],
      [createMatcher('__name__', '=~', 'wi.e'), createMatcher('instance', '=~', 'host-1[0-9]{2}')],
      [createMatcher('instance', '=~', 'host-5|host-6|nobody')],
      [createMatcher('parity', '!=', 'even'), createMatcher('instance', '=~', 'host-2.*')],
      [createMatcher('instance', '!~', 'host-.+'), createMatcher('__name__', '!=', '')],
    ];
    for (const set of matchers) {
      for (let round = 0; round < 3; round++) {
        const from = NOW - Math.floor(random() * 50 * HOUR);
        const to = from + Math.floor(random() * 30 * HOUR);
        const { series } = await select('default', set, from, to);
        const found = new Map(series.map((s) => [s.labels.get('instance'), s.to - s.from]));
        found.delete('');
        const expected = new Map<string, number>();
        for (let i = 0; i < SERIES; i++) {
          const count = timesOf(i).filter((t) => t > from && t <= to).length;
          if (count > 0 && set.every((m) => m.matches(labelsOf(i).get(m.name))))
            expected.set(`host-${i}`, count);
        }
        expect(found).toEqual(expected);
      }
    }
  });

  it('tells the statements of one request, tagged with its id', async () => {
    const recorder = new StatementRecorder('q-7');
    await recordStatements(recorder, () =>
      select('default', [createMatcher('__name__', '=', 'old')], 0, NOW),
    );
    expect(recorder.statements.length).toBeGreaterThan(0);
    for (const { text, result, bytes } of recorder.statements) {
      expect(text).toMatch(/^\/\* metrics\.\w+ query=q-7 \*\/ /);
      expect([result, bytes > 0]).toEqual(['ok', true]);
    }
  });

  it('keeps tenants apart in the engine too', async () => {
    const { series } = await select('other', [createMatcher('__name__', '=~', '.+')], 0, NOW);
    expect(series.map((s) => s.values[s.from])).toEqual([42]);
    const request = { tenant: 'nobody', matcherSets: [], start: 0, end: NOW };
    expect((await store.labels.series(request)).items).toEqual([]);
    expect((await store.labels.values({ ...request, tenant: 'other' }, '__name__')).items).toEqual(['wide']);
  });

  it('brings native histograms and start times back, among floats, over the seam and a restart', async () => {
    for (const from of [0, NOW - 24 * HOUR, NOW - HOUR]) {
      expect(await latencySamples(from)).toEqual(latencyExpected(from));
    }
    const again = await open();
    await again.service.start?.(new AbortController().signal);
    for (const from of [0, NOW - 24 * HOUR, NOW - HOUR])
      expect(await latencySamples(from, again)).toEqual(latencyExpected(from));
  });

  it('tells start_timestamp() and rate() of stored start times, over the seam and a restart', async () => {
    const promql = createQueryEngine({ options: { experimentalFunctions: true } });
    const again = await open();
    await again.service.start?.(new AbortController().signal);
    const [start, step] = [NOW - 48 * HOUR, HOUR / 2];
    for (const source of [store, again]) {
      const queryable = source.queryable('default');
      const grid = { queryable, start, end: start + 95 * step, step };
      const known = await promql.range({ query: 'start_timestamp(latency)', ...grid });
      const wanted = latencyTimes().map((_, i) =>
        i === 50 ? NOW - 47 * HOUR : i > 60 ? NOW - 20 * HOUR : 0,
      );
      expect(known.series.map(({ values }) => [...values])).toEqual([wanted.map((ms) => ms / 1000)]);
      // The same selector beside one that needs no start times: both read the same samples.
      const both = await promql.range({
        query: 'start_timestamp(latency) + 0 * timestamp(latency)',
        ...grid,
      });
      expect(both.series.map(({ values }) => [...values])).toEqual([wanted.map((ms) => ms / 1000)]);
    }
    const withStarts = createQueryEngine({ options: { startTimestamps: true } });
    const increase = async (engine: typeof promql): Promise<unknown> => {
      const queryable = again.queryable('default');
      const { series } = await engine.range({
        query: 'increase(begun[2h])',
        queryable,
        start: NOW,
        end: NOW,
        step,
      });
      return series.map(({ values }) => Math.round(values[0] ?? 0));
    };
    // From 10 to 14 without a fall, or 14 since a beginning in between; both extended from 30 to 75 minutes.
    expect(await increase(promql)).toEqual([4 * 2.5]);
    expect(await increase(withStarts)).toEqual([14 * 2.5]);
  });

  it('stores every kind once, also when blocks are repeated because nobody knows whether they were stored', async () => {
    const rowsIn = async (name: string): Promise<number> => {
      const spec = metricsTables.find((one) => one.name === name);
      if (spec === undefined) throw new Error(name);
      const block = await engine.engine.query(
        sql`SELECT count() AS n FROM ${table(spec)} WHERE tenant = ${tenant}`,
        { purpose: 'test.count', tenant: 'default' },
      );
      return block.numbers('n')[0] ?? 0;
    };
    const names = ['samples', 'histograms', 'exemplars'];
    const before = await Promise.all(names.map(rowsIn));
    expect(before.slice(1)).toEqual([95, 3]);
    const frames = journal.appended.at(-1)?.frames.filter((frame) => frame.table !== 'series') ?? [];
    expect(new Set(frames.map((frame) => frame.table))).toEqual(new Set(names));
    for (const { schemaVersion, day, rows, payload, ...frame } of frames) {
      const spec = metricsTables.find((one) => one.name === frame.table);
      if (spec === undefined) throw new Error(frame.table);
      const block = { table: spec, schemaVersion, day, rows, payload: [payload], reconcile: true };
      await engine.engine.insert(block, { purpose: 'test.repeat' });
    }
    expect(await Promise.all(names.map(rowsIn))).toEqual(before);
  });

  it('brings exemplars back', async () => {
    const again = await open();
    const request = {
      tenant: 'default',
      matcherSets: [[createMatcher('__name__', '=', 'latency')]],
      start: NOW - 39 * HOUR,
      end: NOW,
    };
    const { series } = await again.exemplars.find(request);
    expect(series).toEqual([
      {
        labels: LATENCY,
        exemplars: [1, 2].map((k) => ({
          labels: Labels.fromRecord({ trace_id: `t${k}`, span_id: 'ü' }),
          value: k,
          timestamp: NOW - (40 - k) * HOUR,
        })),
      },
    ]);
    expect((await again.exemplars.find({ ...request, tenant: 'other' })).series).toEqual([]);
  });

  it('brings a staleness marker back from the engine with its bits', async () => {
    const { series } = await select('default', [createMatcher('job', '=', 'stale')], 0, NOW);
    const values = series.map((s) =>
      [...s.values.subarray(s.from, s.to).keys()].map((i) => isStaleMarker(s.values[s.from + i]!)),
    );
    expect(values).toEqual([[false, true]]);
  });

  it('finds labels of series that left the head, by day', async () => {
    const window = { tenant: 'default', matcherSets: [], start: NOW - 48 * HOUR, end: NOW };
    expect((await store.labels.values(window, 'job')).items).toEqual(['gone', 'shop', 'stale']);
    expect((await store.labels.values({ ...window, start: NOW - HOUR / 4 }, 'job')).items).toEqual([]);
    expect((await store.labels.names(window)).items).toEqual(['__name__', 'instance', 'job', 'parity']);
  });

  it('comes back after a restart with the recent samples in memory', async () => {
    const again = await open();
    await again.service.start?.(new AbortController().signal);
    expect(again.headStats()).toMatchObject({ floor: NOW - HOUR, lateSamples: 0 });
    engine.engine.state();
    const recent = await select(
      'default',
      [createMatcher('__name__', '=', 'wide')],
      NOW - HOUR + 3000,
      NOW,
      again,
    );
    expect(recent.series).toHaveLength(SERIES);
    const all = await select('default', [createMatcher('instance', '=', 'host-3')], 0, NOW, again);
    expect(all.series.map((s) => s.to - s.from)).toEqual([96]);
    // The series rows are known: nothing is written twice.
    const appender = again.sink.appender({ tenant: 'default' });
    appender.append(appender.resolve(labelsOf(3)), NOW, 1);
    expect((await appender.commit()).newSeries).toBe(0);
    expect(journal.appended.at(-1)?.frames.map((f) => f.table)).toEqual(['samples']);
  });
});
