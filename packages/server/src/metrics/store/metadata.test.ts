import { expect, it } from 'vitest';
import { z } from 'zod';
import type { StateKind } from '../../journal/index.ts';
import { createMemoryFileSystem, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import type { MetricMetadata } from '../sink.ts';
import { MetadataStore } from './metadata.ts';
import { MetadataState, metadataKind } from './metadata-state.ts';

const gauge = (help: string): MetricMetadata => ({ type: 'gauge', help, unit: '' });

it('keeps the newest description first, and says only what is new', () => {
  const store = new MetadataStore();
  const heard: string[] = [];
  store.onRecorded((tenant, metric, { help }) => heard.push(`${tenant} ${metric} ${help}`));
  for (const help of ['a', 'b', 'a', 'b', 'c', 'd', 'e']) store.record('t', 'up', gauge(help));
  expect(
    store
      .families('t')
      .get('up')
      ?.map((m) => m.help),
  ).toEqual(['e', 'd', 'c', 'b']);
  expect(heard).toHaveLength(5);
  store.record('t', '__proto__', gauge('x'));
  expect([...store.families('t').keys()]).toEqual(['up', '__proto__']);
  expect(store.families('other').size).toBe(0);
});

it('brings the descriptions back after a restart, each tenant its own', async () => {
  const state = await openTestState();
  const clock = new ManualClock();
  const first = new MetadataStore();
  const writer = new MetadataState(first, state, silentLog);
  writer.start(clock);
  first.record('a', 'up', gauge('old'));
  first.record('a', 'up', gauge('new'));
  first.record('b', 'up', gauge('of b'));
  await writer.stop();
  const second = new MetadataStore();
  const reader = new MetadataState(second, state, silentLog);
  reader.start(clock);
  expect(
    second
      .families('a')
      .get('up')
      ?.map((m) => m.help),
  ).toEqual(['new', 'old']);
  expect(second.families('b').get('up')).toEqual([gauge('of b')]);
  await reader.stop();
});

it('cuts long texts, leaves out names that are no keys, and counts both', () => {
  const limits: string[] = [];
  const store = new MetadataStore((limit) => limits.push(limit));
  store.record('t', 'long', gauge('é'.repeat(100_000)));
  store.record('t', 'long', gauge('é'.repeat(100_000)));
  const [kept] = store.families('t').get('long') ?? [];
  expect(Buffer.byteLength(kept!.help)).toBeLessThanOrEqual(1024);
  expect(kept!.help).toMatch(/^é+…$/);
  store.record('t', 'n'.repeat(513), gauge('x'));
  store.record('t', '', gauge('x'));
  expect([...store.families('t').keys()]).toEqual(['long']);
  expect(limits).toEqual(['text_length', 'name_length', 'name_length']);
});

it('keeps to its room: of a tenant, so that others have theirs, and of all of them', () => {
  const limits: string[] = [];
  const store = new MetadataStore((limit) => limits.push(limit), { perTenant: 4_000, total: 6_000 });
  for (let i = 0; i < 100; i++) store.record('a', `m${i}`, gauge('x'.repeat(100)));
  const ofA = store.families('a').size;
  expect(ofA).toBeGreaterThan(10);
  expect(limits).toEqual(Array(100 - ofA).fill('bytes'));
  for (let i = 0; i < 100; i++) store.record('b', `m${i}`, gauge('x'.repeat(100)));
  const ofB = store.families('b').size;
  expect(ofB).toBeGreaterThan(5);
  expect(JSON.stringify([...store.families('a'), ...store.families('b')]).length).toBeLessThan(6_000);
  // What a family is now matters more than what it was.
  store.record('a', 'm0', gauge('y'.repeat(100)));
  expect(store.families('a').get('m0')).toEqual([gauge('y'.repeat(100))]);
});

it('never fills the state store, which dashboards and users need too', async () => {
  const state = await openTestState(createMemoryFileSystem(), { limitBytes: 24 * 2 ** 20 });
  const store = new MetadataStore();
  const writer = new MetadataState(store, state, silentLog);
  writer.start(new ManualClock());
  for (const tenant of ['a', 'b', 'c'])
    for (let i = 0; i < 20_000; i++) store.record(tenant, `m${i}`, gauge('x'.repeat(2_000)));
  for (let i = 0; i < 60; i++) await writer.flush();
  await writer.stop();
  const other: StateKind<string> = { name: 'test.other', version: 1, schema: z.string() };
  await state.put(other, 'c', 'k', 'x'.repeat(1_000_000));
  expect(state.list(metadataKind, 'a').length).toBe(store.families('a').size);
});

it('writes anew what an earlier version kept without limits, so that a full store has room again', async () => {
  const state = await openTestState();
  const long = gauge('x'.repeat(500_000));
  const writes = Array.from({ length: 100 }, (_, i) => ({
    kind: metadataKind,
    tenant: 'a',
    key: `m${i}`,
    value: [long],
  }));
  await state.write(writes);
  const store = new MetadataStore(() => {}, { perTenant: 60_000, total: 60_000 });
  const kept = new MetadataState(store, state, silentLog);
  kept.start(new ManualClock());
  await kept.stop();
  const entries = state.list(metadataKind, 'a');
  expect(entries.length).toBe(store.families('a').size);
  expect(entries.length).toBeLessThan(60);
  expect(entries.every(({ value }) => value.every(({ help }) => help.length <= 1024))).toBe(true);
});
