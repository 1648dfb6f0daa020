import { describe, expect, it } from 'vitest';
import type { OpenStateStore } from '../../journal/index.ts';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { loadAlertmanagerConfig } from '../config/load.ts';
import type { Decision } from '../decisions/decision.ts';
import { labelSet } from '../labels/label-set.ts';
import type { DeliveryParcel } from '../pipeline/parcel.ts';
import { arrive, flush } from '../pipeline/pipeline.ts';
import { alertOf } from '../received/alert.ts';
import { routeTree } from '../routes/tree.ts';
import { Courier } from './courier.ts';
import type { OutboxItem } from './item.ts';
import type { SendResult } from './send-result.ts';

const loaded = loadAlertmanagerConfig({
  name: 'am.yml',
  text: `
route: { receiver: team, group_by: [alertname] }
receivers:
  - name: team
    webhook_configs: [ { url: 'http://127.0.0.1:1/' }, { url: 'http://127.0.0.1:2/' } ]
`,
  directory: null,
});
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const { config } = loaded;
const root = routeTree(config.route);

/** What a group named so is to tell; one parcel for each of the two webhooks. */
function parcels(name: string, now: number): readonly DeliveryParcel[] {
  const alert = alertOf({
    labels: labelSet([['alertname', name]]),
    annotations: new Map(),
    startsAt: now - 1000,
    endsAt: now + 1e9,
    updatedAt: now,
    isTimeout: false,
    generatorUrl: '',
  });
  const [group] = arrive(alert, root, now).groups;
  const world = {
    inhibiting: () => [],
    silencing: () => ({ active: [], pending: [] }),
    intervals: config.intervals,
    lastNotice: () => undefined,
  };
  return flush(
    { group: group!, at: now, alerts: [{ ...alert, isResolved: false }] },
    config.receivers[0]!,
    world,
  ).deliveries;
}

const OK: SendResult = { ok: true };
const refusal = (more: Partial<Extract<SendResult, { ok: false }>> = {}): SendResult => ({
  ok: false,
  reason: 'it answered 503',
  isRetryable: true,
  isUncertain: false,
  retryAfterMs: null,
  ...more,
});

