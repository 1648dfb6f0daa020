import { Labels, parseExpr } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { MemorySink } from '../../metrics/testing/memory_sink.ts';
import type { AlertingRule, RuleGroup } from './definition.ts';
import { GroupRun, type GroupRunDeps } from './group-run.ts';
import type { RuleQuery } from './rule-query.ts';
import { slotAt, slotsOf } from './schedule.ts';
import type { RuleSample } from './state/evaluate.ts';
import { freshGroup } from './state/rule-state.ts';

const INTERVAL = 60_000;
const RULE: AlertingRule = {
  kind: 'alerting',
  name: 'Down',
  query: 'up == 0',
  parsed: { language: 'promql', expr: parseExpr('up == 0') },
  labels: new Map(),
  forMs: 300_000,
  keepFiringForMs: 0,
  annotations: new Map(),
  labelTemplates: new Map(),
  annotationTemplates: new Map(),
};
const GROUP: RuleGroup = {
  file: 'r.yml',
  name: 'g',
  language: 'promql',
  intervalMs: undefined,
  queryOffsetMs: undefined,
  limit: 0,
  rules: [RULE],
};
const DOWN: readonly RuleSample[] = [{ labels: Labels.fromRecord({ job: 'a' }), value: 0 }];

/** A running group whose queries are answered by hand, or at once. */
function start(options: { readonly byHand?: boolean } = {}) {
  const clock = new ManualClock();
  const sink = new MemorySink();
  const asked: number[] = [];
  const waiting: (() => void)[] = [];
  const events: string[] = [];
  const query: RuleQuery = async (_query, time, signal) => {
    asked.push(time);
    if (options.byHand === true)
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      });
    return DOWN;
  };
  const deps: GroupRunDeps = {
    clock,
    queries: { promql: query, logql: query },
    store: { appender: () => sink.appender({ tenant: 'default' }) },
    telemetry: {
      evaluated: () => {},
      failed: () => void events.push('failed'),
      iterated: (_group, _seconds, samples) => void events.push(`iterated ${samples}`),
      missed: (_group, count) => void events.push(`missed ${count}`),
      lag: () => {},
      rejected: () => {},
      sent: () => {},
      forget: () => {},
    },
    monotonic: () => clock.monotonic(),
    breathe: () => Promise.resolve(),
    pause: () => Promise.resolve(),
    parse: () => undefined,
    externalUrl: () => '',
    externalLabels: () => new Map(),
    send: () => {},
    failed: (_rule, reason) => void events.push(`failed: ${reason}`),
    resendMs: 60_000,
    restore: (state) => {
      events.push('restored');
      for (const rule of state.rules) rule.restored = true;
      return Promise.resolve();
    },
    jumped: (_group, byMs) => void events.push(`jumped ${byMs}`),
    broke: (_group, error) => void events.push(`broke: ${String(error)}`),
  };
  const run = new GroupRun(deps, GROUP, freshGroup(GROUP.rules, false), {
    intervalMs: INTERVAL,
    offsetMs: 0,
  });
  run.start();
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    clock,
    run,
    sink,
    asked,
    events,
    pass: async (ms: number) => {
      await clock.advance(ms);
      await settle();
    },
    answer: async () => {
      waiting.shift()?.();
      await settle();
    },
    alert: () => [...(run.state.rules[0]?.alerts.values() ?? [])][0],
  };
}

const slotsFrom = (now: number, count: number): number[] => {
  const first = slotAt(slotsOf('r.yml;g', INTERVAL), now) + INTERVAL;
  return Array.from({ length: count }, (_, i) => first + i * INTERVAL);
};

describe('GroupRun', () => {
  it('evaluates at its own times, and takes over what was written after the second', async () => {
    const { clock, run, asked, events, pass } = start();
    const expected = slotsFrom(clock.now(), 3);
    for (let i = 0; i < 3; i++) await pass(INTERVAL);
    expect(asked).toEqual(expected);
    // Nothing is written before the state was taken over: then ALERTS and ALERTS_FOR_STATE.
    expect(events).toEqual(['iterated 0', 'iterated 0', 'restored', 'iterated 2']);
    await run.stop();
  });

  it('does not begin an evaluation before the one before it is over; those between are missed', async () => {
    const { clock, run, asked, events, pass, answer } = start({ byHand: true });
    const [first = 0, , third = 0] = slotsFrom(clock.now(), 3);
    await pass(INTERVAL);
    await pass(2.5 * INTERVAL);
    expect([asked, events]).toEqual([[first], []]);
    await answer();
    expect(events).toEqual(['iterated 0']);
    await pass(1);
    expect(asked).toEqual([first, slotAt(slotsOf('r.yml;g', INTERVAL), clock.now())]);
    expect(asked[1]).toBeGreaterThanOrEqual(third);
    expect(events[1]).toMatch(/^missed [12]$/);
    await run.stop();
  });

  it('stops in the middle of an evaluation, and is silent from then on', async () => {
    const { run, asked, events, pass } = start({ byHand: true });
    await pass(INTERVAL);
    await run.stop();
    await pass(10 * INTERVAL);
    expect(asked).toHaveLength(1);
    expect(events).toEqual(['iterated 0']);
  });

  it.each([3_600_000, -3_600_000])(
    'keeps how long things have lasted when the clock jumps by %i ms',
    async (jump) => {
      const { clock, run, events, pass, alert } = start();
      await pass(INTERVAL);
      await pass(INTERVAL);
      const before = alert()?.activeAt ?? 0;
      clock.jump(jump);
      await pass(INTERVAL);
      expect([alert()?.state, alert()?.activeAt]).toEqual(['pending', before + jump]);
      expect(events).toContain(`jumped ${jump}`);
      expect(events.filter((event) => event.startsWith('missed'))).toEqual([]);
      for (let i = 0; i < 4; i++) await pass(INTERVAL);
      expect(alert()?.state).toBe('firing');
      await run.stop();
    },
  );
});
