import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatExpr } from '../parse/printer.ts';
import type { LogStorage } from '../storage.ts';
import { FilteringStorage } from './filtering-storage.ts';
import { query } from './random-queries.ts';
import { CONTRACT_ENTRIES, CONTRACT_QUERIES, differencesFromMemory } from './storage-contract.ts';

const filtering = new FilteringStorage(CONTRACT_ENTRIES);

it('a storage that does all it may changes no answer', async () => {
  expect(CONTRACT_QUERIES.length).toBeGreaterThan(100);
  expect(await differencesFromMemory(filtering)).toEqual([]);
  const onlyReading: LogStorage = { select: (request) => filtering.select(request) };
  expect(await differencesFromMemory(onlyReading)).toEqual([]);
});

it('nor for any other query', async () => {
  await fc.assert(
    fc.asyncProperty(query, async (expr) => {
      const text = formatExpr(expr).replaceAll('app="x"', 'app=~"a|b"');
      expect(await differencesFromMemory(filtering, [text])).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('finds a storage out that does otherwise', async () => {
  const forgetful: LogStorage = {
    select: (request) => filtering.select({ ...request, end: request.end - 1_000_000_000n }),
  };
  const deaf: LogStorage = {
    select: (request) => filtering.select({ ...request, hints: { ...request.hints, limit: 1 } }),
  };
  const miscounting: LogStorage = {
    select: (request) => filtering.select(request),
    count: (request) => filtering.count({ ...request, what: 'lines' }),
  };
  for (const wrong of [forgetful, deaf, miscounting])
    expect((await differencesFromMemory(wrong)).length).toBeGreaterThan(0);
});
