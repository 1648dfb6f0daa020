import { createMatcher, Labels, type Queryable, type RangeQuery, type RangeResult } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { queryOptions } from '../query-options.ts';
import { metricsQueryEngine } from '../routes/prometheus.ts';
import { createMetricsStore } from '../store/store.ts';
import { stateOnlyEngine } from '../store/testing/fake-engine.ts';
import { ResultCache } from './result-cache.ts';

const NOW = 1_700_000_040_000;
const STEP = 15_000;
const HOUR = 3_600_000;

async function rig(bytes = 1_000_000) {
  const config = metricsSection.schema.parse({});
  const clock = new ManualClock(NOW);
  const store = await createMetricsStore({
    engine: stateOnlyEngine('ready'),
    journal: createMemoryJournal(),
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config,
    state: await openTestState(),
  });
  const engine = metricsQueryEngine(config, clock);
  const options = queryOptions(config.query);
  const cache = new ResultCache({ engine, changes: store.changes, clock, options, bytes });
  const queryable = store.queryable('t');
  const append = async (samples: readonly (readonly [series: string, time: number, value: number])[]) => {
    const appender = store.sink.appender({ tenant: 't' });
    for (const [instance, time, value] of samples) {
      const ref = appender.resolve(Labels.fromRecord({ __name__: 'a_total', instance, job: 'j' }));
      appender.append(ref, time, value);
    }
    await appender.commit();
  };
  const erase = (instance: string, from: number, to: number) => {
    const matcherSets = [[createMatcher('instance', '=', instance)]];
    return store.deletion?.delete({ tenant: 't', matcherSets, from, to }, clock.now());
  };
  const ask = (query: string, start: number, end: number, step = STEP) =>
    cache.range({ tenant: 't' }, { query, start, end, step, queryable });
  return { store, clock, engine, cache, queryable, append, erase, ask };
}

/** What was computed at other steps may differ in its last bit: sums slide. */
function shown({ series, warnings }: RangeResult): unknown {
  return {
    warnings,
    series: series.map(({ labels, values, present }) => [
      labels.toString(),
      Array.from(values, (value, k) => (present[k] === 1 ? value.toPrecision(12) : '')),
    ]),
  };
}

const QUERIES = [
  'a_total',
  'sum by (job) (rate(a_total[1m]))',
  'avg_over_time(a_total[4m])',
  'topk(1, a_total offset 30s)',
  'max_over_time(sum(a_total)[2m:30s])',
  'a_total > 10 or absent(a_total)',
  'count(a_total) * time()',
  'time()',
  'histogram_quantile(0.5, a_total)',
  'a_total @ 1700000000',
  'a_total offset -1m',
  'sum(last_over_time(a_total[5m]))',
] as const;

type Operation =
  | { readonly kind: 'append'; readonly instance: string; readonly back: number; readonly value: number }
  | { readonly kind: 'delete'; readonly instance: string; readonly from: number; readonly to: number }
  | { readonly kind: 'pass'; readonly steps: number }
  | { readonly kind: 'query'; readonly pick: number; readonly from: number; readonly steps: number };

const queries = fc.uniqueArray(fc.constantFrom(...QUERIES), { minLength: 1, maxLength: 2 });
const instance = fc.constantFrom('x', 'y', 'z');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      instance,
      // In order, mostly; sometimes late.
      back: fc.oneof(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 0, max: 900_000 })),
      value: fc.integer({ min: 0, max: 100 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      instance,
      from: fc.integer({ min: 0, max: 40 }),
      to: fc.integer({ min: 0, max: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), steps: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('query' as const),
      pick: fc.nat(11),
      // The same stretches again and again, as a dashboard asks.
      from: fc.constantFrom(20, 22, 40),
      steps: fc.constantFrom(10, 20, 44),
    }),
  },
);

