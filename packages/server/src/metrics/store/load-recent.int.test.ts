import { createMatcher, Labels } from '@pharos/promql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { dateTime64, sql, table, tenant } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry, type Telemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { metricsTables, samplesTable } from '../tables.ts';
import { createMetricsStore, type MetricsStore } from './store.ts';
import { flushInto } from './testing/flush.ts';

const NOW = Date.UTC(2026, 0, 10, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let engine: TestEngine;
let telemetry: Telemetry;
beforeAll(async () => {
  engine = await openTestEngine(metricsTables);
});
afterAll(async () => {
  await engine.close();
});
beforeEach(async () => {
  for (const spec of metricsTables) await engine.engine.dropPartitions(spec, 40_000);
  telemetry = createTelemetry();
});

async function open(
  settings: object,
  journal = createMemoryJournal(),
  clock = new ManualClock(NOW),
): Promise<MetricsStore> {
  return await createMetricsStore({
    engine: engine.engine,
    journal,
    clock,
    telemetry,
    log: silentLog,
    config: metricsSection.schema.parse({ accept_past: '30d', ...settings }),
  });
}

async function started(settings: object): Promise<MetricsStore> {
  const store = await open(settings);
  await store.service.start?.(new AbortController().signal);
  return store;
}

/** Flushes samples of some series into the engine. */
async function seed(series: readonly (readonly [name: string, count: number, times: readonly number[]])[]) {
  const journal = createMemoryJournal();
  const store = await open({}, journal);
  const appender = store.sink.appender({ tenant: 'default' });
  for (const [name, count, times] of series) {
    for (let i = 0; i < count; i++) {
      const ref = appender.resolve(Labels.fromRecord({ __name__: name, i: `${i}` }));
      for (const time of times) appender.append(ref, time, i);
    }
  }
  await appender.commit();
  await flushInto(engine.engine, journal);
  telemetry = createTelemetry();
}

async function samplesOf(store: MetricsStore, name: string): Promise<number[]> {
  const { series, warnings } = await store.queryable('default').select({
    matchers: [createMatcher('__name__', '=', name)],
    startExclusive: NOW - 2 * HOUR,
    end: NOW,
    hints: { start: NOW, end: NOW, step: 1, range: 0 },
  });
  expect(warnings).toBeUndefined();
  return series.map(({ from, to }) => to - from);
}

it('loads what it heard of last where not all recent series fit, and the engine answers for the others', async () => {
  await seed([
    ['a_yesterday', 200, [NOW - 11 * HOUR]],
    ['b_ended', 200, [NOW - HOUR]],
    ['z_live', 60, [NOW - HOUR, NOW - MINUTE]],
  ]);
  const store = await started({ series_limit: 100 });
  expect(store.active('default').size).toBe(60);
  // There is room for new ones at once, and those that live are known.
  const appender = store.sink.appender({ tenant: 'default' });
  for (let i = 0; i < 90; i++) {
    const ref = appender.resolve(Labels.fromRecord({ __name__: 'z_live', i: `${i}` }));
    expect(appender.append(ref, NOW, i)).toBe(true);
  }
  await appender.commit();
  expect(await samplesOf(store, 'b_ended')).toEqual(Array(200).fill(1));
  expect((await samplesOf(store, 'z_live')).sort((a, b) => a - b)).toEqual([
    ...Array(30).fill(1),
    ...Array(60).fill(3),
  ]);
  expect(await telemetry.expose()).toContain('pharos_metrics_restart_series_left_out_total 200');
});

it('leaves nothing out where all recent series fit, however many the day had', async () => {
  await seed([
    ['a_yesterday', 200, [NOW - 11 * HOUR]],
    ['z_live', 60, [NOW - HOUR, NOW - MINUTE]],
  ]);
  const store = await started({ series_limit: 100 });
  expect(store.active('default').size).toBe(60);
  expect(store.headStats().floor).toBe(NOW - 3 * HOUR);
  expect(await telemetry.expose()).toContain('pharos_metrics_restart_series_left_out_total 0');
});

it('loads as many as the limit is, also of one time', async () => {
  await seed([['z_live', 100, [NOW - MINUTE]]]);
  const store = await started({ series_limit: 100 });
  expect(store.active('default').size).toBe(100);
  expect(await telemetry.expose()).toContain('pharos_metrics_restart_series_left_out_total 0');
});

it('answers for a replayed series that found no room once the engine has it', async () => {
  const journal = createMemoryJournal();
  const before = await open({}, journal);
  const appender = before.sink.appender({ tenant: 'default' });
  for (const name of ['a_first', 'b_second'])
    appender.append(appender.resolve(Labels.fromRecord({ __name__: name })), NOW - MINUTE, 1);
  await appender.commit();
  telemetry = createTelemetry();
  const replayed = createMemoryJournal(journal.appended.map(({ frames }) => frames));
  const clock = new ManualClock(NOW);
  const store = await open({ series_limit: 1 }, replayed, clock);
  await store.service.start?.(new AbortController().signal);
  await flushInto(engine.engine, replayed);
  await clock.advance(15_000);
  expect(await samplesOf(store, 'a_first')).toEqual([1]);
  expect(await samplesOf(store, 'b_second')).toEqual([1]);
});

it('starts where more is ahead of the clock than it loads, and the engine answers', async () => {
  await seed([['z_live', 3, [NOW - HOUR, NOW - MINUTE]]]);
  const ahead = 4_000_001;
  await engine.engine.execute(
    sql`INSERT INTO ${table(samplesTable)} (tenant, metric, series, ts, value)
      SELECT ${tenant}, 1, number % 1000, ${dateTime64(NOW + HOUR)} + toIntervalMillisecond(intDiv(number, 1000)), 1
      FROM numbers(${ahead})`,
    { purpose: 'test.ahead', tenant: 'default' },
  );
  const store = await started({});
  expect(store.headStats().floor).toBeGreaterThan(NOW + HOUR);
  expect(await samplesOf(store, 'z_live')).toEqual([2, 2, 2]);
  const appender = store.sink.appender({ tenant: 'default' });
  appender.append(appender.resolve(Labels.fromRecord({ __name__: 'z_live', i: '0' })), NOW, 1);
  await appender.commit();
  expect(await samplesOf(store, 'z_live')).toEqual([3, 2, 2]);
});
