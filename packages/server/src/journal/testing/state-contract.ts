import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type OpenStateStore,
  type StateChange,
  type StateEntry,
  type StateKind,
  type StateWrite,
  stateErrors,
} from '../index.ts';

export interface StateFixture {
  readonly store: OpenStateStore;
  /** A new store on the same data, as after a kill of the first. */
  reopen(): Promise<OpenStateStore>;
  release(): Promise<void>;
}

const noteSchema = z.strictObject({ text: z.string(), tags: z.array(z.string()).optional() });
type Note = z.infer<typeof noteSchema>;
const note: StateKind<Note> = { name: 'test.note', version: 1, schema: noteSchema };
const other: StateKind<number> = { name: 'test.number', version: 1, schema: z.number() };
const newerNote: StateKind<{ title: string }> = {
  name: 'test.note',
  version: 2,
  schema: z.strictObject({ title: z.string() }),
  upgrade: (value) => ({ title: noteSchema.parse(value).text }),
};

/** What every state store must do. Run it in a test file of the implementation. */
export function stateStoreContract(name: string, open: () => Promise<StateFixture>): void {
  const scenario = (title: string, run: (fixture: StateFixture) => Promise<void>): void => {
    it(title, async () => {
      const fixture = await open();
      try {
        await run(fixture);
      } finally {
        await fixture.release();
      }
    });
  };
  describe(`${name}: entries`, () => entries(scenario));
  describe(`${name}: compare-and-set`, () => comparing(scenario));
  describe(`${name}: tenants`, () => tenants(scenario));
  describe(`${name}: schemas`, () => schemas(scenario));
}

type Scenario = (title: string, run: (fixture: StateFixture) => Promise<void>) => void;

function entries(scenario: Scenario): void {
  scenario('gives back what was put, also after a kill', async ({ store, reopen }) => {
    const put = await store.put(note, 'a', 'k', { text: 'hello' });
    expect(store.get(note, 'a', 'k')).toEqual(put);
    const again = await reopen();
    expect(again.get(note, 'a', 'k')).toEqual(put);
    expect(again.get(other, 'a', 'k')).toBeUndefined();
  });

  scenario('lists in key order and forgets what was deleted', async ({ store, reopen }) => {
    for (const key of ['b', '__proto__', 'a', 'constructor', 'ü'])
      await store.put(other, 'a', key, key.length);
    expect(await store.delete(other, 'a', 'b')).toBe(true);
    expect(await store.delete(other, 'a', 'b')).toBe(false);
    const keys = ['__proto__', 'a', 'constructor', 'ü'];
    expect(store.list(other, 'a').map((e) => e.key)).toEqual(keys);
    expect((await reopen()).list(other, 'a').map((e) => e.key)).toEqual(keys);
  });

  scenario('writes several keys together or not at all', async ({ store, reopen }) => {
    await store.put(other, 'a', 'x', 1);
    const bad: StateWrite[] = [
      { kind: other, tenant: 'a', key: 'y', value: 2 },
      { kind: note, tenant: 'a', key: 'n', value: { text: 't' }, expected: 99 },
    ];
    await expect(store.write(bad)).rejects.toMatchObject({ code: 'state.conflict' });
    expect(store.get(other, 'a', 'y')).toBeUndefined();
    await store.write([
      { kind: other, tenant: 'a', key: 'x', value: undefined },
      { kind: other, tenant: 'a', key: 'y', value: 2, expected: 'absent' },
    ]);
    const again = await reopen();
    expect(again.list(other, 'a').map((e) => [e.key, e.value])).toEqual([['y', 2]]);
  });

  scenario('tells listeners of durable changes, in order', async ({ store }) => {
    const heard: StateChange<number>[] = [];
    const stop = store.onChange(other, (change) => heard.push(change));
    await store.put(other, 'a', 'x', 1);
    await store.put(note, 'a', 'x', { text: 'not heard' });
    await store.put(other, 'b', 'x', 2);
    await store.delete(other, 'a', 'x');
    stop();
    await store.put(other, 'a', 'x', 3);
    expect(heard.map((c) => [c.tenant, c.key, c.entry?.value])).toEqual([
      ['a', 'x', 1],
      ['b', 'x', 2],
      ['a', 'x', undefined],
    ]);
  });

  scenario('does not share memory with its callers', async ({ store }) => {
    const mine = { text: 'a', tags: ['x'] };
    await store.put(note, 'a', 'k', mine);
    mine.tags.push('y');
    const read = store.get(note, 'a', 'k');
    expect(read?.value).toEqual({ text: 'a', tags: ['x'] });
    expect(() => read?.value.tags?.push('z')).toThrow(TypeError);
  });
}

