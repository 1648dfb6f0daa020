import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isObject } from './event.ts';
import { BaselineBuffer } from './history/baseline.ts';
import { Histories } from './history/histories.ts';
import { RuleSet } from './rule-set.ts';
import { DEFAULTS, eventOf } from './testing/setup.ts';
import { userRule } from './user-rules/user-rule.ts';

const rule = userRule.parse({
  name: 'slow-checkout',
  when: 'data.latency > 500 and source == "checkout"',
  decision: 'HALT',
  field: 'data.latency',
  message: 'checkout took {data.latency} ms of {data.budget}',
  suggestion: 'look at the cart',
});

it('a rule of a user says what it was told to say', () => {
  const set = new RuleSet(DEFAULTS, [rule]);
  const slow = eventOf({ latency: 700 }, { source: 'checkout' });
  expect(set.judge(slow, new BaselineBuffer())).toMatchObject({
    status: 'WARNING',
    score: 0.75,
    decision: 'HALT',
    findings: [
      {
        rule: 'slow-checkout',
        field: 'data.latency',
        value: 700,
        message: 'checkout took 700 ms of null',
        suggestion: 'look at the cart',
      },
    ],
  });
  expect(set.judge(eventOf({ latency: 700 }), new BaselineBuffer()).status).toBe('NORMAL');
});

it('only the sources and types of a rule are judged by it, and none when it is switched off', () => {
  const event = eventOf({ latency: 700 }, { source: 'checkout', eventType: 'order' });
  const status = (more: object) =>
    new RuleSet(DEFAULTS, [{ ...rule, ...more }]).judge(event, new BaselineBuffer()).status;
  expect([status({}), status({ sources: ['checkout'] }), status({ event_types: ['order'] })]).toEqual([
    'WARNING',
    'WARNING',
    'WARNING',
  ]);
  expect([status({ sources: ['cart'] }), status({ event_types: ['x'] }), status({ enabled: false })]).toEqual(
    ['NORMAL', 'NORMAL', 'NORMAL'],
  );
});

it('the version is that of what judges', () => {
  const version = (...rules: (typeof rule)[]) => new RuleSet(DEFAULTS, rules).version;
  const other = { ...rule, name: 'other' };
  expect(version(rule, other)).toBe(version(other, rule));
  expect(version({ ...rule, enabled: false })).toBe(version());
  expect(new Set([version(), version(rule), version({ ...rule, weight: 'critical' })]).size).toBe(3);
});

const fields = fc.constantFrom(
  'latency',
  'output',
  'status',
  'status_code',
  'error',
  'cpu_usage',
  'amount',
  'x',
  '__proto__',
);
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('success', 'error', 200, 500, 95, null, true),
);
const events = fc.array(fc.array(fc.tuple(fields, values), { maxLength: 6 }), {
  minLength: 1,
  maxLength: 40,
});

it('the same event, rules and stored baseline give the same verdict', () => {
  fc.assert(
    fc.property(events, (all) => {
      const lesson = new Histories(5).lesson('default');
      const set = new RuleSet({ ...DEFAULTS, anomaly: { zScore: 1, strong: 2, minEvents: 5 } }, [rule]);
      const again = new RuleSet({ ...DEFAULTS, anomaly: { zScore: 1, strong: 2, minEvents: 5 } }, [rule]);
      const baseline = new BaselineBuffer();
      for (const entries of all) {
        const data: unknown = JSON.parse(JSON.stringify(Object.fromEntries(entries)));
        if (!isObject(data)) continue;
        lesson.observe(eventOf(data), 0, baseline);
        const verdict = set.judge(eventOf(data), baseline);
        // As it is stored and read back.
        const stored: unknown = JSON.parse(JSON.stringify(data));
        const kept = Object.assign(new BaselineBuffer(), baseline);
        if (isObject(stored)) expect(again.judge(eventOf(stored), kept)).toEqual(verdict);
        expect(verdict.score).toBeGreaterThanOrEqual(0);
        expect(verdict.score).toBeLessThanOrEqual(1);
      }
    }),
  );
});

it('a history resumed from what events carry goes on as the one that was never left', () => {
  const amounts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(amounts, (all) => {
      const whole = new Histories(5).lesson('t');
      const baseline = new BaselineBuffer();
      for (const amount of all.slice(0, -1)) whole.observe(eventOf({ amount }), 0, baseline);
      const resumed = new Histories(5);
      const figure = {
        name: 'amount',
        value: baseline.values[0],
        count: baseline.counts[0],
        mean: baseline.means[0],
        variance: baseline.variances[0],
        fast: baseline.fasts[0],
      };
      resumed.resume({ tenant: 't', source: 'api', eventType: 'request' }, figure, 0);
      const last = { amount: all.at(-1) ?? 0 };
      const [a, b] = [new BaselineBuffer(), new BaselineBuffer()];
      whole.observe(eventOf(last), 0, a);
      resumed.lesson('t').observe(eventOf(last), 0, b);
      expect([b.counts, b.means, b.variances, b.fasts]).toEqual([a.counts, a.means, a.variances, a.fasts]);
    }),
  );
});