/** Lets everything happen that needs no time. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setImmediate(resolve));
  expect(condition()).toBe(true);
}

/** The same where nothing more is to happen. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

interface Attempt {
  readonly item: OutboxItem;
  end(result: SendResult): void;
}

async function world(state?: OpenStateStore, ids = 0) {
  const clock = new ManualClock();
  const store = state ?? (await openTestState());
  const decisions: Decision[] = [];
  const attempts: Attempt[] = [];
  let id = ids;
  const courier = new Courier({
    clock,
    random: () => 0.5,
    log: silentLog,
    state: store,
    tenant: 'default',
    decide: async (made) => {
      decisions.push(...made);
    },
    send: (item) => new Promise((end) => attempts.push({ item, end })),
    newId: () => `d${++id}`,
  });
  const lane = (index: number) => attempts.filter(({ item }) => item.integration === `webhook[${index}]`);
  return { clock, store, decisions, attempts, courier, lane };
}

describe('Courier', () => {
  it('tells each integration, and says when all know', async () => {
    const { courier, attempts, decisions, clock } = await world();
    const end = courier.carry(parcels('A', clock.now()), 300_000);
    await until(() => attempts.length === 2);
    expect(attempts.map(({ item }) => item.integration).sort()).toEqual(['webhook[0]', 'webhook[1]']);
    for (const { end: done } of attempts) done(OK);
    expect(await end).toBe(true);
    expect(courier.waiting).toBe(0);
    expect(decisions.map(({ outcome }) => outcome).sort()).toEqual(['queued', 'queued', 'sent', 'sent']);
    expect(
      courier.lastNotice({ group: '{}:{alertname="A"}', receiver: 'team', integration: 'webhook[1]' }),
    ).toMatchObject({ firing: [attempts[0]?.item.alerts[0]?.fingerprint], resolved: [] });
  });

  it('has one attempt at a time for each integration, which do not wait for each other', async () => {
    const { courier, lane, clock } = await world();
    void courier.carry(parcels('A', clock.now()), 300_000);
    await until(() => lane(0).length === 1 && lane(1).length === 1);
    void courier.carry(parcels('B', clock.now()), 300_000);
    lane(1)[0]?.end(OK);
    await until(() => lane(1).length === 2);
    expect(lane(0)).toHaveLength(1);
    lane(0)[0]?.end(OK);
    await until(() => lane(0).length === 2);
    expect(lane(0)[1]?.item.group).toBe('{}:{alertname="B"}');
  });

  it('writes what is to be told of a group while the integration is told of another', async () => {
    const { courier, lane, store, clock } = await world();
    const options = { timeoutMs: 300_000, knows: () => false };
    const first = await courier.hand([parcels('A', clock.now())[0]!], options);
    await until(() => lane(0).length === 1);
    const second = await courier.hand([parcels('B', clock.now())[0]!], options);
    expect([lane(0).length, courier.waiting]).toEqual([1, 2]);
    // News of the group that is being told of waits for the answer: what is told then depends on it.
    let isTaken = false;
    const third = courier.hand([parcels('A', clock.now())[0]!], options).finally(() => (isTaken = true));
    await quiet();
    expect(isTaken).toBe(false);
    lane(0)[0]?.end(refusal());
    const { over } = await third;
    await until(() => lane(0).length === 2);
    lane(0)[1]?.end(OK);
    await until(() => lane(0).length === 3);
    lane(0)[2]?.end(OK);
    expect(await Promise.all([first.over, second.over, over])).toEqual([[true], [true], [true]]);
    expect(lane(0).map(({ item }) => item.group)).toEqual(
      ['A', 'B', 'A'].map((name) => `{}:{alertname="${name}"}`),
    );
    await store.close();
  });

  it('tries again after a while, and leaves alone who asks for it', async () => {
    const { courier, lane, clock } = await world();
    const [parcel] = parcels('A', clock.now());
    const end = courier.carry([parcel!], 300_000);
    await until(() => lane(0).length === 1);
    lane(0)[0]?.end(refusal());
    await quiet();
    await clock.advance(499);
    await quiet();
    expect(lane(0)).toHaveLength(1);
    await clock.advance(1);
    await until(() => lane(0).length === 2);
    lane(0)[1]?.end(refusal({ retryAfterMs: 20_000 }));
    const other = courier.carry([parcels('B', clock.now())[0]!], 300_000);
    await until(() => courier.waiting === 2);
    await quiet();
    await clock.advance(19_000);
    await quiet();
    expect(lane(0)).toHaveLength(2);
    await clock.advance(1000);
    await until(() => lane(0).length === 3);
    lane(0)[2]?.end(OK);
    await until(() => lane(0).length === 4);
    lane(0)[3]?.end(OK);
    expect([await end, await other]).toEqual([true, true]);
    expect(lane(0).map(({ item }) => item.attempts)).toEqual([1, 2, 1, 3]);
  });

  it('gives up what is refused for good', async () => {
    const { courier, attempts, decisions, clock } = await world();
    const end = courier.carry([parcels('A', clock.now())[0]!], 300_000);
    await until(() => attempts.length === 1);
    attempts[0]?.end(refusal({ isRetryable: false }));
    expect([await end, courier.waiting]).toEqual([false, 0]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['queued', 'failed']);
  });

  it('takes up after a start what was left, marked where an end is not known', async () => {
    const first = await world();
    void first.courier.carry([parcels('A', first.clock.now())[0]!], 300_000);
    await until(() => first.attempts.length === 1);
    // It is killed there: what it would do next does not happen.
    const second = await world(first.store, 100);
    second.courier.start();
    await until(() => second.attempts.length === 1);
    expect(second.attempts[0]?.item).toMatchObject({ id: 'd1', mayBeDuplicate: true, attempts: 2 });
    second.attempts[0]?.end(OK);
    await until(() => second.courier.waiting === 0);
    expect(second.decisions.map(({ outcome }) => outcome)).toEqual(['uncertain', 'sent']);
  });

  it('does not tell again what a group decided before the receiver had it from an earlier process', async () => {
    const first = await world();
    void first.courier.carry([parcels('A', first.clock.now())[0]!], 300_000);
    await until(() => first.attempts.length === 1);
    const { store, courier, attempts, decisions, clock } = await world(first.store, 100);
    courier.start();
    await until(() => attempts.length === 1);
    // The group flushes anew while that is sent: the log knows of nothing yet.
    const again = courier.carry([parcels('A', clock.now())[0]!], 300_000);
    await quiet();
    attempts[0]?.end(OK);
    expect(await again).toBe(true);
    await quiet();
    expect(attempts).toHaveLength(1);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['uncertain', 'sent', 'deduplicated']);
    // What is news by then is told.
    const more = courier.carry([parcels('B', clock.now())[0]!], 300_000);
    await until(() => attempts.length === 2);
    attempts[1]?.end(OK);
    expect(await more).toBe(true);
    await store.close();
  });

  it('marks what follows something uncertain that was given up, also after a start, until it is told for certain', async () => {
    const first = await world();
    const given = first.courier.carry([parcels('A', first.clock.now())[0]!], 100);
    await until(() => first.attempts.length === 1);
    first.attempts[0]?.end(refusal({ isUncertain: true }));
    expect(await given).toBe(false);
    expect(first.courier.waiting).toBe(0);
    const { courier, attempts, clock } = await world(first.store, 100);
    courier.start();
    const again = courier.carry([parcels('A', clock.now())[0]!], 300_000);
    await until(() => attempts.length === 1);
    expect(attempts[0]?.item.mayBeDuplicate).toBe(true);
    attempts[0]?.end(OK);
    expect(await again).toBe(true);
    const ended = parcels('A', clock.now()).map((parcel) => ({
      ...parcel,
      firing: [],
      resolved: parcel.firing,
    }));
    void courier.carry([ended[0]!], 300_000);
    await until(() => attempts.length === 2);
    expect(attempts[1]?.item.mayBeDuplicate).toBe(false);
    attempts[1]?.end(OK);
    await courier.stop();
  });

  it('begins nothing any more when it stops, and waits for what is under way', async () => {
    const { courier, attempts, clock } = await world();
    void courier.carry(parcels('A', clock.now()), 300_000);
    await until(() => attempts.length === 2);
    void courier.carry(parcels('B', clock.now()), 300_000);
    const stopped = courier.stop();
    for (const { end } of attempts) end(OK);
    await stopped;
    expect(attempts).toHaveLength(2);
  });

  it('waits for a receiver that hangs no longer than a moment when it stops, and tells it again, marked, after the start', async () => {
    const first = await world();
    void first.courier.carry([parcels('A', first.clock.now())[0]!], 300_000);
    await until(() => first.attempts.length === 1);
    let isStopped = false;
    const stopped = first.courier.stop().then(() => (isStopped = true));
    await first.clock.advance(2999);
    expect(isStopped).toBe(false);
    await first.clock.advance(1);
    await stopped;
    const { courier, attempts } = await world(first.store, 100);
    courier.start();
    await until(() => attempts.length === 1);
    expect(attempts[0]?.item).toMatchObject({ id: 'd1', mayBeDuplicate: true });
    attempts[0]?.end(OK);
    await courier.stop();
  });

  it('rejects where nothing could be written', async () => {
    const { courier, store, clock } = await world();
    await store.close();
    await expect(courier.carry(parcels('A', clock.now()), 300_000)).rejects.toThrow();
  });

  it('keeps nobody waiting for a receiver that hangs: its groups have news in time, each in its turn', async () => {
    const { courier, lane, clock } = await world();
    const ends: string[] = [];
    const carry = (name: string) => {
      void courier.carry([parcels(name, clock.now())[0]!], 10_000).then((ok) => ends.push(`${name} ${ok}`));
    };
    carry('A');
    await until(() => lane(0).length === 1);
    for (const name of ['B', 'C']) {
      carry(name);
      await until(() => courier.waiting === (name === 'B' ? 2 : 3));
      await clock.advance(1);
    }
    await clock.advance(10_000);
    await until(() => ends.length === 3);
    expect(ends.sort()).toEqual(['A false', 'B false', 'C false']);
    // B has news again and again, and keeps its place before C; both come before another try of A.
    carry('B');
    await quiet();
    lane(0)[0]?.end(refusal());
    await clock.advance(60_000);
    for (const index of [1, 2]) {
      await until(() => lane(0).length === index + 1);
      lane(0)[index]?.end(OK);
    }
    await quiet();
    expect(lane(0).map(({ item }) => item.group.replace(/.*"(.)".*/, '$1'))).toEqual(['A', 'B', 'C']);
  });

  it('starts where nothing can be written, and takes up what was left as soon as it can', async () => {
    const first = await world();
    void first.courier.carry([parcels('A', first.clock.now())[0]!], 300_000);
    await until(() => first.attempts.length === 1);
    let isFull = true;
    const state: OpenStateStore = new Proxy(first.store, {
      get: (target, name) => {
        if (name === 'write' && isFull) return () => Promise.reject(new Error('the disk is full'));
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const second = await world(state, 100);
    second.courier.start();
    await quiet();
    await second.clock.advance(5000);
    expect([second.courier.waiting, second.attempts.length]).toEqual([1, 0]);
    isFull = false;
    await second.clock.advance(1000);
    await until(() => second.attempts.length === 1);
    expect(second.attempts[0]?.item).toMatchObject({ id: 'd1', mayBeDuplicate: true });
    second.attempts[0]?.end(OK);
    await until(() => second.courier.waiting === 0);
  });

  it('tells of a group whose labels are longer than any key, over a restart', async () => {
    const long = 'x'.repeat(5000);
    const one = await world();
    const end = one.courier.carry(parcels(long, one.clock.now()), 300_000);
    await until(() => one.attempts.length === 2);
    const next = await world(one.store, 10);
    next.courier.start();
    await until(() => next.attempts.length === 2);
    for (const { end: done } of next.attempts) done(OK);
    await until(() => next.courier.waiting === 0);
    expect(
      next.courier.lastNotice({
        group: `{}:{alertname="${long}"}`,
        receiver: 'team',
        integration: 'webhook[0]',
      }),
    ).toMatchObject({ resolved: [] });
    for (const { end: done } of one.attempts) done(OK);
    await end;
  });

  it('leaves no receiver alone for longer than ten minutes, whatever it asks for', async () => {
    const { courier, lane, clock } = await world();
    const [first] = parcels('A', clock.now());
    const end = courier.carry([first!], 300_000);
    await until(() => lane(0).length === 1);
    lane(0)[0]?.end(refusal({ retryAfterMs: 1e12 }));
    expect(await end).toBe(false);
    const [second] = parcels('B', clock.now());
    const told = courier.carry([second!], 900_000);
    await quiet();
    expect(lane(0)).toHaveLength(1);
    await clock.advance(600_000);
    await until(() => lane(0).length === 2);
    lane(0)[1]?.end(OK);
    expect(await told).toBe(true);
  });

  it('goes on when the clock was put back', async () => {
    const { courier, lane, clock } = await world();
    const [only] = parcels('A', clock.now());
    const end = courier.carry([only!], 300_000);
    await until(() => lane(0).length === 1);
    lane(0)[0]?.end(refusal({ retryAfterMs: 5000 }));
    await quiet();
    clock.jump(-86_400_000);
    await clock.advance(5000);
    await until(() => lane(0).length === 2);
    lane(0)[1]?.end(OK);
    expect(await end).toBe(true);
  });
});
