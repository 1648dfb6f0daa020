import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthTransitions } from '../health/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { firstDayWithin, firstKeptDay, Retention } from './retention.ts';

const DAY = 86_400_000;

const rest = (clock: ManualClock) => ({ clock, budgets: {}, telemetry: createTelemetry(), log: silentLog });

describe('the day a budget begins at', () => {
  const usage = (rows: readonly (readonly [table: string, day: number, bytes: number])[]) =>
    rows.map(([table, day, bytes]) => ({ table, day, bytes, rows: 1 }));

  it('drops as many of the oldest days of all tables as it must', () => {
    const stored = usage([
      ['samples', 3, 50],
      ['series', 3, 5],
      ['samples', 1, 40],
      ['samples', 2, 30],
      ['series', 1, 4],
    ]);
    expect(firstDayWithin(stored, 129, 3)).toEqual({ day: Number.NEGATIVE_INFINITY, bytesLeft: 129 });
    expect(firstDayWithin(stored, 128, 3)).toEqual({ day: 2, bytesLeft: 85 });
    expect(firstDayWithin(stored, 84, 3)).toEqual({ day: 3, bytesLeft: 55 });
  });

  it('leaves the newest day, whatever the budget and the clock say', () => {
    const stored = usage([
      ['samples', 1, 40],
      ['samples', 2, 30],
      ['samples', 9, 20],
    ]);
    expect(firstDayWithin(stored, 0, 2)).toEqual({ day: 2, bytesLeft: 50 });
    expect(firstDayWithin(stored, 0, 99)).toEqual({ day: 3, bytesLeft: 20 });
    expect(firstDayWithin([], 0, 5)).toEqual({ day: Number.NEGATIVE_INFINITY, bytesLeft: 0 });
  });

  it('never leaves more than the budget but for the newest day', () => {
    const row = fc.tuple(fc.constantFrom('a', 'b'), fc.nat(20), fc.nat(100));
    fc.assert(
      fc.property(fc.array(row), fc.nat(500), fc.nat(25), (rows, budget, today) => {
        const stored = usage(rows);
        const { day, bytesLeft } = firstDayWithin(stored, budget, today);
        const kept = stored.filter((partition) => partition.day >= day);
        expect(bytesLeft).toBe(kept.reduce((sum, { bytes }) => sum + bytes, 0));
        const newest = Math.max(...rows.map(([, at]) => at).filter((at) => at <= today));
        if (bytesLeft > budget)
          expect(day <= newest + 1 && kept.every((one) => one.day >= newest)).toBe(true);
      }),
    );
  });
});

