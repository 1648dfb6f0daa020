import { createQueryEngine, parseExpr } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupKey } from '../rules/definition.ts';
import { GroupEvaluation } from '../rules/group-evaluation.ts';
import { createRuleQuery } from '../rules/rule-query.ts';
import { slotAt, slotsOf } from '../rules/schedule.ts';
import { freshGroup } from '../rules/state/rule-state.ts';
import { UnitTestStore } from '../rules/unit-test/store.ts';
import { stretchOf } from './limits.ts';
import type { Spell } from './spell.ts';
import { MINUTE, NEVER, readOf, SCRAPE_MS, storeOf, T0, testerOf } from './testing/world.ts';
import type { ReadRule, WrittenRule } from './written-rule.ts';

const stateAt = ({ activeAt, firedAt, endedAt }: Spell, at: number): 'pending' | 'firing' | null => {
  if (at < activeAt || (endedAt !== null && at >= endedAt)) return null;
  return firedAt !== null && at >= firedAt ? 'firing' : 'pending';
};

/** What the live rule says after each of its evaluations, from the first that a back-test looks at. */
async function live(store: UnitTestStore, { rule, group }: ReadRule, from: number, to: number) {
  const engine = createQueryEngine();
  const state = freshGroup([rule], true);
  const written = new UnitTestStore(T0, SCRAPE_MS);
  const states = new Map<number, readonly string[]>();
  let failures = 0;
  for (let at = from; at <= to; at += group.intervalMs ?? MINUTE) {
    await new GroupEvaluation(
      {
        queries: { promql: createRuleQuery(engine, () => store), logql: () => Promise.resolve([]) },
        store: written,
        telemetry: {
          evaluated() {},
          failed() {},
          iterated() {},
          missed() {},
          lag() {},
          rejected() {},
          sent() {},
          forget() {},
        },
        monotonic: () => 0,
        breathe: () => Promise.resolve(),
        pause: () => Promise.resolve(),
        parse: (text) => parseExpr(text),
        externalUrl: () => 'http://pharos.example',
        externalLabels: () => new Map(),
        send() {},
        failed: () => void failures++,
        resendMs: MINUTE,
      },
      group,
      state,
      { at, offsetMs: 0, intervalMs: MINUTE, now: at, signal: NEVER },
    ).run();
    const active = [...(state.rules[0]?.alerts.values() ?? [])].filter((one) => one.state !== 'inactive');
    states.set(at, active.map((one) => `${one.state} ${one.labels.toString()} ${one.activeAt}`).sort());
  }
  return { states, failures };
}

const values = fc
  .array(fc.constantFrom('_', '0', '3', '6', '9', 'stale'), { minLength: 10, maxLength: 160 })
  .map((all) => all.join(' '));
const randomRule = fc.record({
  expr: fc.constantFrom(
    'm > 5',
    'm < 4',
    'sum by (job) (m) > 8',
    'rate(m[2m]) > 0.05',
    'absent(m)',
    'max_over_time(m[3m]) >= 9',
    'm > on (job) group_left () n',
    'm > on (job) n',
    'vector(7) > 5',
    'label_replace(m, "instance", "same", "", "") > 2',
  ),
  for: fc.constantFrom('', '1m', '3m'),
  keep_firing_for: fc.constantFrom('', '2m', '5m'),
  limit: fc.constantFrom(0, 0, 1),
  labels: fc.constantFrom<Record<string, string>>(
    {},
    { severity: 'page' },
    { value: '{{ $value }}' },
    { job: '' },
  ),
});

