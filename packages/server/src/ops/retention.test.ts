import { describe, expect, it } from 'vitest';
import { healthTransitions } from '../health/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { firstKeptDay, Retention } from './retention.ts';

const DAY = 86_400_000;

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
      usage: () => Promise.resolve([]),
      detachedParts: () => Promise.resolve(0),
    };
    const keep = { metrics: DAY, logs: DAY, traces: DAY, events: DAY, state: 10 * DAY };
    const retention = new Retention({ engine, tables: [healthTransitions], keep, clock, log: silentLog });
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
      usage: () => Promise.resolve([]),
      detachedParts: () => Promise.resolve(0),
    };
    const keep = { metrics: DAY, logs: DAY, traces: DAY, events: DAY, state: 10 * DAY };
    const retention = new Retention({ engine, tables: [healthTransitions], keep, clock, log: silentLog });
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
});
