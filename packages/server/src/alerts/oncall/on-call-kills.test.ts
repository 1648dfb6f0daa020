import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryFileSystem, createMemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { OnCallWorld, onCallFile } from './testing/world.ts';

/** One level after another within minutes, so that a run is short. */
const QUICK = onCallFile(`
people: [ { name: ada, contacts: [ada] }, { name: grace, contacts: [boss] } ]
policies: [ { name: p, levels: [ { tell: [ { person: ada } ], times: 2, every: 1m }, { tell: [ { person: grace } ], times: 1, every: 1m } ] } ]
escalate: [ { receiver: pager, policy: p } ]
`);

/** Counts what is done for good, and dies before one of these acts: nothing that was begun then ever ends. */
class Mortality {
  acts = 0;
  isDead = false;
  readonly #killAt: number;

  constructor(killAt: number) {
    this.#killAt = killAt;
  }

  async act<T>(work: () => Promise<T>): Promise<T> {
    if (this.isDead || ++this.acts === this.#killAt) {
      this.isDead = true;
      return await new Promise<never>(() => {});
    }
    const result = await work();
    // Who died meanwhile does not hear of it.
    return this.isDead ? await new Promise<never>(() => {}) : result;
  }
}

const worlds: OnCallWorld[] = [];
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.kill();
});

/** An outage from its beginning to its end, with a kill before the n-th act and a start right after; how many acts it had. */
async function outage(killAt: number): Promise<{ readonly world: OnCallWorld; readonly acts: number }> {
  const fs = createMemoryFileSystem();
  const journal = createMemoryJournal();
  const mortality = new Mortality(killAt);
  const world = new OnCallWorld(QUICK);
  worlds.push(world);
  const begin = async (life: Mortality): Promise<void> => {
    const state = await openTestState(fs);
    const mortal = new Proxy(state, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        const isWrite = name === 'put' || name === 'write' || name === 'delete';
        return (...args: readonly unknown[]): unknown =>
          isWrite
            ? life.act(() => Promise.resolve(Reflect.apply(value, target, args)))
            : Reflect.apply(value, target, args);
      },
    });
    world.through = (send) => life.act(send);
    await world.start({
      state: mortal,
      journal: { ...journal, append: (frames) => life.act(() => journal.append(frames)) },
    });
  };
  let isReborn = false;
  const afterwards = async (): Promise<void> => {
    if (!mortality.isDead || isReborn) return;
    isReborn = true;
    await begin(new Mortality(Number.POSITIVE_INFINITY));
  };
  // What is started may die while it starts.
  let isStarted = false;
  void begin(mortality).then(() => (isStarted = true));
  while (!isStarted && !mortality.isDead) await new Promise((resolve) => setImmediate(resolve));
  await afterwards();
  for (let minute = 0; minute < 5; minute++) {
    void world.fire();
    await world.soon();
    await afterwards();
    await world.pass(1);
    await afterwards();
  }
  for (let minute = 0; minute < 3; minute++) {
    void world.fire(true);
    await world.soon();
    await afterwards();
    await world.pass(1);
    await afterwards();
  }
  return { world, acts: mortality.acts };
}

const ONCE = ['ada firing', 'ada firing', 'ada resolved', 'boss firing', 'boss resolved'];

const textOf = ({ to, status }: { readonly to: string; readonly status: string }): string =>
  `${to} ${status}`;

/** What is wrong with the tellings of an outage: each must have come, and again at most once for each receiver, marked. */
function wrongWith({ sent }: OnCallWorld): readonly string[] {
  const sure = sent.filter(({ isMarked }) => !isMarked).map(textOf);
  const missing = ONCE.filter(
    (one) => sent.filter((told) => textOf(told) === one).length < countOf(ONCE, one),
  );
  const unmarked = sure.filter((one) => countOf(sure, one) > countOf(ONCE, one));
  const often = ['ada', 'boss'].filter(
    (name) =>
      sent.filter(({ to }) => to === name).length > ONCE.filter((one) => one.startsWith(name)).length + 1,
  );
  return [...missing, ...unmarked, ...often];
}

function countOf(list: readonly string[], one: string): number {
  return list.filter((other) => other === one).length;
}

describe('a kill before each act of an outage', () => {
  it('loses no telling, and repeats at most one for each receiver, marked', async () => {
    const { world, acts } = await outage(Number.POSITIVE_INFINITY);
    expect(world.sent.map(textOf).toSorted()).toEqual(ONCE);
    const wrong: unknown[] = [];
    let repeats = 0;
    for (let killAt = 1; killAt <= acts; killAt++) {
      const after = (await outage(killAt)).world;
      const found = wrongWith(after);
      repeats += after.sent.length - ONCE.length;
      if (found.length > 0) wrong.push({ killAt, found, sent: after.sent.map(textOf) });
    }
    expect(wrong).toEqual([]);
    expect(acts).toBeGreaterThan(30);
    expect(repeats).toBeGreaterThan(0);
  });
});
