import { createQueryEngine, Labels, parseSelector, type RangeResult } from '@pharos/promql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acrossTenants, type ManagedEngine, sql, table } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, type MemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry, type Telemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { createMetricsStore, type MetricsStore } from '../store/store.ts';
import { flushInto } from '../store/testing/flush.ts';
import { metricsTables, samples1hTable, samples5mTable, samplesTable } from '../tables.ts';
import { createDownsampleJob, retentionGuard } from './service.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 10, 12);
const TODAY = NOW - (NOW % DAY);
/** Samples begin here. */
const BEGIN = TODAY - 3 * DAY;

let engine: TestEngine;
let clock: ManualClock;
let journal: MemoryJournal;
let state: Awaited<ReturnType<typeof openTestState>>;
let telemetry: Telemetry;
let store: MetricsStore;

const promql = createQueryEngine();

async function open(): Promise<MetricsStore> {
  telemetry = createTelemetry();
  const opened = await createMetricsStore({
    engine: engine.engine,
    journal,
    state,
    clock,
    telemetry,
    log: silentLog,
    config: metricsSection.schema.parse({
      head_window: '1h',
      accept_past: '30d',
      query: { downsample_spares: 0 },
    }),
  });
  await opened.service.start?.(new AbortController().signal);
  return opened;
}

function jobOf(opened: MetricsStore, over: Partial<ManagedEngine> = {}) {
  if (opened.downsampling === null) throw new TypeError('no downsampling');
  const own = { ...engine.engine, ...over };
  return createDownsampleJob({ ...opened.downsampling, engine: own, journal, clock, log: silentLog });
}

async function flush(opened = store): Promise<void> {
  await flushInto(engine.engine, journal);
  opened.collect();
}

/** A counter with resets, gaps and staleness, about every 20 s, also on midnight. */
async function fill(opened: MetricsStore, tenant: string, seed: number, until = NOW): Promise<void> {
  const random = seededRandom(seed);
  for (let i = 0; i < 4; i++) {
    const appender = opened.sink.appender({ tenant });
    const ref = appender.resolve(
      Labels.fromRecord({ __name__: 'work_total', i: String(i), odd: String(i % 2) }),
    );
    let value = 0;
    for (let t = BEGIN; t <= until; ) {
      value = random() < 0.01 ? 0 : value + Math.floor(random() * 10);
      appender.append(ref, t, value + random() / 8);
      const midnight = t - (t % DAY) + DAY;
      let next = t + Math.ceil(random() * 40_000);
      if (random() < 0.004) {
        appender.appendStale(ref, t + 1);
        next += random() * 3 * HOUR;
      }
      t = Math.floor(t < midnight && next > midnight ? midnight : next);
    }
    await appender.commit();
  }
}

async function ask(
  query: string,
  { from, to, step }: { from: number; to: number; step: number },
  { samplesOnly = false, tenant = 'default', opened = store } = {},
): Promise<RangeResult> {
  const queryable = opened.queryable(tenant, { samplesOnly });
  return await promql.range({ query, queryable, start: from, end: to, step });
}

function expectSame(found: RangeResult, wanted: RangeResult): void {
  const cells = ({ series }: RangeResult) =>
    new Map(series.map(({ labels, values, present }) => [labels.toString(), { values, present }]));
  const [a, b] = [cells(found), cells(wanted)];
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [labels, { values, present }] of b) {
    const other = a.get(labels);
    expect([...(other?.present ?? [])]).toEqual([...present]);
    values.forEach((value, k) => {
      if (
        present[k] === 1 &&
        Math.abs((other?.values[k] ?? Number.NaN) - value) > 1e-9 * Math.max(1, Math.abs(value))
      )
        expect(`${labels} ${k} ${other?.values[k]}`).toBe(`${labels} ${k} ${value}`);
    });
  }
}

