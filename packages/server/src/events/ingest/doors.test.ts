import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { engineErrors } from '../../engine/index.ts';
import { createMemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { NeedleSet } from '../../logs/index.ts';
import { eventsSection } from '../config.ts';
import { Histories } from '../history/histories.ts';
import { Mask } from '../mask.ts';
import { RuleSet } from '../rule-set.ts';
import { EventsStore } from '../store/store.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import { DEFAULTS } from '../testing/setup.ts';
import { EventDoors } from './doors.ts';
import { Judge } from './judge.ts';

const TENANT = 'default';
const bodyOf = (event: object) =>
  Buffer.from(JSON.stringify({ source: 'api', event_type: 'call', ...event }));

/** Doors over a journal in memory and an engine that is away. */
async function openDoors() {
  const clock = new ManualClock(1_700_000_000_000);
  const journal = createMemoryJournal();
  const histories = new Histories(10);
  const config = eventsSection.schema.parse({});
  const away = () => Promise.reject(engineErrors.make('gone', 'the engine is away'));
  const store = new EventsStore({
    engine: { query: away },
    journal,
    state: await openTestState(),
    clock,
    log: silentLog,
    config,
    histories,
  });
  await store.start();
  const set = new RuleSet(DEFAULTS, []);
  let ids = 0;
  const mask = new Mask({
    names: [],
    values: [],
    needles: (texts) => new NeedleSet(texts),
    masked: () => {},
  });
  const judge = new Judge({ clock, config, mask, ruleSet: () => set, newId: () => `made-${++ids}` });
  const refused = createTelemetry().counter({ name: 'refused', help: 'refused' });
  const breathe = () => Promise.resolve();
  const doors = new EventDoors({ judge, store, histories, refused, mostItems: 100, breathe });
  /** How often the history of `latency` and the events' shape was taught before an event that teaches nothing. */
  const taught = async () => {
    journal.failWith('full');
    let seen: unknown;
    await doors
      .batch(TENANT, bodyOf({ data: { latency: 5 } }), ({ baseline }: StoredEvent) => {
        seen = [baseline.counts[0], baseline.shapeSeen, baseline.shapeEvents, baseline.shapeKinds];
        return '';
      })
      .catch(() => {});
    journal.failWith(null);
    return seen;
  };
  return { doors, journal, histories, taught };
}

it('learn from what is stored, and not from what is refused', async () => {
  const { doors, journal, histories, taught } = await openDoors();
  const event = bodyOf({ data: { latency: 5 } });
  journal.failWith('full');
  await expect(doors.one(TENANT, event)).rejects.toThrow('full');
  await expect(doors.one(TENANT, bodyOf({ data: { other: 5 } }))).rejects.toThrow('full');
  await expect(doors.batch(TENANT, event, () => '')).rejects.toThrow('full');
  expect([histories.size, await taught()]).toEqual([0, [0, 0, 0, 0]]);
  journal.failWith(null);
  await doors.one(TENANT, event);
  await doors.batch(TENANT, Buffer.concat([event, Buffer.from('\n'), event]), () => '');
  expect([histories.size, await taught()]).toEqual([1, [3, 3, 3, 1]]);
});

it('let the events of a batch know of each other', async () => {
  const { doors } = await openDoors();
  const counts: unknown[] = [];
  const lines = [1, 2, 3].map((latency) => bodyOf({ data: { latency } }).toString());
  await doors.batch(TENANT, Buffer.from(lines.join('\n')), ({ baseline }: StoredEvent) => {
    counts.push([baseline.counts[0], baseline.shapeSeen, baseline.means[0]]);
    return '';
  });
  expect(counts).toEqual([
    [0, 0, 0],
    [1, 1, 1],
    [2, 2, 1.5],
  ]);
});

it('judge a repeat anew while the engine is away, and learn nothing from it', async () => {
  const { doors, journal, taught } = await openDoors();
  const event = bodyOf({ id: 'a', data: { latency: 5 } });
  await doors.one(TENANT, event);
  journal.flush();
  expect(await doors.one(TENANT, event)).toMatchObject({ duplicate: true, event: { id: 'a' } });
  expect((await doors.batch(TENANT, event, () => '')).duplicates).toBe(1);
  expect(await taught()).toEqual([1, 1, 1, 1]);
});