describe('a back-test', () => {
  it('says for every evaluation what the live rule would have said', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ a: values, b: values, n: values }),
        randomRule,
        fc.constantFrom(3, 7, 1000),
        async (series, written, maxPoints) => {
          const store = storeOf({
            'm{job="a",instance="1"}': series.a,
            'm{job="a",instance="2"}': series.b,
            'n{job="a"}': series.n,
          });
          const end = T0 + 80 * MINUTE;
          const read = readOf(written);
          const span = { start: T0 + 20 * MINUTE, end };
          const { spells, evaluations } = await testerOf(store, { maxPoints }).run(read, span, NEVER);
          const slots = slotsOf(groupKey(read.group), MINUTE);
          const last = slotAt(slots, end);
          const first = last - (evaluations.evaluations - 1) * MINUTE;
          const { states, failures } = await live(store, read, first, last);
          expect(evaluations.failed.count).toBe(failures);
          for (const [at, expected] of states) {
            if (at <= span.start) continue;
            const got = spells.flatMap((spell) => {
              const state = stateAt(spell, at);
              return state === null ? [] : [`${state} ${spell.labels.toString()} ${spell.activeAt}`];
            });
            expect([at - T0, got.sort()]).toEqual([at - T0, expected]);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('asks one range query for many evaluations', async () => {
    const store = storeOf({ 'm{job="a"}': '0+0x400' });
    let asked = 0;
    const tester = testerOf(store, { asked: () => asked++ });
    const { evaluations } = await tester.run(readOf({}), { start: T0, end: T0 + 200 * MINUTE }, NEVER);
    expect([asked, evaluations.evaluations]).toEqual([1, 201]);
  });

  it('tells when it fired, for how long, how high it went, with its texts, and who is told', async () => {
    // Above 5 from minute 10 to minute 20, and for one minute at minute 30.
    const store = storeOf({ 'm{job="a"}': '0x19 6x9 9x9 0x19 6x1 0x60' });
    const read = readOf({
      for: '2m',
      labels: { severity: 'page' },
      annotations: { summary: '{{ $labels.job }} is at {{ $value }}' },
    });
    const { spells, totals, audience } = await testerOf(store).run(
      read,
      { start: T0, end: T0 + 60 * MINUTE },
      NEVER,
    );
    const minute = (at: number | null | undefined) => (at == null ? at : Math.floor((at - T0) / MINUTE));
    const [first, second] = spells;
    expect(totals).toMatchObject({
      firings: 1,
      alerts: 1,
      onlyPending: 1,
      flaps: 0,
      most: 1,
      longestMs: 8 * MINUTE,
    });
    expect([minute(first?.activeAt), minute(first?.firedAt), minute(first?.endedAt)]).toEqual([10, 12, 20]);
    expect(first).toMatchObject({
      value: 6,
      peak: 9,
      isCut: false,
      annotations: new Map([['summary', 'a is at 6']]),
    });
    expect([minute(second?.activeAt), second?.firedAt]).toEqual([30, null]);
    expect(audience.notices.map(({ receiver, reason }) => `${receiver} ${reason}`)).toEqual([
      'team first',
      'team all_resolved',
    ]);
    expect(audience.notices[0]?.at).toBe((first?.firedAt ?? 0) + 30_000);
  });

  it('knows how a time begins that it is asked about', async () => {
    const store = storeOf({ 'm{job="a"}': '6x100' });
    const span = { start: T0 + 20 * MINUTE, end: T0 + 50 * MINUTE };
    const { spells } = await testerOf(store).run(readOf({ for: '10m' }), span, NEVER);
    expect(spells).toMatchObject([{ isCut: true, endedAt: null }]);
    expect(spells[0]?.firedAt).toBeLessThanOrEqual(span.start);
  });

  it('looks back as far as the rule does, however short the time is', async () => {
    const store = storeOf({ 'm{job="a"}': '6x200' });
    const span = { start: T0 + 80 * MINUTE, end: T0 + 95 * MINUTE };
    const { spells, warnings } = await testerOf(store).run(readOf({ for: '1h' }), span, NEVER);
    expect(spells.map(({ firedAt }) => firedAt !== null && firedAt <= span.start)).toEqual([true]);
    expect(warnings).toEqual([]);
    // Of what is too much, as much as may be looked at.
    const slots = slotsOf('key', 1000);
    const most = stretchOf(span, slots, { forMs: 30_000 * MINUTE, keepFiringForMs: 0 });
    expect([most.count, most.first + (most.count - 1) * 1000]).toEqual([50_000, slotAt(slots, span.end)]);
  });

  it('says since when there is anything to test a rule on', async () => {
    const start = T0 - 24 * 60 * MINUTE;
    const span = { start, end: T0 + 180 * MINUTE };
    const store = storeOf({ 'm{job="a"}': '_x10 0x400', 'late{job="a"}': '_x200 0x200' });
    const run = async (expr: string) => await testerOf(store).run(readOf({ expr }), span, NEVER);
    const late = await run('m > 5');
    expect(late.dataFrom).toBe(T0 + 5 * MINUTE);
    expect(late.warnings).toEqual([
      'Of what the expression reads nothing is stored before 2026-01-01T00:05:00.000Z: 2h55m of 1d3h were tested.',
    ]);
    expect((await run('late / on (job) m > 5')).dataFrom).toBe(T0 + 5 * MINUTE);
    expect((await run('rate(nothing[5m]) > 5')).warnings).toEqual([
      expect.stringMatching(/^Nothing that the expression reads is stored/),
    ]);
    expect(await run('vector(1)')).toMatchObject({ dataFrom: start, warnings: [] });
  });

  it('refuses what it cannot answer, and what nobody could look at', async () => {
    const store = storeOf({ 'm{job="a"}': '6x100' });
    const run = (written: Partial<WrittenRule>, hours: number) =>
      testerOf(store).run(readOf(written), { start: T0, end: T0 + hours * 60 * MINUTE }, NEVER);
    await expect(run({ expr: 'm @ end() > 5' }, 1)).rejects.toThrow(/looks at more than the time/);
    await expect(run({ interval: '1s' }, 24)).rejects.toThrow(/86401 of them, at most 50000/);
  });

  it('fails for the evaluations alone that would have failed', async () => {
    // Two series for one of n, between minutes 20 and 30.
    const store = storeOf({
      'm{job="a",i="1"}': '6x100',
      'm{job="a",i="2"}': '_x39 6x19',
      'n{job="a"}': '1x100',
    });
    const span = { start: T0, end: T0 + 50 * MINUTE };
    const { evaluations, spells } = await testerOf(store).run(
      readOf({ expr: 'm > on (job) n' }),
      span,
      NEVER,
    );
    expect(evaluations.failed.count).toBeGreaterThan(9);
    expect(evaluations.failed.first?.reason).toMatch(/many-to-one/);
    expect(spells).toMatchObject([{ endedAt: null }]);
    // What takes too much for a thousand at once is asked for in smaller pieces.
    const heavy = readOf({ expr: 'sum_over_time(m[10m]) > 1' });
    expect(
      (await testerOf(store, { limits: { maxSamples: 300 } }).run(heavy, span, NEVER)).evaluations.failed
        .count,
    ).toBe(0);
  });

  it('ends when who asked has left', async () => {
    const store = storeOf({ 'm{job="a"}': '6x100' });
    const left = AbortSignal.abort(new Error('left'));
    const span = { start: T0, end: T0 + 50 * MINUTE };
    await expect(testerOf(store).run(readOf({}), span, left)).rejects.toThrow();
  });
});
