import { Labels, parseSelector } from '@pharos/promql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sql, table, tenant } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { createMetricsStore } from '../store/store.ts';
import { flushInto } from '../store/testing/flush.ts';
import { exemplarsTable, metricsTables, samplesTable, seriesTable } from '../tables.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_700_000_000_000 - (1_700_000_000_000 % DAY) + 12 * HOUR;
let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(metricsTables);
});
afterAll(() => engine.close());

const MATCH = {
  startExclusive: NOW - 10 * DAY,
  end: NOW,
  hints: { start: NOW, end: NOW, step: 1, range: 0 },
};

it('hides deleted samples at once, over head and engine, and removes them from the disk when they left memory', async () => {
  const clock = new ManualClock(NOW);
  const journal = createMemoryJournal();
  const state = await openTestState();
  const config = metricsSection.schema.parse({ head_window: '1h', accept_past: '30d' });
  const open = async () => {
    const deps = {
      engine: engine.engine,
      journal,
      state,
      clock,
      telemetry: createTelemetry(),
      log: silentLog,
      config,
    };
    const store = await createMetricsStore(deps);
    await store.service.start?.(new AbortController().signal);
    return store;
  };
  let store = await open();
  const appender = store.sink.appender({ tenant: 'default' });
  for (const [name, job] of [
    ['up', 'a'],
    ['up', 'b'],
    ['other', 'a'],
  ] as const) {
    const ref = appender.resolve(Labels.fromRecord({ __name__: name, job }));
    for (let age = 3 * DAY; age >= 0; age -= HOUR / 2) appender.append(ref, NOW - age, age);
    for (const age of [2 * DAY, HOUR])
      appender.appendExemplar(ref, {
        labels: Labels.fromRecord({ trace_id: job }),
        value: 1,
        timestamp: NOW - age,
      });
  }
  await appender.commit();
  await flushInto(engine.engine, journal);
  const counts = async (): Promise<Record<string, number>> => {
    const { series } = await store
      .queryable('default')
      .select({ ...MATCH, matchers: parseSelector('{job=~".+"}') });
    const pairs = series.map(({ labels, from, to }): [string, number] => [
      `${labels.metricName} ${labels.get('job')}`,
      to - from,
    ]);
    return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const rows = async (): Promise<number> => {
    const block = await engine.engine.query(
      sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE tenant = ${tenant}`,
      { purpose: 'test.count', tenant: 'default' },
    );
    return block.numbers('n')[0] ?? 0;
  };
  const exemplars = async (): Promise<string[]> => {
    const matcherSets = [parseSelector('{job=~".+"}')];
    const found = await store.exemplars.find({ tenant: 'default', matcherSets, start: 0, end: NOW });
    return found.series.flatMap(({ labels, exemplars: own }) =>
      own.map(({ timestamp }) => `${labels.metricName} ${labels.get('job')} ${(NOW - timestamp) / HOUR}`),
    );
  };
  const exemplarRows = async (): Promise<number> => {
    const block = await engine.engine.query(
      sql`SELECT count() AS n FROM ${table(exemplarsTable)} WHERE tenant = ${tenant}`,
      { purpose: 'test.count', tenant: 'default' },
    );
    return block.numbers('n')[0] ?? 0;
  };
  expect(await counts()).toEqual({ 'other a': 145, 'up a': 145, 'up b': 145 });
  expect(await exemplars()).toHaveLength(6);
  const { deletion } = store;
  if (deletion === null) throw new Error('the store has no deletion');
  // Two days of one series, and one series as a whole.
  await deletion.delete(
    {
      tenant: 'default',
      matcherSets: [parseSelector('up{job="a"}')],
      from: NOW - 3 * DAY,
      to: NOW - DAY - 1,
    },
    NOW,
  );
  await deletion.delete(
    { tenant: 'default', matcherSets: [parseSelector('other')], from: 0, to: 10 * NOW },
    NOW,
  );
  await deletion.delete({ tenant: 'blue', matcherSets: [parseSelector('up')], from: 0, to: NOW }, NOW);
  expect(await counts()).toEqual({ 'up a': 49, 'up b': 145 });
  expect(await rows()).toBe(3 * 145);
  const left = ['up a 1', 'up b 48', 'up b 1'];
  expect(await exemplars()).toEqual(left);
  expect(await exemplarRows()).toBe(6);

  // A restart forgets nothing.
  await store.service.stop?.(new AbortController().signal);
  store = await open();
  expect(await counts()).toEqual({ 'up a': 49, 'up b': 145 });
  await store.deletion?.clean(true);
  expect(await rows()).toBeLessThan(3 * 145 - 96 - 100);
  expect(await counts()).toEqual({ 'up a': 49, 'up b': 145 });

  // New samples at other times are new; memory moves on, and nothing comes back.
  await clock.advance(4 * HOUR);
  const later = store.sink.appender({ tenant: 'default' });
  later.append(later.resolve(Labels.fromRecord({ __name__: 'other', job: 'a' })), NOW + 4 * HOUR, 1);
  await later.commit();
  await flushInto(engine.engine, journal);
  store.collect();
  await store.deletion?.clean(false);
  expect(await rows()).toBe(145 + 49 + 1);
  expect(await exemplars()).toEqual(left);
  expect(await exemplarRows()).toBe(3);
  const { series } = await store
    .queryable('default')
    .select({ ...MATCH, end: NOW + 4 * HOUR, matchers: parseSelector('other') });
  expect(series.map(({ from, to }) => to - from)).toEqual([1]);
  const labels = await engine.engine.query(
    sql`SELECT uniq(metric, series) AS n FROM ${table(seriesTable)} WHERE tenant = ${tenant}`,
    { purpose: 'test.count', tenant: 'default' },
  );
  expect(labels.numbers('n')[0]).toBe(3);
  await store.service.stop?.(new AbortController().signal);

  // The next process has nothing left to hide, and nothing to show of it.
  store = await open();
  const again = await store
    .queryable('default')
    .select({ ...MATCH, end: NOW + 4 * HOUR, matchers: parseSelector('{job="a"}') });
  expect(again.series.map(({ from, to }) => to - from).sort((a, b) => a - b)).toEqual([1, 49]);
  await store.service.stop?.(new AbortController().signal);
});
