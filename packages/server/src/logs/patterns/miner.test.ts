import { describe, expect, it } from 'vitest';
import { MINUTE_MS, type PatternChange, type PatternKey, PatternMiner } from './miner.ts';

const KEY: PatternKey = { tenant: 'a', service: 'cart', level: 'info' };
const T = 1_700_000_040_000 - (1_700_000_040_000 % MINUTE_MS);

function setup() {
  const told: PatternChange[] = [];
  const miner = new PatternMiner({ perService: 50, services: 2 }, (change) => told.unshift(change));
  let now = T;
  /** Minutes in which each of the messages comes once. */
  const pass = (minutes: number, ...messages: string[]): void => {
    for (let i = 0; i < minutes; i++) {
      for (const message of messages) miner.learn(KEY, message, now, now);
      now += MINUTE_MS;
      miner.tick(now);
    }
  };
  const changes = () => told.map(({ kind, pattern, at }) => [kind, pattern, (at - T) / MINUTE_MS]);
  return { miner, pass, changes };
}

describe('the miner', () => {
  it('counts by minute, once for what is taken', () => {
    const { miner } = setup();
    miner.learn(KEY, 'order 1 done', T, T);
    miner.learn(KEY, 'order 2 done', T + 59_999, T, 3);
    miner.learn(KEY, 'order 3 done', T + MINUTE_MS, T);
    const [found] = [...miner.patterns('a')];
    expect([found?.pattern, [...(found?.minutes ?? [])]]).toEqual([
      'order <_> done',
      [
        [T, 4],
        [T + MINUTE_MS, 1],
      ],
    ]);
    expect(miner.takeDeltas().map(({ minute, count }) => [minute - T, count])).toEqual([
      [0, 4],
      [MINUTE_MS, 1],
    ]);
    expect(miner.takeDeltas()).toEqual([]);
    expect([...miner.patterns('b')]).toEqual([]);
  });

  it('tells what is new once a service is known', () => {
    const { pass, changes } = setup();
    pass(9, 'order 1 done');
    pass(2, 'order 2 done', 'cannot reach the database');
    expect(changes()).toEqual([]);
    pass(1, 'out of memory');
    expect(changes()).toEqual([['new', 'out of memory', 11]]);
  });

  it('tells a new pattern as it reads now', () => {
    const { pass, changes } = setup();
    pass(11, 'order 1 done');
    pass(1, 'cannot reach alpha now');
    pass(1, 'cannot reach beta now');
    expect(changes()).toEqual([['new', 'cannot reach <_> now', 11]]);
  });

  it('tells what is missing while its service goes on, and when it is back', () => {
    const { pass, changes } = setup();
    pass(25, 'heartbeat sent', 'order 1 done');
    pass(8, 'order 1 done');
    expect(changes()).toEqual([]);
    pass(6, 'order 1 done');
    expect(changes()).toEqual([['vanished', 'heartbeat sent', 34]]);
    pass(1, 'heartbeat sent');
    expect(changes()[0]).toEqual(['returned', 'heartbeat sent', 39]);
  });

  it('says nothing of a service that is silent as a whole', () => {
    const { pass, changes } = setup();
    pass(25, 'heartbeat sent');
    pass(20);
    expect(changes()).toEqual([]);
  });

  it('knows what an earlier process knew', () => {
    const { miner, pass, changes } = setup();
    miner.restore(KEY, 'cannot reach <_>', T - 60 * MINUTE_MS, T - 30 * MINUTE_MS);
    pass(1, 'cannot reach db7');
    expect(changes()).toEqual([]);
    pass(1, 'out of memory');
    expect(changes()).toEqual([['new', 'out of memory', 1]]);
  });

  it('lets the service go that is idle the longest, once nothing of it is in memory alone', () => {
    const { miner } = setup();
    const hour = 60 * MINUTE_MS;
    const learn = (service: string, at: number): boolean =>
      miner.learn({ ...KEY, service }, 'message', at, at);
    const services = (): string[] => [...miner.patterns('a')].map(({ service }) => service);
    expect([learn('x', T), learn('y', T + MINUTE_MS), learn('z', T + 2 * MINUTE_MS)]).toEqual([
      true,
      true,
      false,
    ]);
    // Its counts are not stored yet.
    expect(learn('z', T + hour)).toBe(false);
    miner.takeDeltas();
    expect(learn('z', T + hour - 1)).toBe(false);
    expect(learn('z', T + hour)).toBe(true);
    expect([services(), miner.forgotten]).toEqual([['y', 'z'], 1]);
    expect(learn('x', T + hour)).toBe(false);
    expect([miner.isPartial(T + hour + 1), miner.isPartial(T + 2 * hour)]).toEqual([true, false]);
    miner.takeDeltas();
    expect(learn('x', T + hour + MINUTE_MS)).toBe(true);
    expect([services(), miner.forgotten]).toEqual([['z', 'x'], 2]);
  });

  it('is bounded', () => {
    const { miner } = setup();
    for (const service of ['x', 'y']) expect(miner.learn({ ...KEY, service }, 'm', T, T)).toBe(true);
    expect(miner.learn({ ...KEY, service: 'z' }, 'm', T, T)).toBe(false);
    expect(miner.isPartial(T)).toBe(true);
    for (let i = 0; i < 5000; i++) {
      miner.learn({ ...KEY, service: 'x' }, `${'w'.repeat(i % 59)}q${' a'.repeat(i % 70)}`, T + i, T);
      if (i % 500 === 0) miner.takeDeltas();
    }
    miner.takeDeltas();
    miner.tick(T);
    expect(miner.templates).toBeLessThanOrEqual(51);
    for (let i = 0; i < 5000; i++)
      miner.learn({ ...KEY, service: 'x' }, 'm', T + i * MINUTE_MS, T + i * MINUTE_MS);
    miner.takeDeltas();
    miner.tick(T + 5000 * MINUTE_MS);
    expect([...miner.patterns('a')].reduce((sum, { minutes }) => sum + minutes.size, 0)).toBeLessThan(70);
  });
});