const QUERIES = [
  'sum by (odd) (rate(work_total[1h]))',
  'increase(work_total[6h])',
  'max_over_time(work_total[1h])',
  'min_over_time(work_total[2h])',
  'avg_over_time(work_total[1h])',
  'sum_over_time(work_total[30m])',
  'count_over_time(work_total[1h])',
  'resets(work_total[1d])',
  'changes(work_total[1h])',
  'work_total',
];
const WIDE = { from: BEGIN + 6 * HOUR, to: TODAY + 10 * HOUR, step: HOUR };

async function rowsOf(spec: typeof samples5mTable): Promise<number> {
  const block = await engine.engine.query(sql`SELECT count() AS n FROM ${table(spec)}${acrossTenants}`, {
    purpose: 'test.count',
    tenant: '',
  });
  return block.numbers('n')[0] ?? 0;
}

/** What retention does when samples of these days are past their time. */
async function dropSamples(opened: MetricsStore, beforeDay: number): Promise<void> {
  if (opened.downsampling === null) throw new TypeError('no downsampling');
  await retentionGuard(opened.downsampling).dropping(samplesTable.name, beforeDay);
  await engine.engine.dropPartitions(samplesTable, beforeDay);
}

beforeAll(async () => {
  engine = await openTestEngine(metricsTables);
});
afterAll(() => engine.close());
beforeEach(async () => {
  for (const spec of metricsTables) await engine.engine.dropPartitions(spec, 1e6);
  clock = new ManualClock(NOW);
  journal = createMemoryJournal();
  state = await openTestState();
  store = await open();
});

