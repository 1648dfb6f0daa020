import { describe, expect, it } from 'vitest';
import type { ColumnBlock, Engine } from '../engine/index.ts';
import { renderSql } from '../engine/sql.ts';
import type { Frame, Journal } from '../journal/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { HealthHistory, segmentsOf, uptimeOf } from './history.ts';
import type { ServiceTransition } from './monitor.ts';

const DAY_MS = 86_400_000;

const to = (
  at: number,
  from: ServiceTransition['from'],
  status: ServiceTransition['to'],
  tenant = 'default',
  service = 'order',
): ServiceTransition => ({ at, from, to: status, reason: 'x', causedBy: ['user'], tenant, service });

describe('segmentsOf', () => {
  it('covers the window without gaps', () => {
    const transitions = [
      to(10, 'unknown', 'healthy'),
      to(20, 'healthy', 'unhealthy'),
      to(30, 'unhealthy', 'healthy'),
    ];
    expect(segmentsOf(transitions, 0, 40)).toEqual([
      { from: 0, to: 10, status: 'unknown' },
      { from: 10, to: 20, status: 'healthy' },
      { from: 20, to: 30, status: 'unhealthy' },
      { from: 30, to: 40, status: 'healthy' },
    ]);
    expect(segmentsOf(transitions, 15, 25)).toEqual([
      { from: 15, to: 20, status: 'healthy' },
      { from: 20, to: 25, status: 'unhealthy' },
    ]);
    expect(segmentsOf([], 0, 5)).toEqual([{ from: 0, to: 5, status: 'unknown' }]);
    expect(uptimeOf(segmentsOf(transitions, 0, 40))).toBeCloseTo(20 / 30);
    expect(uptimeOf(segmentsOf([], 0, 5))).toBeNull();
  });
});

/** What the engine answers: the newest first. */
function rowsOf(transitions: readonly ServiceTransition[]): ColumnBlock {
  const rows = transitions.toReversed();
  const columns: Readonly<Record<string, readonly string[]>> = {
    service: rows.map((t) => t.service),
    from_status: rows.map((t) => t.from),
    to_status: rows.map((t) => t.to),
    reason: rows.map((t) => t.reason),
    caused_by: rows.map((t) => JSON.stringify(t.causedBy)),
  };
  const absent = (): never => {
    throw new Error('no such column');
  };
  return {
    rows: rows.length,
    names: [...Object.keys(columns), 'at'],
    strings: (name) => columns[name] ?? absent(),
    numbers: () => Float64Array.from(rows, (t) => t.at),
    column: absent,
    bigints: absent,
    array: absent,
    map: absent,
  };
}

