import { describe, expect, it, vi } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { type AlertmanagerConfig, loadAlertmanagerConfig } from '../config/load.ts';
import type { Decision } from '../decisions/decision.ts';
import { labelSet } from '../labels/label-set.ts';
import { type LogEntry, logEntryOf } from '../pipeline/notification-log.ts';
import { type DeliveryParcel, integrationName } from '../pipeline/parcel.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import { SilenceBook } from '../silences/book.ts';
import { alertStore } from './alert-store.ts';
import { Dispatcher } from './dispatcher.ts';

function configOf(text: string): AlertmanagerConfig {
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const RECEIVER = "receivers: [ { name: team, webhook_configs: [ { url: 'http://127.0.0.1:1/' } ] } ]";
const CONFIG = configOf(`route: { receiver: team, group_by: [alertname], repeat_interval: 1h }\n${RECEIVER}`);

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setImmediate(resolve));
  expect(condition()).toBe(true);
}

async function quiet(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A courier that delivers at once, and remembers. */
class Postman {
  readonly told: string[] = [];
  readonly #log = new Map<string, LogEntry>();
  readonly #clock: ManualClock;
  isDown = false;
  /** Nothing can be written. */
  isFull = false;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  lastNotice(key: { readonly group: string; readonly integration: string }): LogEntry | undefined {
    return this.#log.get(key.group + key.integration);
  }

  carry(parcels: readonly DeliveryParcel[]): Promise<boolean> {
    for (const parcel of parcels) {
      if (this.isFull) return Promise.reject(new Error('the disk is full'));
      if (this.isDown) return Promise.resolve(false);
      const { group, alerts, firing, resolved, reason } = parcel;
      const named = alerts.map(
        ({ labels, isResolved }) => `${isResolved ? '-' : ''}${labels.get('i') ?? ''}`,
      );
      const seconds = Math.round((this.#clock.now() - Date.UTC(2026, 0, 1)) / 1000);
      this.told.push(`${seconds} ${group.labels.get('alertname') ?? '*'}[${named.join()}] ${reason}`);
      const key = { group: group.key, receiver: 'team', integration: integrationName(parcel.integration) };
      const entry = logEntryOf(
        key,
        { firing, resolved },
        this.#clock.now(),
        group.route.options.repeatIntervalMs,
      );
      this.#log.set(key.group + key.integration, entry);
    }
    return Promise.resolve(true);
  }
}

async function world(
  config = CONFIG,
  over: {
    clock?: ManualClock;
    state?: Awaited<ReturnType<typeof openTestState>>;
    postman?: Postman;
    breathe?: () => Promise<void>;
  } = {},
) {
  const clock = over.clock ?? new ManualClock();
  const state = over.state ?? (await openTestState());
  const postman = over.postman ?? new Postman(clock);
  const decisions: Decision[] = [];
  const silences = new SilenceBook();
  const dispatcher = new Dispatcher({
    clock,
    log: silentLog,
    store: alertStore(state, 'default'),
    silences,
    courier: postman,
    config,
    decide: async (made) => {
      decisions.push(...made);
    },
    breathe: over.breathe ?? (() => Promise.resolve()),
  });
  await dispatcher.start();
  const alert = (i: string, more: Partial<Alert> & { name?: string } = {}): Alert => {
    const { name = 'Down', ...rest } = more;
    const now = clock.now();
    return alertOf({
      labels: labelSet([
        ['alertname', name],
        ['i', i],
      ]),
      annotations: new Map(),
      startsAt: now,
      endsAt: now + 86_400_000,
      updatedAt: now,
      isTimeout: false,
      generatorUrl: '',
      ...rest,
    });
  };
  const pass = async (seconds: number): Promise<void> => {
    await clock.advance(seconds * 1000);
    await quiet();
  };
  return { clock, state, postman, decisions, silences, dispatcher, alert, pass };
}

describe('Dispatcher', () => {
  it("keeps Alertmanager's times: group_wait, group_interval, repeat_interval, an end", async () => {
    const { dispatcher, postman, alert, pass, clock, state } = await world();
    await dispatcher.receive([alert('a')]);
    await pass(10);
    await dispatcher.receive([alert('b')]);
    await pass(19);
    expect(postman.told).toEqual([]);
    await pass(1);
    expect(postman.told).toEqual(['30 Down[a,b] first']);
    await pass(60);
    await dispatcher.receive([alert('c')]);
    await pass(240);
    expect(postman.told.slice(1)).toEqual(['330 Down[a,b,c] new_firing']);
    // The next flushes have nothing new; the first one more than an hour after repeats.
    await pass(3900);
    expect(postman.told.slice(2)).toEqual(['4230 Down[a,b,c] repeat']);
    const now = clock.now();
    await dispatcher.receive(['a', 'b', 'c'].map((i) => alert(i, { startsAt: now - 60_000, endsAt: now })));
    await pass(300);
    expect(postman.told.slice(3)).toEqual(['4530 Down[-a,-b,-c] all_resolved']);
    await until(() => [...alertStore(state, 'default').each()].length === 0);
    expect(dispatcher.alerts()).toEqual([]);
    await pass(30);
    expect(dispatcher.groups()).toEqual([]);
  });

  it('waits again with a group that comes back', async () => {
    const { dispatcher, postman, alert, pass, clock } = await world();
    await dispatcher.receive([alert('a')]);
    await pass(30);
    await dispatcher.receive([alert('a', { startsAt: clock.now() - 1000, endsAt: clock.now() })]);
    await pass(330);
    expect(dispatcher.groups()).toEqual([]);
    await dispatcher.receive([alert('a')]);
    await pass(29);
    expect(postman.told).toHaveLength(2);
    await pass(1);
    expect(postman.told.at(-1)).toMatch(/Down\[a\] new_firing$/);
  });

  it('tells at once what fired long before it came', async () => {
    const { dispatcher, postman, alert, pass, clock } = await world();
    await dispatcher.receive([alert('a', { startsAt: clock.now() - 31_000 })]);
    await pass(0);
    expect(postman.told).toEqual(['0 Down[a] first']);
  });

  it('tells later what could not be told, with what is true then', async () => {
    const { dispatcher, postman, alert, pass, clock } = await world();
    postman.isDown = true;
    await dispatcher.receive([alert('a'), alert('b')]);
    await pass(30);
    postman.isDown = false;
    await dispatcher.receive([alert('b', { startsAt: clock.now() - 1000, endsAt: clock.now() })]);
    await pass(300);
    expect(postman.told).toEqual(['330 Down[a,-b] first']);
  });

  it('tries again soon where it could not write, and leaves what a receiver refused to the next flush', async () => {
    const { dispatcher, postman, alert, pass } = await world();
    postman.isFull = true;
    await dispatcher.receive([alert('a')]);
    // After 30, 31, 33 and 37 s in vain.
    await pass(38);
    postman.isFull = false;
    await pass(6);
    expect(postman.told).toEqual([]);
    await pass(1);
    expect(postman.told).toEqual(['45 Down[a] first']);
    postman.isDown = true;
    await dispatcher.receive([alert('b')]);
    await pass(300);
    postman.isDown = false;
    await pass(60);
    expect(postman.told).toHaveLength(1);
  });

  it('has every alert after a restart, and tells nobody what they know', async () => {
    const first = await world();
    await first.dispatcher.receive([first.alert('a'), first.alert('b')]);
    await first.pass(30);
    first.dispatcher.stop();
    const { clock, state, postman } = first;
    const second = await world(CONFIG, { clock, state, postman });
    expect(second.dispatcher.alerts()).toHaveLength(2);
    await second.pass(60);
    expect(postman.told).toEqual(['30 Down[a,b] first']);
    await second.dispatcher.receive([second.alert('c')]);
    await second.pass(300);
    expect(postman.told.slice(1)).toEqual(['360 Down[a,b,c] new_firing']);
  });

  it('does not take the time it was down for an end, nor what ended for firing', async () => {
    const first = await world();
    const soon = { endsAt: first.clock.now() + 240_000 };
    await first.dispatcher.receive([first.alert('a', soon), first.alert('b', soon)]);
    await first.pass(30);
    const ended = { startsAt: first.clock.now() - 1000, endsAt: first.clock.now() };
    await first.dispatcher.receive([first.alert('b', ended)]);
    first.dispatcher.stop();
    const { clock, state, postman } = first;
    await clock.advance(3_600_000);
    const second = await world(CONFIG, { clock, state, postman });
    await second.pass(1);
    expect(postman.told.slice(1)).toEqual(['3630 Down[a,-b] new_resolved']);
    await second.pass(600);
    expect(postman.told.slice(2)).toEqual(['3930 Down[-a] all_resolved']);
  });

  it('finds groups anew under another configuration', async () => {
    const { dispatcher, postman, alert, pass } = await world();
    await dispatcher.receive([alert('a'), alert('b', { name: 'Slow' })]);
    await pass(30);
    expect(postman.told).toEqual(['30 Down[a] first', '30 Slow[b] first']);
    await dispatcher.configure(configOf(`route: { receiver: team, group_by: [job] }\n${RECEIVER}`));
    expect(dispatcher.groups().map(({ ref }) => ref.key)).toEqual(['{}:{}']);
    await pass(30);
    expect(postman.told.slice(2)).toEqual(['60 *[a,b] first']);
  });

  it('keeps quiet what is silenced, and says so', async () => {
    const { dispatcher, silences, postman, decisions, alert, pass, clock } = await world();
    silences.put({
      id: 's1',
      matchers: [{ name: 'i', op: '=', value: 'a' }],
      startsAt: clock.now(),
      endsAt: clock.now() + 100_000,
      updatedAt: clock.now(),
      createdBy: '',
      comment: '',
      annotations: new Map(),
    });
    await dispatcher.receive([alert('a')]);
    await pass(30);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['routed', 'grouped', 'silenced']);
    await pass(300);
    expect(postman.told).toEqual(['330 Down[a] first']);
  });

  it('hears an alert again without a new decision about its group', async () => {
    const { dispatcher, decisions, alert } = await world();
    await dispatcher.receive([alert('a')]);
    await dispatcher.receive([alert('a')]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['routed', 'grouped']);
  });

  it('reads alerts back in slices at a start', async () => {
    const { state, dispatcher, alert } = await world();
    for (let i = 0; i < 10; i++)
      await dispatcher.receive(Array.from({ length: 400 }, (_, j) => alert(String(i * 400 + j))));
    dispatcher.stop();
    let [inStretch, most] = [0, 0];
    const read = state.each.bind(state);
    vi.spyOn(state, 'list').mockImplementation(() => {
      throw new Error('all at once');
    });
    vi.spyOn(state, 'each').mockImplementation(function* (kind, tenant) {
      for (const entry of read(kind, tenant)) {
        most = Math.max(most, ++inStretch);
        yield entry;
      }
    });
    const breathe = (): Promise<void> => {
      inStretch = 0;
      return Promise.resolve();
    };
    const after = await world(CONFIG, { state, breathe });
    vi.restoreAllMocks();
    expect([after.dispatcher.count, most]).toEqual([4000, 1000]);
  });

  it('flushes a large group in slices, between which others run', async () => {
    let [inStretch, most, atOnce] = [0, 0, 0];
    const breathe = (): Promise<void> => {
      inStretch = 0;
      return Promise.resolve();
    };
    const { dispatcher, silences, postman, decisions, alert, pass } = await world(CONFIG, { breathe });
    const silencing = silences.silencing.bind(silences);
    vi.spyOn(silences, 'silencing').mockImplementation((of, at) => {
      most = Math.max(most, ++inStretch);
      return { ...silencing(of, at), active: ['s'] };
    });
    const { push } = decisions;
    vi.spyOn(decisions, 'push').mockImplementation((...made) => {
      atOnce = Math.max(atOnce, made.length);
      return push.apply(decisions, made);
    });
    for (let i = 0; i < 10; i++)
      await dispatcher.receive(Array.from({ length: 400 }, (_, j) => alert(String(i * 400 + j))));
    await pass(30);
    expect(decisions.filter(({ outcome }) => outcome === 'silenced')).toHaveLength(4000);
    expect([most, atOnce]).toEqual([200, 1000]);
    vi.restoreAllMocks();
    await pass(300);
    // In Alertmanager's order all the same.
    const named = /\[(.*)\]/.exec(postman.told[0] ?? '')?.[1]?.split(',') ?? [];
    expect(named).toEqual(Array.from({ length: 4000 }, (_, i) => String(i)).sort());
  });

  it('hears an alert at the same cost, however many are in its group', async () => {
    const { dispatcher, alert } = await world();
    const many = Array.from({ length: 4000 }, (_, i) => alert(String(i)));
    const put = vi.spyOn(Map.prototype, 'set');
    const cost = async (alerts: readonly Alert[]): Promise<number> => {
      put.mockClear();
      await dispatcher.receive(alerts);
      return put.mock.calls.length / alerts.length;
    };
    try {
      await dispatcher.receive(many.slice(0, 500));
      const inSmall = await cost(many.slice(0, 100));
      for (let at = 500; at < many.length; at += 500) await dispatcher.receive(many.slice(at, at + 500));
      expect(dispatcher.groups()).toHaveLength(1);
      expect(await cost(many.slice(0, 100))).toBeLessThan(inSmall + 5);
    } finally {
      put.mockRestore();
    }
  });

  it('lets others run while many alerts find their groups, and nobody sees or is told of a part of one', async () => {
    const first = await world();
    const { clock, state, postman } = first;
    const firedLong = { startsAt: clock.now() - 60_000 };
    const many = Array.from({ length: 5000 }, (_, i) => first.alert(String(i), firedLong));
    await first.dispatcher.receive(many);
    first.dispatcher.stop();
    let breaths = 0;
    let look = (): void => {};
    const breathe = async (): Promise<void> => {
      breaths++;
      look();
      // Time for timers that are due at once.
      await clock.advance(0);
    };
    const second = await world(CONFIG, { clock, state, postman, breathe });
    expect(breaths).toBeGreaterThanOrEqual(10);
    await second.pass(0);
    expect(postman.told.map((told) => told.split(',').length)).toEqual([5000]);

    const groups = () => second.dispatcher.groups().map(({ ref, alerts }) => `${ref.key} ${alerts.size}`);
    const seen = new Set<string>();
    look = () => void seen.add(groups().join());
    breaths = 0;
    const next = configOf(`route: { receiver: team, group_by: [job] }\n${RECEIVER}`);
    await Promise.all([
      second.dispatcher.configure(next),
      second.dispatcher.receive([second.alert('late', firedLong)]),
    ]);
    expect(breaths).toBeGreaterThanOrEqual(10);
    expect([...seen].slice(0, 2)).toEqual(['{}:{alertname="Down"} 5000', '{}:{} 5000']);
    expect(groups()).toEqual(['{}:{} 5001']);
    await second.pass(0);
    expect(postman.told[1]?.split(',').length).toBeGreaterThanOrEqual(5000);
  });
});
