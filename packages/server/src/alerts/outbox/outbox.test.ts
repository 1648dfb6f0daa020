import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateEntry, StateKind, StateWrite } from '../../journal/index.ts';
import { seededRandom } from '../../kernel/random.ts';
import { type AlertmanagerConfig, loadAlertmanagerConfig } from '../config/load.ts';
import type { Decision } from '../decisions/decision.ts';
import { labelSet } from '../labels/label-set.ts';
import type { DeliveryParcel, World } from '../pipeline/parcel.ts';
import { arrive, flush } from '../pipeline/pipeline.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import { routeTree } from '../routes/tree.ts';
import {
  advanceItem,
  backoffMs,
  type OutboxInput,
  type OutboxItem,
  type OutboxStep,
  planned,
} from './item.ts';
import { nextInLane } from './lanes.ts';
import { planOf } from './plan.ts';
import { expiredLogWrites, itemWrites, type StateReader, storedItems, storedLogEntry } from './stored.ts';

const NOW = 1_000_000_000;
const HALF = () => 0.5;

function configOf(text: string): AlertmanagerConfig {
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const config = configOf(`
route: { receiver: team, group_by: [alertname] }
receivers:
  - name: team
    webhook_configs: [{ url: 'http://127.0.0.1:1/' }]
`);
const root = routeTree(config.route);
const receiver = config.receivers[0]!;

const alert: Alert = alertOf({
  labels: labelSet([
    ['alertname', 'Down'],
    ['instance', 'a'],
  ]),
  annotations: labelSet([['summary', 'it is down']]),
  startsAt: NOW - 60_000,
  endsAt: NOW + 600_000,
  updatedAt: NOW,
  isTimeout: false,
  generatorUrl: 'http://p/graph',
});

function parcels(now: number, lastNotice: World['lastNotice'] = () => undefined): readonly DeliveryParcel[] {
  const world: World = {
    inhibiting: () => [],
    silencing: () => ({ active: [], pending: [] }),
    intervals: config.intervals,
    lastNotice,
  };
  const [group] = arrive(alert, root, now).groups;
  return flush({ group: group!, at: now, alerts: [{ ...alert, isResolved: false }] }, receiver, world)
    .deliveries;
}

const plan = (
  more: Partial<{ id: string; timeoutMs: number; now: number; replaces: OutboxItem | null }> = {},
) => planned(parcels(NOW)[0]!, { id: 'd1', timeoutMs: 300_000, now: NOW, replaces: null, ...more });
const fresh = (): OutboxItem => plan().item!;
const outcomes = (decisions: readonly Decision[]) => decisions.map(({ outcome }) => outcome);
const REFUSED = {
  kind: 'refused' as const,
  reason: 'it answered 503',
  isRetryable: true,
  isUncertain: false,
  retryAfterMs: null,
} as OutboxInput & { kind: 'refused' };

describe('planned', () => {
  it('waits for its turn, and says why', () => {
    const step = plan();
    expect(step.item).toMatchObject({
      id: 'd1',
      group: '{}:{alertname="Down"}',
      receiver: 'team',
      integration: 'webhook[0]',
      firing: [alert.fingerprint],
      resolved: [],
      reason: 'first',
      deadline: NOW + 300_000,
      attempts: 0,
      phase: { kind: 'waiting', notBefore: NOW },
      mayBeDuplicate: false,
    });
    expect([outcomes(step.decisions), step.effects, step.log]).toEqual([['queued'], [], null]);
    expect(step.decisions).toMatchObject([{ fingerprint: alert.fingerprint, title: 'Down of a' }]);
  });

  it('only logs where nobody is to be told', () => {
    const step = planned(
      { ...parcels(NOW)[0]!, alerts: [], firing: [], resolved: ['f'] },
      {
        id: 'd1',
        timeoutMs: 1,
        now: NOW,
        replaces: null,
      },
    );
    expect(step).toEqual({
      item: null,
      log: {
        group: '{}:{alertname="Down"}',
        receiver: 'team',
        integration: 'webhook[0]',
        firing: [],
        resolved: ['f'],
        at: NOW,
        expiresAt: NOW + 28_800_000,
      },
      decisions: [],
      effects: [{ kind: 'settled', id: 'd1', ok: true }],
    });
  });

  it('keeps the id of what may have been told already', () => {
    const before: OutboxItem = { ...fresh(), id: 'old', mayBeDuplicate: true };
    expect(plan({ replaces: before }).item).toMatchObject({ id: 'old', mayBeDuplicate: true });
    const other = plan({ replaces: { ...before, firing: ['x'] } });
    expect(other.item).toMatchObject({ id: 'd1', mayBeDuplicate: true });
    expect([outcomes(other.decisions), other.effects]).toEqual([
      ['superseded', 'queued'],
      [{ kind: 'settled', id: 'old', ok: false }],
    ]);
  });
});

describe('advanceItem', () => {
  const step = (item: OutboxItem, input: OutboxInput, now = NOW) => advanceItem(item, input, now, HALF);
  const sending = (): OutboxItem => step(fresh(), { kind: 'turn' }).item!;

  it('leaves out whom earlier attempts settled, and is content with these in the end', () => {
    const first = step(sending(), { ...REFUSED, done: ['a'] }).item!;
    expect(first).toMatchObject({ phase: { kind: 'waiting' }, done: ['a'] });
    expect(plan({ replaces: first }).item?.done).toEqual(['a']);
    expect(plan({ replaces: { ...first, firing: ['x'] } }).item?.done).toBeUndefined();
    const again = step(step(first, { kind: 'turn' }).item!, { ...REFUSED, done: ['b'] }).item!;
    expect(again.done).toEqual(['a', 'b']);
    const end = step(step(again, { kind: 'turn' }).item!, REFUSED, NOW + 400_000);
    expect([end.item, outcomes(end.decisions), end.log?.firing, end.effects]).toEqual([
      null,
      ['sent'],
      [alert.fingerprint],
      [{ kind: 'settled', id: 'd1', ok: true }],
    ]);
    expect(end.decisions[0]?.reason).toMatch(/not all of them: .*it answered 503/);
  });

  it('sends at its turn, one attempt more', () => {
    const { item, effects } = step(fresh(), { kind: 'turn' });
    expect([item?.attempts, item?.phase, effects]).toEqual([
      1,
      { kind: 'sending', since: NOW },
      [{ kind: 'send', id: 'd1' }],
    ]);
  });

  it('is over when it is delivered, and the log knows from then', () => {
    const done = step(sending(), { kind: 'delivered' }, NOW + 70);
    expect([done.item, outcomes(done.decisions), done.effects]).toEqual([
      null,
      ['sent'],
      [{ kind: 'settled', id: 'd1', ok: true }],
    ]);
    expect(done.log).toMatchObject({ firing: [alert.fingerprint], resolved: [], at: NOW + 70 });
  });

  it('tries again after a while', () => {
    const { item, decisions, effects } = step(sending(), REFUSED);
    expect([item?.phase, outcomes(decisions), effects]).toEqual([
      { kind: 'waiting', notBefore: NOW + 500 },
      ['retrying'],
      [],
    ]);
    expect(decisions[0]?.reason).toBe('it answered 503; next attempt in 1 s');
  });

  it('waits as long as it is asked to', () => {
    const { item } = step(sending(), { ...REFUSED, retryAfterMs: 20_000 });
    expect(item?.phase).toEqual({ kind: 'waiting', notBefore: NOW + 20_000 });
  });

  it.each<readonly [string, OutboxInput, number, string]>([
    ['refused for good', { ...REFUSED, isRetryable: false }, NOW, 'failed'],
    ['no time for another attempt', REFUSED, NOW + 299_800, 'abandoned'],
    ['asked to come back too late', { ...REFUSED, retryAfterMs: 400_000 }, NOW, 'abandoned'],
  ])('%s: the group tells later what is true then', (_name, input, now, outcome) => {
    const over = step(sending(), input, now);
    expect([over.item, over.log, outcomes(over.decisions), over.effects]).toEqual([
      null,
      null,
      [outcome],
      [{ kind: 'settled', id: 'd1', ok: false }],
    ]);
  });

  it('tries once however late it is, and not again', () => {
    expect(step(fresh(), { kind: 'turn' }, NOW + 1e9).effects).toEqual([{ kind: 'send', id: 'd1' }]);
    const tried: OutboxItem = { ...fresh(), attempts: 1 };
    expect(outcomes(step(tried, { kind: 'turn' }, NOW + 1e9).decisions)).toEqual(['abandoned']);
  });

  it('after a kill is sent again, marked, when it was being sent', () => {
    const { item, decisions } = step(sending(), { kind: 'recover' }, NOW + 1e9);
    expect([item?.phase, item?.mayBeDuplicate, outcomes(decisions)]).toEqual([
      { kind: 'waiting', notBefore: NOW + 1e9 },
      true,
      ['uncertain'],
    ]);
    expect(step(item!, { kind: 'turn' }, NOW + 1e9).effects).toEqual([{ kind: 'send', id: 'd1' }]);
    const waiting = fresh();
    expect(step(waiting, { kind: 'recover' }).item).toBe(waiting);
  });

  it('stays marked once an end was not known, whatever comes later', () => {
    const late = step(sending(), { ...REFUSED, isUncertain: true }).item!;
    expect(late.mayBeDuplicate).toBe(true);
    const again = step(step(late, { kind: 'turn' }).item!, REFUSED).item;
    expect([again?.mayBeDuplicate, again?.attempts]).toEqual([true, 2]);
  });

  it('says in its decisions how often it was tried, and whether it may come twice', () => {
    const late = step(sending(), { ...REFUSED, isUncertain: true });
    expect(late.decisions).toMatchObject([{ outcome: 'retrying', attempts: 1, mayBeDuplicate: true }]);
    const sent = step(step(late.item!, { kind: 'turn' }).item!, { kind: 'delivered' });
    expect(sent.decisions).toMatchObject([{ outcome: 'sent', attempts: 2, mayBeDuplicate: true }]);
    expect(step(sending(), { kind: 'recover' }).decisions).toMatchObject([
      { attempts: 1, mayBeDuplicate: true },
    ]);
    const [certain] = step(sending(), { kind: 'delivered' }).decisions;
    expect([certain?.attempts, certain?.mayBeDuplicate]).toEqual([1, undefined]);
    const [queued] = plan().decisions;
    expect([queued?.attempts, queued?.mayBeDuplicate]).toEqual([undefined, undefined]);
  });
});

describe('backoffMs', () => {
  it.each([
    [1, 500],
    [2, 750],
    [3, 1125],
    [13, 60_000],
    [100, 60_000],
  ])('after %s attempts: %s ms', (attempts, expected) => {
    expect(Math.round(backoffMs(attempts, HALF))).toBe(expected);
  });

  it('is within a half of that', () => {
    const random = seededRandom(7);
    for (let i = 0; i < 100; i++) {
      const ms = backoffMs(1, random);
      expect(ms >= 250 && ms <= 750).toBe(true);
    }
  });
});

describe('nextInLane', () => {
  const waiting = (id: string, plannedAt: number, notBefore: number): OutboxItem => ({
    ...fresh(),
    id,
    plannedAt,
    phase: { kind: 'waiting', notBefore },
  });

  it.each<readonly [string, readonly OutboxItem[], unknown]>([
    ['nothing', [], { kind: 'empty' }],
    [
      'the first that was decided',
      [waiting('b', 2, 0), waiting('a', 1, 0)],
      { kind: 'next', item: { id: 'a' } },
    ],
    [
      'not one that waits',
      [waiting('a', 1, NOW + 9), waiting('b', 2, 0)],
      { kind: 'next', item: { id: 'b' } },
    ],
    [
      'what was not tried before what was',
      [{ ...waiting('a', 1, 0), attempts: 1 }, waiting('c', 3, 0), waiting('b', 2, 0)],
      { kind: 'next', item: { id: 'b' } },
    ],
    ['the soonest', [waiting('a', 1, NOW + 9), waiting('b', 2, NOW + 5)], { kind: 'later', at: NOW + 5 }],
    [
      'one at a time',
      [waiting('a', 1, 0), { ...waiting('b', 2, 0), phase: { kind: 'sending', since: 1 } }],
      { kind: 'busy' },
    ],
  ])('%s', (_name, items, expected) => {
    expect(nextInLane(items, NOW)).toMatchObject(expected as object);
  });
});

/** What is durable. */
class Cells implements StateReader {
  readonly #values = new Map<string, Map<string, unknown>>();

  get<T>(kind: StateKind<T>, _tenant: string, key: string): StateEntry<T> | undefined {
    const value = this.#values.get(kind.name)?.get(key);
    return value === undefined
      ? undefined
      : { key, value: kind.schema.parse(value), version: 1, updatedAt: 0 };
  }

  list<T>(kind: StateKind<T>, tenant: string): readonly StateEntry<T>[] {
    const keys = [...(this.#values.get(kind.name)?.keys() ?? [])].sort();
    return keys.flatMap((key) => this.get(kind, tenant, key) ?? []);
  }

  write(writes: readonly StateWrite[]): void {
    for (const { kind, key, value } of writes) {
      const values = this.#values.get(kind.name) ?? new Map<string, unknown>();
      this.#values.set(kind.name, values);
      if (value === undefined) values.delete(key);
      else values.set(key, kind.schema.parse(JSON.parse(JSON.stringify(value))));
    }
  }

  /** Values of all kinds. */
  get size(): number {
    return [...this.#values.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

describe('stored', () => {
  const large = (count: number): OutboxItem => ({
    ...fresh(),
    alerts: Array.from({ length: count }, (_, i) => ({
      ...alertOf({
        ...alert,
        labels: labelSet([
          ['alertname', 'Down'],
          ['instance', `host-${i}`],
        ]),
      }),
      isResolved: i % 2 === 0,
    })),
    firing: Array.from({ length: count }, (_, i) => `f${i}`),
    resolved: ['r'],
  });

  it.each([1, 5000])('of %s alerts is read back as it was, and leaves nothing', (count) => {
    const cells = new Cells();
    const item = count === 1 ? fresh() : large(count);
    cells.write(itemWrites('default', null, item));
    expect(storedItems(cells, 'default')).toEqual([item]);
    const writes = itemWrites('default', item, { ...item, attempts: 7 });
    expect(writes).toHaveLength(1);
    cells.write(writes);
    expect(storedItems(cells, 'default')).toEqual([{ ...item, attempts: 7 }]);
    // Less in its place: what is left over goes.
    const less = { ...fresh(), id: 'less' };
    cells.write(itemWrites('default', item, less));
    expect(storedItems(cells, 'default')).toEqual([less]);
    expect(cells.size).toBe(2);
    cells.write(itemWrites('default', less, null));
    expect(cells.size).toBe(0);
  });

  it('keeps each value well below what the StateStore takes', () => {
    for (const { value } of itemWrites('default', null, large(5000)))
      expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThan(800_000);
  });

  it('forgets what integrations knew when it is old', () => {
    const cells = new Cells();
    const item = large(30_000);
    const done = advanceItem(
      { ...item, phase: { kind: 'sending', since: NOW } },
      { kind: 'delivered' },
      NOW,
      HALF,
    );
    for (const one of planOf({ state: cells, tenant: 'default', before: null }, done))
      if (one.kind === 'store') cells.write(one.writes);
    expect(storedLogEntry(cells, 'default', item)?.firing).toEqual(item.firing);
    expect(expiredLogWrites(cells, 'default', NOW + 1)).toEqual([]);
    cells.write(expiredLogWrites(cells, 'default', NOW + 28_800_000));
    expect(cells.size).toBe(0);
  });
});

/** Pharos until it is killed before its n-th act, on what is durable. */
class Machine {
  readonly cells = new Cells();
  readonly decisions: Decision[] = [];
  readonly told: { readonly id: string; readonly isMarked: boolean }[] = [];
  acts = 0;
  #killAt = Number.POSITIVE_INFINITY;
  #now = NOW;

  get items(): readonly OutboxItem[] {
    return storedItems(this.cells, 'default');
  }

  /** Whether the log says that the integration knows. */
  get isKnown(): boolean {
    const key = { group: '{}:{alertname="Down"}', receiver: 'team', integration: 'webhook[0]' };
    return storedLogEntry(this.cells, 'default', key) !== undefined;
  }

  /** True when it ended by itself. */
  run(killAt: number): boolean {
    this.#killAt = killAt;
    try {
      for (const item of this.items) this.#perform(item, { kind: 'recover' });
      this.#flush();
      for (const item of this.items) this.#deliver(item);
      return true;
    } catch (error) {
      if (error !== KILLED) throw error;
      return false;
    }
  }

  #flush(): void {
    this.#now += 1000;
    for (const parcel of parcels(this.#now, (key) => storedLogEntry(this.cells, 'default', key))) {
      const replaces = this.items[0] ?? null;
      const options = { id: `d${this.#now}`, timeoutMs: 300_000, now: this.#now, replaces };
      this.#carryOut(replaces, planned(parcel, options));
    }
  }

  #deliver(item: OutboxItem): void {
    const sending = this.#perform(item, { kind: 'turn' });
    if (sending === null) return;
    this.#act(() => this.told.push({ id: sending.id, isMarked: sending.mayBeDuplicate }));
    this.#perform(sending, { kind: 'delivered' });
  }

  #perform(item: OutboxItem, input: OutboxInput): OutboxItem | null {
    const step = advanceItem(item, input, this.#now, HALF);
    this.#carryOut(item, step);
    return step.item;
  }

  #carryOut(before: OutboxItem | null, step: OutboxStep): void {
    for (const one of planOf({ state: this.cells, tenant: 'default', before }, step)) {
      if (one.kind === 'decide') this.#act(() => this.decisions.push(...one.decisions));
      if (one.kind === 'store') this.#act(() => this.cells.write(one.writes));
    }
  }

  #act(act: () => unknown): void {
    if (++this.acts >= this.#killAt) throw KILLED;
    act();
  }
}

const KILLED = new Error('killed');

describe('a kill before each act', () => {
  const whole = new Machine();
  whole.run(Number.POSITIVE_INFINITY);

  it('is told once without one', () => {
    expect(whole.told).toEqual([{ id: `d${NOW + 1000}`, isMarked: false }]);
    expect(outcomes(whole.decisions)).toEqual(['queued', 'sent']);
    expect([whole.items.length, whole.isKnown]).toEqual([0, true]);
  });

  it.each(Array.from({ length: whole.acts }, (_, i) => i + 1))(
    'number %s: told, at most twice, and then marked',
    (at) => {
      const machine = new Machine();
      expect(machine.run(at)).toBe(false);
      expect(machine.run(Number.POSITIVE_INFINITY)).toBe(true);
      expect(machine.told.length).toBeGreaterThanOrEqual(1);
      expect(machine.told.length).toBeLessThanOrEqual(2);
      if (machine.told.length === 2) {
        expect(machine.told[1]?.isMarked).toBe(true);
        expect(machine.told[1]?.id).toBe(machine.told[0]?.id);
      }
      expect([machine.items.length, machine.isKnown]).toEqual([0, true]);
      expect(outcomes(machine.decisions)).toContain('sent');
    },
  );

  it('many times: never lost, at most one repeat per kill', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }), (kills) => {
        const machine = new Machine();
        for (const acts of kills) machine.run(machine.acts + acts);
        expect(machine.run(Number.POSITIVE_INFINITY)).toBe(true);
        expect(machine.told.length).toBeGreaterThanOrEqual(1);
        expect(machine.told.length).toBeLessThanOrEqual(1 + kills.length);
        for (const { isMarked } of machine.told.slice(1)) expect(isMarked).toBe(true);
        expect([machine.items.length, machine.isKnown]).toEqual([0, true]);
      }),
    );
  });
});
