import { expect, it } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import type { MetricMetadata } from '../sink.ts';
import { MetadataStore } from './metadata.ts';
import { MetadataState } from './metadata-state.ts';

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