describe('HealthHistory', () => {
  const engine: Pick<Engine, 'query'> = { query: () => Promise.reject(new Error('engine is down')) };

  it('answers recent windows without the engine, per tenant and service', async () => {
    const clock = new ManualClock(1_000_000_000);
    const history = new HealthHistory({
      engine,
      journal: { append: () => Promise.resolve(1), replay: () => Promise.resolve() },
      clock,
      log: silentLog,
    });
    await history.record(to(clock.now(), 'unknown', 'healthy'));
    await history.record(to(clock.now() + 1, 'healthy', 'unhealthy', 'other'));
    await history.record(to(clock.now() + 2, 'unknown', 'degraded', 'default', 'auth'));
    expect((await history.transitions('default', 0 + clock.now() - 1000)).map((t) => t.service)).toEqual([
      'order',
      'auth',
    ]);
    expect((await history.transitions('default', clock.now() - 1000, 'auth')).length).toBe(1);
    expect((await history.transitions('other', clock.now() - 1000)).map((t) => t.to)).toEqual(['unhealthy']);
    await expect(history.transitions('default', 0)).rejects.toThrow('engine is down');
  });

  it('tells the worst state of each service in a time, what it was in before among them', async () => {
    const clock = new ManualClock(1_000_000_000);
    const history = new HealthHistory({
      engine,
      journal: { append: () => Promise.resolve(1), replay: () => Promise.resolve() },
      clock,
      log: silentLog,
    });
    const now = clock.now();
    await history.record(to(now - 900, 'unknown', 'healthy'));
    await history.record(to(now - 800, 'unknown', 'degraded', 'default', 'auth'));
    await history.record(to(now - 700, 'unknown', 'unhealthy', 'other', 'user'));
    await history.record(to(now - 500, 'healthy', 'unhealthy'));
    await history.record(to(now - 400, 'unhealthy', 'degraded'));
    const worst = async (from: number, until: number) => [
      ...(await history.worst('default', now - from, now - until)),
    ];
    expect(await worst(600, 450)).toEqual([
      ['order', 'unhealthy'],
      ['auth', 'degraded'],
    ]);
    expect(await worst(860, 550)).toEqual([
      ['order', 'healthy'],
      ['auth', 'degraded'],
    ]);
    expect(await worst(300, 0)).toContainEqual(['order', 'degraded']);
    expect(await worst(990, 950)).toEqual([]);
  });

  it('keeps changes of explanations apart from changes of state', async () => {
    const clock = new ManualClock(1_000_000_000);
    const history = new HealthHistory({
      engine,
      journal: { append: () => Promise.resolve(1), replay: () => Promise.resolve() },
      clock,
      log: silentLog,
    });
    await history.record(to(clock.now() - 20, 'healthy', 'degraded'));
    await history.record(to(clock.now() - 10, 'degraded', 'degraded'));
    expect((await history.transitions('default', 0 + clock.now() - 1000)).length).toBe(1);
    expect((await history.explained('default', clock.now() - 1000)).length).toBe(2);
    expect(await history.segments('default', 'order', clock.now() - 20, clock.now())).toEqual([
      { from: clock.now() - 20, to: clock.now(), status: 'degraded' },
    ]);
  });

  it('shows in a long window also what is not in the engine yet, and nothing twice', async () => {
    const clock = new ManualClock(10 ** 12);
    const stored = [
      to(clock.now() - 20 * DAY_MS, 'unknown', 'healthy'),
      to(clock.now() - 60_000, 'healthy', 'unhealthy'),
    ];
    const history = new HealthHistory({
      engine: { query: () => Promise.resolve(rowsOf(stored)) },
      journal: { append: () => Promise.resolve(1), replay: () => Promise.resolve() },
      clock,
      log: silentLog,
    });
    await history.load('default');
    const unflushed = to(clock.now() - 1000, 'unhealthy', 'healthy');
    await history.record(unflushed);
    expect(await history.transitions('default', clock.now() - 30 * DAY_MS)).toEqual([...stored, unflushed]);
  });

  it('knows what state a service is in that has not changed for weeks, before and after a restart', async () => {
    const clock = new ManualClock(10 ** 12);
    const stored = [
      to(clock.now() - 40 * DAY_MS, 'unknown', 'healthy'),
      to(clock.now() - 1000, 'unknown', 'healthy', 'default', 'auth'),
    ];
    const asked: string[] = [];
    const history = new HealthHistory({
      // Which of the two questions it is tells the rows.
      engine: {
        query: (statement) => {
          asked.push(renderSql(statement, 'default'));
          const [standing, told] = stored;
          if (asked.at(-1)?.includes('LIMIT 1 BY service') === true)
            return Promise.resolve(rowsOf([standing]));
          return Promise.resolve(rowsOf(asked.at(-1)?.includes("service = 'order'") === true ? [] : [told]));
        },
      },
      journal: { append: () => Promise.resolve(1), replay: () => Promise.resolve() },
      clock,
      log: silentLog,
    });
    expect(await history.load('default')).toEqual(stored);
    const now = clock.now();
    for (const from of [now - DAY_MS, now - 30 * DAY_MS])
      expect(await history.segments('default', 'order', from, now)).toEqual([
        { from, to: now, status: 'healthy' },
      ]);
    expect(await history.transitions('default', now - DAY_MS, 'order')).toEqual([]);
    expect(await history.reaching('default', now - DAY_MS)).toEqual(stored);
  });

  it('reads of one service what is its own, however many others there are', async () => {
    const clock = new ManualClock(10 ** 12);
    const history = new HealthHistory({
      engine,
      journal: { append: () => Promise.resolve(1), replay: () => Promise.resolve() },
      clock,
      log: silentLog,
    });
    let reads = 0;
    const now = clock.now();
    for (let i = 0; i < 2000; i++)
      await history.record({
        ...to(now, 'healthy', 'unhealthy', 'default', `service-${i % 100}`),
        get at() {
          reads++;
          return now - 2000 + i;
        },
      });
    reads = 0;
    for (let i = 0; i < 100; i++)
      expect(await history.segments('default', `service-${i}`, now - 10_000, now)).toHaveLength(21);
    expect(reads).toBeLessThan(20_000);
  });

  it('forgets old changes and never the state that a service is in', async () => {
    const clock = new ManualClock(10 ** 12);
    const history = new HealthHistory({
      engine,
      journal: { append: () => Promise.resolve(1), replay: () => Promise.resolve() },
      clock,
      log: silentLog,
    });
    const now = clock.now();
    await history.record(to(now - 100_000, 'unknown', 'healthy', 'default', 'calm'));
    for (let i = 0; i < 20_000; i++)
      await history.record(
        i % 2 === 0
          ? to(now - 50_000 + i, 'healthy', 'unhealthy')
          : to(now - 50_000 + i, 'unhealthy', 'healthy'),
      );
    expect((await history.transitions('default', now - 200_000)).length).toBe(20_000);
    expect(await history.segments('default', 'calm', now - 1000, now)).toMatchObject([{ status: 'healthy' }]);
  });

  it('stays in the order of time when the wall clock was set back', async () => {
    const clock = new ManualClock(1_000_000_000);
    const append = () => Promise.resolve(1);
    const history = new HealthHistory({
      engine,
      clock,
      log: silentLog,
      journal: { append, replay: () => Promise.resolve() },
    });
    const now = clock.now();
    await history.record(to(now + 86_400_000, 'unknown', 'healthy'));
    await history.record(to(now - 2000, 'healthy', 'unhealthy'));
    await history.record(to(now - 1000, 'unhealthy', 'healthy'));
    expect((await history.segments('default', 'order', now - 3000, now)).map((s) => s.status)).toEqual([
      'healthy',
      'unhealthy',
      'healthy',
    ]);
  });

  it('keeps what the journal refused and saves it a little later', async () => {
    let broken = true;
    const saved: number[] = [];
    const clock = new ManualClock(1_000_000_000);
    const history = new HealthHistory({
      engine,
      clock,
      log: silentLog,
      journal: {
        replay: () => Promise.resolve(),
        append: (frames) =>
          broken ? Promise.reject(new Error('disk full')) : Promise.resolve(saved.push(frames.length)),
      },
    });
    await history.record(to(1, 'unknown', 'healthy'));
    await history.record(to(2, 'healthy', 'degraded'));
    expect(saved).toEqual([]);
    broken = false;
    await clock.advance(5000);
    expect(saved).toEqual([2]);
    await history.record(to(3, 'degraded', 'healthy'));
    expect(saved).toEqual([2, 1]);
  });

  it('finds what only the journal has after a restart, though the engine is away', async () => {
    const clock = new ManualClock(1_000_000_000);
    const frames: Frame[] = [];
    const journal: Pick<Journal, 'append' | 'replay'> = {
      append: (batch) => Promise.resolve(frames.push(...batch)),
      replay: (consume) => Promise.resolve(frames.forEach((frame, at) => consume(frame, at))),
    };
    const options = { engine, journal, clock, log: silentLog };
    const before = new HealthHistory(options);
    const first = to(clock.now() - 5000, 'unknown', 'healthy');
    const second = { ...to(clock.now() - 4000, 'healthy', 'unhealthy'), reason: 'größer als __proto__' };
    await before.record(first);
    await before.record(second);
    await before.record(to(clock.now() - 3000, 'unknown', 'healthy', 'other'));
    expect(await new HealthHistory(options).load('default')).toEqual([first, second]);
  });
});
