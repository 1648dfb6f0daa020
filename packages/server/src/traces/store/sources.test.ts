import { expect, it } from 'vitest';
import { createServiceNames } from '../../kernel/names.ts';
import type { SpanSource } from '../sink.ts';
import { createSourceHash, type KnownSource, Sources } from './sources.ts';

const MINUTE = 60_000;

function sourceOf(n: number, padding = 1000): SpanSource {
  const resource = [
    { key: 'service.name', type: 's' as const, value: 'cart' },
    { key: 'pod', type: 's' as const, value: `${n}`.padEnd(padding, '.') },
  ];
  return { resource, scopeName: 'lib', scopeVersion: '', scope: [], schemaUrl: '' };
}

async function open(limits: { readonly limit?: number; readonly memory?: number }) {
  return new Sources({
    hash: await createSourceHash(),
    names: createServiceNames(new Map()),
    limit: 1000,
    memory: 1e6,
    ...limits,
  });
}

function known(found: ReturnType<Sources['resolve']>): KnownSource {
  if (typeof found === 'string') throw new Error(`refused by ${found}`);
  return found;
}

it('knows a source again, and refuses more of a tenant than its limit', async () => {
  const sources = await open({ limit: 2 });
  const first = known(sources.resolve('a', sourceOf(1), 0));
  expect(first).toMatchObject({ service: 'cart', tenant: 'a' });
  expect(sources.resolve('a', sourceOf(1), 5)).toBe(first);
  known(sources.resolve('a', sourceOf(2), 5));
  expect(sources.resolve('a', sourceOf(3), 5)).toBe('count');
  known(sources.resolve('b', sourceOf(3), 5));
  expect([sources.size, sources.of(first.ref)]).toEqual([3, first]);
});

it('holds no more than its memory: what was idle for five minutes goes first, then new ones are refused', async () => {
  const sources = await open({ memory: 40_000 });
  const fill = (now: number): number => {
    for (let n = 0; ; n++) if (sources.resolve('a', sourceOf(n), now) === 'memory') return n;
  };
  const held = fill(0);
  expect(held).toBeGreaterThan(10);
  expect(sources.bytes).toBeLessThanOrEqual(40_000);
  expect(sources.resolve('b', sourceOf(1), 4 * MINUTE)).toBe('memory');
  // One is used, one is being written: they stay.
  const used = known(sources.resolve('a', sourceOf(0), 4 * MINUTE));
  const busy = known(sources.resolve('a', sourceOf(1), 0));
  busy.inFlight++;
  const later = known(sources.resolve('b', sourceOf(1), 6 * MINUTE));
  expect([used, busy, later].map(({ ref }) => sources.of(ref) !== undefined)).toEqual([true, true, true]);
  expect(sources.size).toBe(held);
  expect([...sources.list('a')]).toHaveLength(held - 1);
  expect(sources.resolve('a', sourceOf(0, 100_000), 6 * MINUTE)).toBe('memory');
  busy.inFlight--;
  sources.collect(200 * MINUTE);
  expect([sources.size, sources.bytes, [...sources.list('a')]]).toEqual([0, 0, []]);
});