describe('downsampling on the real engine', () => {
  it('answers as the samples do, while they are there and when they are gone, each tenant its own', async () => {
    await fill(store, 'default', 1);
    await fill(store, 'other', 2);
    await flush();
    const job = jobOf(store);
    await job.sweep();
    expect(store.downsampling?.coverage.computed().map(([day]) => day * DAY)).toEqual(
      [-4, -3, -2, -1].map((n) => TODAY + n * DAY),
    );
    const wanted = new Map<string, RangeResult>();
    for (const tenant of ['default', 'other'])
      for (const query of QUERIES)
        wanted.set(`${tenant} ${query}`, await ask(query, WIDE, { samplesOnly: true, tenant }));
    await dropSamples(store, TODAY / DAY - 1);
    for (const tenant of ['default', 'other']) {
      for (const query of QUERIES) {
        const found = await ask(query, WIDE, { tenant });
        const raw = wanted.get(`${tenant} ${query}`);
        if (raw === undefined) throw new TypeError(query);
        expectSame(found, raw);
        expect(found.infos.join()).toContain(
          'the samples of that time are no longer kept; the answer is the same (1:',
        );
      }
    }
    // The older of the narrow buckets go too: what is left is wide there, and narrow after.
    if (store.downsampling === null) throw new TypeError('no downsampling');
    await retentionGuard(store.downsampling).dropping(samples5mTable.name, TODAY / DAY - 2);
    await engine.engine.dropPartitions(samples5mTable, TODAY / DAY - 2);
    const halves = await ask('rate(work_total[30m])', { ...WIDE, step: HOUR / 2 });
    expect(halves.infos.join()).toMatch(
      /buckets of 1h and 5m, .*; times are those of whole buckets, so the answer is approximate/,
    );
    const [whole] = halves.series;
    const hours = (await ask('rate(work_total[1h])', WIDE)).series[0];
    for (let k = 0; k < 18; k++) expect(whole?.values[2 * k]).toBe(hours?.values[k]);
    expect(wanted.get('default work_total')).not.toEqual(wanted.get('other work_total'));
    expect((await ask('work_total', WIDE, { tenant: 'nobody' })).series).toEqual([]);
    expect(await telemetry.expose()).toMatch(/pharos_downsample_selections_total\{reason="needed"\} 2\d/);
  });

  it('stands for samples that are there only where it makes no difference, and unless forbidden', async () => {
    await fill(store, 'default', 3);
    await flush();
    store = await open();
    expect((await ask('rate(work_total[1h])', WIDE)).infos).toEqual([]);
    await jobOf(store).sweep();
    const exact = await ask('rate(work_total[1h])', WIDE);
    expect(exact.infos).toEqual([
      expect.stringMatching(
        /^PromQL info: up to 2026-01-10T00:00:00.000Z read from buckets of 1h, because it spares reading about [\d,]+ samples; the answer is the same \(1:6\)$/,
      ),
    ]);
    expectSame(exact, await ask('rate(work_total[1h])', WIDE, { samplesOnly: true }));
    expect(exact.stats.samplesRead).toBeLessThan(4_000);
    const narrow = await ask('rate(work_total[10m])', { ...WIDE, step: 20 * MINUTE });
    expect(narrow.infos.join()).toContain('buckets of 5m');
    for (const [query, grid] of [
      ['rate(work_total[1h])', { ...WIDE, from: WIDE.from + 1000 }],
      ['rate(work_total[1m])', WIDE],
      ['irate(work_total[1h])', WIDE],
      ['work_total', { ...WIDE, step: 61_000 }],
      ['rate(work_total[1h])', { from: TODAY + 11 * HOUR + 40 * MINUTE, to: NOW, step: 5 * MINUTE }],
    ] as const)
      expect((await ask(query, grid)).infos, query).toEqual([]);
  });

  it('has the engine sum up samples for any times, unless one is stored twice', async () => {
    await fill(store, 'default', 9);
    await fill(store, 'other', 10);
    await flush();
    store = await open();
    const job = jobOf(store);
    await job.sweep();
    const random = seededRandom(11);
    const shifted = () => {
      const step = 10 * MINUTE * Math.ceil(random() * 6);
      return { from: WIDE.from + Math.floor(random() * HOUR), to: WIDE.to, step };
    };
    const asked = [
      ...QUERIES,
      'first_over_time(work_total[20m])',
      'delta(work_total[50m])',
      'timestamp(work_total)',
    ];
    const check = async (queries = asked): Promise<number> => {
      for (const query of queries) {
        const grid = shifted();
        const found = await ask(query, grid);
        expect(found.infos, query).toEqual([]);
        expectSame(found, await ask(query, grid, { samplesOnly: true }));
      }
      const counted = /selections_total\{reason="summed"\} (\d+)/.exec(await telemetry.expose());
      return Number(counted?.[1] ?? 0);
    };
    // Not what falls or changes from sample to sample, which needs their order.
    const first = await check();
    expect(first).toBe(asked.length - 4);
    const repeated = journal.appended.flatMap(({ frames }) =>
      frames.filter((frame) => frame.table === 'samples' && frame.day === TODAY / DAY - 2),
    );
    for (const { schemaVersion, day, rows, payload } of repeated.slice(0, 1)) {
      const block = { table: samplesTable, schemaVersion, day, rows, payload: [payload], reconcile: false };
      await engine.engine.insert(block, { purpose: 'test.repeat' });
    }
    await job.sweep();
    expect(await check(asked.slice(4, 7))).toBe(first);
  });

  it('answers for a month of an objective when the samples of half of it are gone', async () => {
    const tile = 5 * MINUTE;
    // Where no bucket ends: groups of rules have times of their own.
    const at = NOW - 177_000;
    const random = seededRandom(12);
    const appender = store.sink.appender({ tenant: 'default' });
    const refOf = (name: string) =>
      appender.resolve(Labels.fromRecord({ __name__: `slo:${name}:tile5m`, slo: 'order' }));
    const [bad, total] = [refOf('bad'), refOf('total')];
    for (let time = at - 30 * DAY + 2 * tile; time <= at; time += tile) {
      const events = 1 + Math.floor(random() * 100);
      appender.append(total, time, events);
      appender.append(bad, time, random() < 0.02 ? events / 2 : 0);
    }
    await appender.commit();
    await flush();
    // So few samples may all stay in memory until a restart.
    store = await open();
    await jobOf(store).sweep();
    const over = (name: string): string => `sum(sum_over_time(slo:${name}:tile5m{slo="order"}[30d]))`;
    const infos: string[] = [];
    const valueOf = async (query: string, samplesOnly = false): Promise<number> => {
      const queryable = store.queryable('default', { samplesOnly });
      const answer = await promql.instant({ query, time: at, queryable });
      infos.push(...answer.infos);
      return answer.type === 'vector' ? (answer.samples[0]?.value ?? Number.NaN) : Number.NaN;
    };
    const queries = [
      `${over('bad')} / (${over('total')} > 0)`,
      'sum(count_over_time(slo:total:tile5m{slo="order"}[30d])) / 8640',
    ];
    const wanted = await Promise.all(queries.map((query) => valueOf(query, true)));
    await dropSamples(store, TODAY / DAY - 15);
    const found = await Promise.all(queries.map((query) => valueOf(query)));
    // A bucket at the edge is one of thousands.
    for (const [i, value] of found.entries()) expect(value / (wanted[i] ?? 0)).toBeCloseTo(1, 2);
    expect(found[1]).toBeCloseTo(1, 2);
    expect(infos.join()).toContain('the samples of that time are no longer kept');
  });

  it('lets samples answer for a day that got rows until it is computed again', async () => {
    await fill(store, 'default', 4, TODAY);
    await flush();
    store = await open();
    const job = jobOf(store);
    await job.sweep();
    const late = store.sink.appender({ tenant: 'default' });
    const ref = late.resolve(Labels.fromRecord({ __name__: 'work_total', i: 'late', odd: '1' }));
    late.append(ref, TODAY - 30 * HOUR, 1);
    late.append(ref, TODAY - 29 * HOUR, 5);
    await late.commit();
    const query = 'max_over_time(work_total[1h])';
    const sameAsSamples = async (opened = store): Promise<RangeResult> => {
      const found = await ask(query, WIDE, { opened });
      expectSame(found, await ask(query, WIDE, { samplesOnly: true, opened }));
      expect(found.series.map(({ labels }) => labels.get('i'))).toContain('late');
      return found;
    };
    // Waiting in the journal, in the engine, and after a restart before the first sweep.
    expect((await sameAsSamples()).infos.join()).toContain('up to 2026-01-08T00:00:00.000Z');
    await job.sweep();
    expect((await sameAsSamples()).infos.join()).toContain('up to 2026-01-08T00:00:00.000Z');
    await flush();
    expect(store.downsampling?.coverage.dirtyDays).toBe(1);
    const again = await open();
    expect((await sameAsSamples(again)).infos).toEqual([]);
    await jobOf(again).sweep();
    expect((await sameAsSamples(again)).infos.join()).toContain('up to 2026-01-10T00:00:00.000Z');
    await job.sweep();
    expect((await sameAsSamples()).infos.join()).toContain('up to 2026-01-10T00:00:00.000Z');
  });

  it('loses nothing and doubles nothing when any of its steps fails, and clears up after itself', async () => {
    await fill(store, 'default', 5, BEGIN + 26 * HOUR);
    await flush();
    const query = 'count_over_time(work_total[1h])';
    const grid = { ...WIDE, to: BEGIN + 30 * HOUR };
    const wanted = await ask(query, grid, { samplesOnly: true });
    const died: string[] = [];
    for (let point = 1; ; point++) {
      let calls = 0;
      let dead = false;
      const failing =
        <A extends readonly unknown[], R>(name: string, call: (...args: A) => Promise<R>, after: boolean) =>
        async (...args: A): Promise<R> => {
          if (dead) throw new Error('this process is dead');
          const kill = (): never => {
            dead = true;
            died.push(`${name} ${after ? 'done' : 'begun'}`);
            throw new Error('killed');
          };
          if (!after && ++calls === point) kill();
          const answer = await call(...args);
          if (after && ++calls === point) kill();
          return answer;
        };
      const { query: read, insert, partitions, dropPartition } = engine.engine;
      const opened = await open();
      await jobOf(opened, {
        query: failing('query', read, false),
        insert: failing('insert', insert, true),
        partitions,
        dropPartition: failing('drop', dropPartition, true),
      }).sweep();
      const next = await open();
      expectSame(await ask(query, grid, { opened: next }), wanted);
      if (!dead) break;
      // Every other time the next process has its sweep before the next one dies.
      if (point % 2 === 0) await jobOf(next).sweep();
      await makeDirty(next, point, [3]);
    }
    expect(new Set(died)).toEqual(new Set(['query begun', 'insert done', 'drop done']));
    const opened = await open();
    await jobOf(opened).sweep();
    await jobOf(opened).sweep();
    const rows = opened.downsampling?.coverage.computed().map(([, day]) => day.rows) ?? [];
    expect(await rowsOf(samples5mTable)).toBe(rows.reduce((sum, [narrow = 0]) => sum + narrow, 0));
    expect(await rowsOf(samples1hTable)).toBe(rows.reduce((sum, [, wide = 0]) => sum + wide, 0));
    expectSame(await ask(query, grid, { opened }), wanted);
  });

  /** Another tenant's late row: those days are to be computed again. */
  async function makeDirty(opened: MetricsStore, value: number, daysAgo = [1, 2, 3]): Promise<void> {
    const appender = opened.sink.appender({ tenant: 'other' });
    const ref = appender.resolve(Labels.fromRecord({ __name__: 'late' }));
    for (const days of daysAgo) appender.append(ref, TODAY - days * DAY + 5 * HOUR + value, value);
    await appender.commit();
    await flush(opened);
  }

  it('holds what was deleted in no bucket, whether or not its samples are still there', async () => {
    await fill(store, 'default', 6, TODAY);
    await fill(store, 'other', 7, TODAY);
    await flush();
    await jobOf(store).sweep();
    await dropSamples(store, TODAY / DAY - 2);
    const query = 'count_over_time(work_total[1h])';
    const other = await ask(query, WIDE, { tenant: 'other' });
    const [from, to] = [TODAY - 60 * HOUR - 5 * MINUTE, TODAY - 20 * HOUR + 5 * MINUTE];
    await store.deletion?.delete(
      { tenant: 'default', matcherSets: [parseSelector('work_total{odd="1"}')], from, to },
      clock.now(),
    );
    const gone = async (opened: MetricsStore): Promise<void> => {
      const { series } = await ask(query, WIDE, { opened });
      expect(series).toHaveLength(4);
      for (const { labels, present } of series) {
        const within = [...present].filter((_, k) => {
          const end = WIDE.from + k * WIDE.step;
          return end > from && end - HOUR < to;
        });
        if (labels.get('odd') === '0') expect(within).toContain(1);
        // Hours that the deletion touches at its edges keep what samples are left of them.
        else expect(within.slice(1, -1)).not.toContain(1);
      }
    };
    await gone(store);
    clock.jump(MINUTE);
    await store.deletion?.clean(false);
    await gone(store);
    const again = await open();
    await gone(again);
    await jobOf(again).sweep();
    await gone(again);
    expectSame(await ask(query, WIDE, { opened: again, tenant: 'other' }), other);
  });

  it('keeps samples until their buckets are made, and leaves days alone whose samples have begun to go', async () => {
    await fill(store, 'default', 8, TODAY);
    await flush();
    if (store.downsampling === null) throw new TypeError('no downsampling');
    const guard = retentionGuard(store.downsampling);
    expect(guard.firstHeld('samples')).toBe(Number.NEGATIVE_INFINITY);
    const job = jobOf(store, { insert: () => Promise.reject(new Error('no room')) });
    await job.sweep();
    expect(guard.firstHeld('samples')).toBe(TODAY / DAY - 4);
    expect(guard.firstHeld('samples_5m')).toBe(Number.POSITIVE_INFINITY);
    expect(await telemetry.expose()).toContain('pharos_downsample_failures_total 1');
    await jobOf(store).sweep();
    expect(guard.firstHeld('samples')).toBe(Number.POSITIVE_INFINITY);
    const before = await rowsOf(samples5mTable);
    await guard.dropping('samples', TODAY / DAY);
    await makeDirty(store, 3);
    await jobOf(store).sweep();
    expect(await rowsOf(samples5mTable)).toBe(before);
    expect((await open()).downsampling?.coverage.samplesFrom).toBe(TODAY / DAY);
  });
});