describe('the result cache', () => {
  it('answers what evaluation answers, whatever is appended, late or deleted in between', async () => {
    let served = 0;
    await fc.assert(
      fc.asyncProperty(
        queries,
        fc.array(operation, { minLength: 10, maxLength: 50 }),
        async (own, operations) => {
          const { clock, engine, queryable, append, erase, ask } = await rig();
          for (const one of operations) {
            const now = clock.now();
            const aligned = now - (now % STEP);
            if (one.kind === 'append') await append([[one.instance, now - one.back, one.value]]);
            else if (one.kind === 'delete')
              await erase(one.instance, aligned - one.from * STEP, aligned - one.to * STEP);
            else if (one.kind === 'pass') await clock.advance(one.steps * 7_000);
            else {
              const start = aligned - one.from * STEP;
              const asked = { start, end: start + one.steps * STEP, step: STEP };
              const query = own[one.pick % own.length] ?? 'a_total';
              const { result, cachedSteps } = await ask(query, asked.start, asked.end);
              const expected = await engine.range({ query, ...asked, queryable });
              expect(shown(result), query).toEqual(shown(expected));
              served += cachedSteps;
            }
          }
        },
      ),
      { numRuns: 40 },
    );
    expect(served).toBeGreaterThan(200);
  });

  it('computes new steps only', async () => {
    const { append, ask, cache } = await rig();
    const start = NOW - (NOW % STEP) - 20 * STEP;
    await append(Array.from({ length: 19 }, (_, i) => ['x', start + i * STEP, i] as const));
    const first = await ask('sum(a_total)', start, start + 15 * STEP);
    expect([first.outcome, first.cachedSteps]).toEqual(['miss', 0]);
    const again = await ask('sum( a_total )', start + STEP, start + 15 * STEP + 100);
    expect([again.outcome, again.cachedSteps, again.result.stats.samplesRead]).toEqual(['hit', 15, 0]);
    const later = await ask('sum(a_total)', start + STEP, start + 18 * STEP);
    expect([later.outcome, later.cachedSteps]).toEqual(['partial', 15]);
    expect(later.result.series[0]?.values).toEqual(Float64Array.from({ length: 18 }, (_, i) => i + 1));
    expect(cache.bytes).toBeGreaterThan(18 * 9);
  });

  it('computes again from the time of a late sample or of a deletion on', async () => {
    const { append, ask, erase } = await rig();
    const start = NOW - (NOW % STEP) - 20 * STEP;
    await append(Array.from({ length: 20 }, (_, i) => ['x', start + i * STEP, 1] as const));
    await ask('sum(a_total)', start, start + 19 * STEP);
    await append([['y', start + 12 * STEP - 1, 5]]);
    const after = await ask('sum(a_total)', start, start + 19 * STEP);
    expect([after.outcome, after.cachedSteps]).toEqual(['partial', 12]);
    expect(after.result.series[0]?.values.slice(11, 13)).toEqual(Float64Array.of(1, 6));
    await erase('y', start + 4 * STEP, NOW);
    const deleted = await ask('sum(a_total)', start, start + 19 * STEP);
    expect([deleted.outcome, deleted.cachedSteps]).toEqual(['partial', 4]);
    expect(deleted.result.series[0]?.values.includes(6)).toBe(false);
  });

  it.each([
    ['a_total @ 100', 0],
    ['a_total offset -5m', 0],
    ['sum(a_total @ end())', 0],
    ['a_total', 1],
    ['a_total ===', 0],
  ])('does not keep %s at %i ms off the steps', async (query, off) => {
    const { ask, cache } = await rig();
    const start = NOW - (NOW % STEP) - 5 * STEP + off;
    for (const _ of [1, 2]) {
      const outcome = await ask(query, start, start + 4 * STEP).then(
        (answer) => answer.outcome,
        () => 'bypass',
      );
      expect(outcome).toBe('bypass');
    }
    expect(cache.bytes).toBe(0);
  });

  it('keeps tenants apart, forgets after an hour, and holds no more than it may', async () => {
    const { append, ask, cache, clock, queryable } = await rig(20_000);
    const start = NOW - (NOW % STEP) - 20 * STEP;
    await append(Array.from({ length: 20 }, (_, i) => ['x', start + i * STEP, i] as const));
    const query: RangeQuery = { query: 'a_total', start, end: start + 9 * STEP, step: STEP, queryable };
    await cache.range({ tenant: 't' }, query);
    expect((await cache.range({ tenant: 'other' }, query)).outcome).toBe('miss');
    expect((await cache.range({ tenant: 't' }, query)).outcome).toBe('hit');
    for (let i = 0; i < 100; i++) await ask(`a_total + ${i}`, start, start + 9 * STEP);
    expect(cache.bytes).toBeLessThanOrEqual(2 * 20_000);
    expect((await cache.range({ tenant: 't' }, query)).outcome).toBe('miss');
    await clock.advance(HOUR + 1);
    expect((await cache.range({ tenant: 't' }, query)).outcome).toBe('miss');
  });

  it('keeps no answer that lacks something, and merges infos', async () => {
    const { append, ask, cache, queryable } = await rig();
    const start = NOW - (NOW % STEP) - 20 * STEP;
    await append(Array.from({ length: 20 }, (_, i) => ['x', start + i * STEP, i] as const));
    const partial: Queryable = {
      select: async (request) => ({ ...(await queryable.select(request)), warnings: ['storage: gone'] }),
    };
    const query = { query: 'a_total', start, end: start + 9 * STEP, step: STEP };
    for (const _ of [1, 2])
      expect((await cache.range({ tenant: 't' }, { ...query, queryable: partial })).outcome).toBe('miss');
    const quiet = await ask('sum_over_time(a_total[1m])', start, start + 9 * STEP);
    expect(quiet.result.infos).toEqual([]);
    await ask('sum(rate({instance="x"}[1m]))', start, start + 9 * STEP);
    const kept = await ask('sum(rate({instance="x"}[1m]))', start, start + 12 * STEP);
    const fresh = await ask('sum( rate({instance="x"}[1m]))', start, start + 12 * STEP);
    expect(kept.outcome).toBe('partial');
    // Positions belong to the text as it was written.
    expect(fresh.outcome).toBe(kept.result.infos.length > 0 ? 'miss' : 'hit');
  });
});
