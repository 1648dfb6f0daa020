import { describe, expect, it } from 'vitest';
import type { OpenStateStore } from '../../journal/index.ts';
import { createMemoryFileSystem, openTestState } from '../../journal/testing/index.ts';
import { isFiring } from './incident.ts';
import { IncidentsHouse, settle } from './testing/open.ts';

/** A state that dies before or after one of its writes: nothing that was begun then ever ends. */
function mortal(
  killAt: number,
  isAfter: boolean,
): { readonly wrap: (state: OpenStateStore) => OpenStateStore; writes: number; isDead: boolean } {
  const life = { writes: 0, isDead: false, wrap };
  return life;
  function wrap(state: OpenStateStore): OpenStateStore {
    const never = (): Promise<never> => new Promise<never>(() => {});
    return {
      ...bound(state),
      write: async (writes) => {
        if (life.isDead) return await never();
        if (++life.writes === killAt) {
          life.isDead = true;
          if (isAfter) await state.write(writes);
          return await never();
        }
        await state.write(writes);
      },
    };
  }
}

function bound(state: OpenStateStore): OpenStateStore {
  return {
    get: (kind, tenant, key) => state.get(kind, tenant, key),
    list: (kind, tenant) => state.list(kind, tenant),
    each: (kind, tenant) => state.each(kind, tenant),
    tenants: (kind) => state.tenants(kind),
    put: (kind, tenant, key, value, options) => state.put(kind, tenant, key, value, options),
    delete: (kind, tenant, key, options) => state.delete(kind, tenant, key, options),
    write: (writes) => state.write(writes),
    onChange: (kind, listener) => state.onChange(kind, listener),
    close: () => state.close(),
  };
}

/** What people do to an outage; each is done when it was answered. */
const ACTS: readonly (readonly [name: string, url: string, body: object])[] = [
  ['note', '/1/notes', { by: 'ada', text: 'looking' }],
  ['split', '/1/split', { by: 'ada' }],
  ['merge', '/1/merge', { by: 'ada', other: '2' }],
  ['resolve', '/1/resolve', { by: 'ada', note: 'it was the store' }],
];

interface Outcome {
  readonly answered: readonly string[];
  readonly house: IncidentsHouse;
  readonly writes: number;
}

async function outage(killAt: number, isAfter: boolean): Promise<Outcome> {
  const fs = createMemoryFileSystem();
  const life = mortal(killAt, isAfter);
  const house = new IncidentsHouse();
  await house.start(await openTestState(fs), life.wrap);
  const answered: string[] = [];
  const until = async (work: Promise<unknown>): Promise<boolean> => {
    let isDone = false;
    void work.then(() => (isDone = true));
    for (let i = 0; i < 5 && !isDone; i++) await settle();
    return isDone;
  };
  await until(house.alert('Down store'));
  await until(house.alert('Slow user'));
  for (const [name, url, body] of ACTS) {
    if (life.isDead) break;
    const user = house.incidents.book.get('1')?.members[1]?.fingerprint ?? '';
    const payload = name === 'split' ? { ...body, fingerprints: [user] } : body;
    if (await until(house.ask('POST', url, payload))) answered.push(name);
  }
  // Killed: what it held open is gone, and it is begun anew on what it left on disk.
  const next = new IncidentsHouse();
  await next.start(await openTestState(fs));
  return { answered, house: next, writes: life.writes };
}

describe('a kill at each write of an outage', () => {
  it('loses nothing that was answered, and leaves each alert that fires in exactly one incident', async () => {
    const { writes } = await outage(Number.POSITIVE_INFINITY, false);
    expect(writes).toBe(6);
    for (let killAt = 1; killAt <= writes; killAt++)
      for (const isAfter of [false, true]) {
        const { answered, house } = await outage(killAt, isAfter);
        const all = house.incidents.book.all();
        const where = `kill ${isAfter ? 'after' : 'before'} write ${killAt}: ${answered.join()}`;
        for (const name of ['Down', 'Slow']) {
          const homes = all.filter(({ members }) =>
            members.some((one) => isFiring(one) && one.labels.get('alertname') === name),
          );
          expect(homes.length, where).toBe(1);
        }
        const first = house.incidents.book.get('1');
        const has = (what: string): boolean => first?.events.some((event) => event.what === what) === true;
        const facts = {
          note: first?.notes.some(({ text }) => text === 'looking'),
          split: has('split'),
          merge: has('merged'),
          resolve: first?.phase.kind === 'resolved',
        };
        for (const [name, isThere] of Object.entries(facts))
          if (answered.includes(name)) expect(isThere, `${where}: ${name}`).toBe(true);
        await house.stop();
      }
  });
});