function comparing(scenario: Scenario): void {
  scenario('takes a change only on the version it was made for', async ({ store, reopen }) => {
    const first = await store.put(other, 'a', 'k', 1, { expected: 'absent' });
    await expect(store.put(other, 'a', 'k', 2, { expected: 'absent' })).rejects.toMatchObject({
      status: 409,
    });
    const second = await store.put(other, 'a', 'k', 2, { expected: first.version });
    expect(second.version).toBeGreaterThan(first.version);
    await expect(store.put(other, 'a', 'k', 3, { expected: first.version })).rejects.toMatchObject({
      code: 'state.conflict',
    });
    await expect(store.delete(other, 'a', 'k', { expected: first.version })).rejects.toMatchObject({
      status: 409,
    });
    expect((await reopen()).get(other, 'a', 'k')).toEqual(second);
  });

  scenario('lets one of many concurrent changes win', async ({ store }) => {
    const { version } = await store.put(other, 'a', 'k', 0);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => store.put(other, 'a', 'k', i + 1, { expected: version })),
    );
    const won: StateEntry<number>[] = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
    const lost = results.flatMap((r) => (r.status === 'rejected' ? [r.reason] : []));
    expect(lost.every((reason) => stateErrors.is(reason, 'conflict'))).toBe(true);
    expect(won).toHaveLength(1);
    expect(store.get(other, 'a', 'k')).toEqual(won[0]);
  });

  scenario('never gives a version twice, not even to a key made anew', async ({ store, reopen }) => {
    const first = await store.put(other, 'a', 'k', 1);
    await store.delete(other, 'a', 'k');
    const again = await reopen();
    const second = await again.put(other, 'a', 'k', 1);
    expect(second.version).toBeGreaterThan(first.version);
    await expect(again.put(other, 'a', 'k', 2, { expected: first.version })).rejects.toMatchObject({
      status: 409,
    });
  });
}

function tenants(scenario: Scenario): void {
  scenario('two tenants never see, change or list the other', async ({ store, reopen }) => {
    await store.put(note, 'a', 'k', { text: 'of a' });
    await store.put(note, 'b', 'k', { text: 'of b' });
    await store.put(note, 'b', 'only', { text: 'of b' });
    expect(store.get(note, 'a', 'only')).toBeUndefined();
    expect(await store.delete(note, 'a', 'only')).toBe(false);
    await store.delete(note, 'a', 'k');
    const again = await reopen();
    expect(again.list(note, 'a')).toEqual([]);
    expect(again.list(note, 'b').map((e) => e.value.text)).toEqual(['of b', 'of b']);
    expect(again.tenants(note)).toEqual(['b']);
  });

  scenario('names that look alike are not the same', async ({ store }) => {
    const names = ['a', 'a/b', 'a"b', '["a"', '__proto__', 'A'];
    for (const [index, name] of names.entries()) await store.put(other, name, 'k', index);
    expect(names.map((name) => store.get(other, name, 'k')?.value)).toEqual(names.map((_, index) => index));
  });
}

function schemas(scenario: Scenario): void {
  scenario('refuses what the kind does not accept, naming the place', async ({ store }) => {
    const wrong: unknown = { text: 7 };
    const write: StateWrite = { kind: note, tenant: 'a', key: 'k', value: wrong };
    await expect(store.write([write])).rejects.toMatchObject({
      code: 'state.invalid',
      message: expect.stringContaining('at text'),
    });
    await expect(store.put(other, 'a', 'k', Number.NaN)).rejects.toMatchObject({ status: 400 });
    const huge: StateKind<bigint> = { name: 'test.huge', version: 1, schema: z.bigint() };
    await expect(store.put(huge, 'a', 'k', 1n)).rejects.toMatchObject({ code: 'state.invalid' });
    await expect(store.put(other, 'a', '', 1)).rejects.toMatchObject({ status: 400 });
    await expect(store.put(other, 'a', 'k'.repeat(513), 1)).rejects.toMatchObject({ status: 400 });
    await expect(store.put(other, '', 'k', 1)).rejects.toMatchObject({ status: 400 });
    expect(store.tenants(note)).toEqual([]);
  });

  scenario('upgrades values of an older version when they are read', async ({ store, reopen }) => {
    await store.put(note, 'a', 'k', { text: 'hello' });
    const again = await reopen();
    expect(again.get(newerNote, 'a', 'k')?.value).toEqual({ title: 'hello' });
    expect(again.list(newerNote, 'a')).toHaveLength(1);
  });

  scenario('keeps and hides what it cannot read', async ({ store, reopen }) => {
    await store.put(newerNote, 'a', 'k', { title: 'of a newer version' });
    const again = await reopen();
    expect(again.get(note, 'a', 'k')).toBeUndefined();
    expect((await reopen()).get(newerNote, 'a', 'k')?.value.title).toBe('of a newer version');
  });
}