describe('Retention', () => {
  it('keeps a day as long as any moment of it is young enough', () => {
    expect(firstKeptDay(100 * DAY, 15 * DAY)).toBe(85);
    expect(firstKeptDay(100 * DAY + DAY - 1, 15 * DAY)).toBe(85);
    expect(firstKeptDay(101 * DAY, 15 * DAY)).toBe(86);
  });

  it('sweeps hourly, per signal, and survives a failing engine', async () => {
    const clock = new ManualClock(100 * DAY);
    const calls: [string, number][] = [];
    const engine = {
      dropPartitions: (spec: { name: string }, day: number) => {
        calls.push([spec.name, day]);
        return calls.length === 1 ? Promise.reject(new Error('down')) : Promise.resolve([]);
      },
      usage: () => Promise.resolve([{ table: 'health_transitions', day: 80, rows: 1, bytes: 1 }]),
      detachedParts: () => Promise.resolve(0),
    };
    const keep = {
      metrics: DAY,
      metrics_5m: DAY,
      metrics_1h: DAY,
      logs: DAY,
      traces: DAY,
      events: DAY,
      state: 10 * DAY,
    };
    const retention = new Retention({ engine, tables: [healthTransitions], keep, ...rest(clock) });
    retention.start();
    await clock.advance(3_600_000);
    retention.stop();
    expect(calls).toEqual([
      ['health_transitions', 90],
      ['health_transitions', 90],
    ]);
  });

  it('drops nothing by a clock that has just jumped', async () => {
    const clock = new ManualClock(100 * DAY);
    const days: number[] = [];
    const engine = {
      dropPartitions: (_spec: unknown, day: number) => Promise.resolve(void days.push(day)).then(() => []),
      usage: () => Promise.resolve([{ table: 'health_transitions', day: 80, rows: 1, bytes: 1 }]),
      detachedParts: () => Promise.resolve(0),
    };
    const keep = {
      metrics: DAY,
      metrics_5m: DAY,
      metrics_1h: DAY,
      logs: DAY,
      traces: DAY,
      events: DAY,
      state: 10 * DAY,
    };
    const retention = new Retention({ engine, tables: [healthTransitions], keep, ...rest(clock) });
    retention.start();
    clock.jump(365 * DAY);
    await clock.advance(60_000);
    clock.jump(-365 * DAY);
    await clock.advance(3_600_000);
    expect(days).toEqual([]);
    await clock.advance(3_600_000);
    retention.stop();
    expect(days).toEqual([90]);
  });

  it('drops by bytes after it dropped by time, each signal by its own budget', async () => {
    const clock = new ManualClock(100 * DAY);
    const telemetry = createTelemetry();
    const days: (readonly [string, number])[] = [];
    let stored = [80, 97, 98, 99, 100];
    const engine = {
      dropPartitions: (spec: { name: string }, before: number) => {
        days.push([spec.name, before]);
        const old = stored.filter((day) => day < before);
        stored = stored.filter((day) => day >= before);
        return Promise.resolve(old);
      },
      usage: () =>
        Promise.resolve(stored.map((day) => ({ table: 'health_transitions', day, rows: 1, bytes: 10 }))),
      detachedParts: () => Promise.resolve(0),
    };
    const keep = {
      metrics: DAY,
      metrics_5m: DAY,
      metrics_1h: DAY,
      logs: DAY,
      traces: DAY,
      events: DAY,
      state: 10 * DAY,
    };
    const budgets = { state: 25, events: 25, metrics: 1 };
    const tables = [healthTransitions];
    const retention = new Retention({ engine, tables, keep, ...rest(clock), telemetry, budgets });
    await retention.sweep();
    expect(days).toEqual([
      ['health_transitions', 90],
      ['health_transitions', 99],
    ]);
    const text = await telemetry.expose();
    expect(text).toContain(`partitions_dropped_total{signal="${healthTransitions.signal}",reason="bytes"} 2`);
    expect(text).toContain(`stored_bytes{signal="${healthTransitions.signal}"} 20`);
  });

  it('looks once at what is there, and touches no table without old days', async () => {
    const clock = new ManualClock(100 * DAY);
    let looks = 0;
    const dropped: string[] = [];
    const engine = {
      dropPartitions: (spec: { name: string }) =>
        Promise.resolve(void dropped.push(spec.name)).then(() => []),
      usage: () => {
        looks++;
        return Promise.resolve([{ table: 'health_transitions', day: 90, rows: 1, bytes: 1 }]);
      },
    };
    const keep = {
      metrics: DAY,
      metrics_5m: DAY,
      metrics_1h: DAY,
      logs: DAY,
      traces: DAY,
      events: DAY,
      state: 10 * DAY,
    };
    const tables = [healthTransitions, { ...healthTransitions, name: 'other' }];
    const retention = new Retention({ engine, tables, keep, ...rest(clock) });
    await retention.sweep();
    expect([looks, dropped]).toEqual([1, []]);
    await retention.sweep();
    expect([looks, dropped]).toEqual([2, []]);
    await clock.advance(DAY);
    await retention.sweep();
    expect(dropped).toEqual(['health_transitions']);
  });

  it('asks before it drops, waits a week at most, and lets what names rows go after the rows', async () => {
    const clock = new ManualClock(100 * DAY);
    const calls: string[] = [];
    let held = 0;
    const old = new Set<string>();
    const engine = {
      dropPartitions: (spec: { name: string }, day: number) => {
        old.delete(spec.name);
        return Promise.resolve(void calls.push(`drop ${spec.name} ${day}`)).then(() => [70]);
      },
      usage: () =>
        Promise.resolve([
          ...[91, 93].map((day) => ({
            table: 'health_transitions',
            day: day + held - 80,
            rows: 1,
            bytes: 1,
          })),
          ...[...old].map((table) => ({ table, day: 70, rows: 1, bytes: 1 })),
        ]),
    };
    const guard = {
      firstHeld: () => held,
      dropping: (table: string, day: number) =>
        table === 'names'
          ? Promise.reject(new Error('cannot write'))
          : Promise.resolve(void calls.push(`tell ${table} ${day}`)),
    };
    const names = { ...healthTransitions, name: 'names', follows: ['health_transitions'] };
    const keep = {
      metrics: DAY,
      metrics_5m: DAY,
      metrics_1h: DAY,
      logs: DAY,
      traces: DAY,
      events: DAY,
      state: 5 * DAY,
    };
    const tables = [healthTransitions, { ...names, name: 'labels' }, names];
    const retention = new Retention({ engine, tables, keep, guard, ...rest(clock) });
    for (const until of [80, 92, Number.POSITIVE_INFINITY]) {
      held = until;
      for (const { name } of tables) old.add(name);
      await retention.sweep();
    }
    expect(calls.filter((call) => call.includes('health'))).toEqual(
      [88, 92, 95].flatMap((day) => [`tell health_transitions ${day}`, `drop health_transitions ${day}`]),
    );
    expect(calls.filter((call) => call.includes('labels')).slice(0, 4)).toEqual(
      [91, 103].flatMap((day) => [`tell labels ${day}`, `drop labels ${day}`]),
    );
    expect(calls.join()).not.toContain('names');
  });
});
