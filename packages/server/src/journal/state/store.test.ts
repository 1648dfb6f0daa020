import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { seededRandom } from '../../kernel/random.ts';
import { FAULTS, FaultPlan, withFaults } from '../testing/faulty-fs.ts';
import { openTestState, type StateFixture, stateStoreContract } from '../testing/index.ts';
import { createMemoryFileSystem, type MemoryFileSystem } from '../testing/memory-fs.ts';
import type { OpenStateStore, StateKind } from './types.ts';

const number: StateKind<number> = { name: 'test.number', version: 1, schema: z.number() };

stateStoreContract('log state store', async (): Promise<StateFixture> => {
  const fs = createMemoryFileSystem();
  return {
    store: await openTestState(fs),
    reopen: () => openTestState(fs.cutPower(() => 0.1)),
    release: async () => {},
  };
});

stateStoreContract('log state store that compacts all the time', async () => {
  const fs = createMemoryFileSystem();
  const config = { compactBytes: 1024 };
  return {
    store: await openTestState(fs, config),
    reopen: () =>
      openTestState(
        fs.cutPower(() => 0.1),
        config,
      ),
    release: async () => {},
  };
});

it('stays small however often a key changes', async () => {
  const fs = createMemoryFileSystem();
  const store = await openTestState(fs, { compactBytes: 2048 });
  for (let i = 0; i < 1000; i++) await store.put(number, 'a', `k${i % 5}`, i);
  const sizes = [...fs.files]
    .filter(([path]) => path.startsWith('/data/state/'))
    .map(([, f]) => f.content.length);
  expect(sizes).toHaveLength(1);
  expect(sizes[0]).toBeLessThan(8192);
});

it('refuses what exceeds its limits and takes deletions even then', async () => {
  const store = await openTestState(createMemoryFileSystem(), { limitBytes: 1024, entryBytes: 256 });
  const text: StateKind<string> = { name: 'test.text', version: 1, schema: z.string() };
  await expect(store.put(text, 'a', 'big', 'x'.repeat(300))).rejects.toMatchObject({ code: 'state.invalid' });
  await store.put(text, 'a', '1', 'x'.repeat(200));
  await store.put(text, 'a', '2', 'x'.repeat(200));
  await store.put(text, 'a', '3', 'x'.repeat(200));
  await expect(store.put(text, 'a', '4', 'x'.repeat(240))).rejects.toMatchObject({ code: 'state.full' });
  await store.delete(text, 'a', '1');
  await store.put(text, 'a', '4', 'x'.repeat(200));
  await store.close();
  await expect(store.put(text, 'a', '5', '')).rejects.toMatchObject({ code: 'state.stopped' });
});

it('puts a damaged change into quarantine and keeps the others', async () => {
  const fs = createMemoryFileSystem();
  const store = await openTestState(fs);
  for (let i = 0; i < 5; i++) await store.put(number, 'a', `k${i}`, i);
  const file = [...fs.files].find(([path]) => path.startsWith('/data/state/'))?.[1];
  const at = file!.content.indexOf('"k2"');
  file!.content[at + 1]! ^= 1;
  const again = await openTestState(fs.killProcess());
  expect(again.list(number, 'a').map((e) => e.value)).toEqual([0, 1, 3, 4]);
  expect((await fs.list('/data/quarantine')).filter((name) => name.endsWith('.json'))).toHaveLength(1);
});

/** Changes keys in a fixed way; what is known of each key: the last acknowledged value, or a write without an answer. */
async function work(
  store: OpenStateStore,
  known: Map<string, number | undefined>,
  open: Map<string, Set<number | undefined>>,
) {
  const random = seededRandom(7);
  for (let i = 1; i <= 25; i++) {
    const writes = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, n) => ({
      key: `k${Math.floor(random() * 4) * 3 + n}`,
      value: random() < 0.2 ? undefined : i,
    }));
    for (const { key, value } of writes) open.set(key, (open.get(key) ?? new Set()).add(value));
    try {
      await store.write(writes.map(({ key, value }) => ({ kind: number, tenant: 'a', key, value })));
      for (const { key, value } of writes) known.set(key, value);
      for (const { key } of writes) open.delete(key);
    } catch {
      // Refused while the process lives on: it must not have happened, now or later.
      for (const { key, value } of writes) {
        open.get(key)?.delete(value);
        if (open.get(key)?.size === 0) open.delete(key);
      }
    }
  }
}

function faultsOf(
  store: OpenStateStore,
  known: ReadonlyMap<string, number | undefined>,
  open: ReadonlyMap<string, Set<number | undefined>>,
) {
  const keys = new Set([...known.keys(), ...open.keys(), ...store.list(number, 'a').map((e) => e.key)]);
  return [...keys].flatMap((key) => {
    const found = store.get(number, 'a', key)?.value;
    const allowed = found === known.get(key) || (open.get(key)?.has(found) ?? false);
    return allowed ? [] : [`${key} is ${found}, acknowledged ${known.get(key)}`];
  });
}

describe('struck at every file operation', () => {
  it('keeps every acknowledged change and no refused one', async () => {
    const dry = new FaultPlan();
    await work(
      await openTestState(withFaults(createMemoryFileSystem(), dry), { compactBytes: 1024 }),
      new Map(),
      new Map(),
    );
    const wrong: unknown[] = [];
    for (let at = 1; at <= dry.count; at++) {
      for (const fault of FAULTS) {
        for (const end of ['process', 'power'] as const) {
          const inner: MemoryFileSystem = createMemoryFileSystem();
          const plan = new FaultPlan(at, fault);
          const known = new Map<string, number | undefined>();
          const open = new Map<string, Set<number | undefined>>();
          const life = openTestState(withFaults(inner, plan), { compactBytes: 1024 }).then((s) =>
            work(s, known, open),
          );
          await Promise.race([life.catch(() => {}), plan.killed]);
          const disk = end === 'process' ? inner.killProcess() : inner.cutPower(seededRandom(at));
          const faults = faultsOf(await openTestState(disk), known, open);
          const twice = faultsOf(await openTestState(disk.cutPower(seededRandom(at + 1))), known, open);
          if (faults.length + twice.length > 0)
            wrong.push({ at, fault, end, struck: plan.struck, faults, twice });
        }
      }
    }
    expect(dry.count).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  }, 180_000);
});
