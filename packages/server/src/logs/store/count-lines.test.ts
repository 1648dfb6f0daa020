import { Labels } from '@pharos/promql';
import { expect, it } from 'vitest';
import { engineErrors } from '../../engine/index.ts';
import { countLines } from './count-lines.ts';
import { RecentRows } from './recent-rows.ts';

const REQUEST = {
  matchers: [],
  lineFilters: [],
  labelFilters: [],
  what: 'lines',
  windows: { end: 60_000_000_000n, stepNs: 1e9, rangeNs: 10e9, count: 1 },
  grouping: { without: false, labels: [] },
} as const;

const NO_LINES: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

/** Counts with an engine that fails; tells how often it was asked, and whether lines were read instead. */
async function countWith(error: Error) {
  const streams = { byId: new Map([[1n, Labels.EMPTY]]), all: true, isOutdated: () => false };
  let asked = 0;
  let reads = 0;
  const counted = countLines(
    {
      streams: () => Promise.resolve(streams),
      passing: () => {
        reads++;
        return NO_LINES;
      },
    },
    REQUEST,
    {
      engine: {
        query: () => {
          asked++;
          return Promise.reject(error);
        },
        state: () => 'ready',
      },
      tenant: 'default',
      failed: (failure) => {
        throw failure;
      },
      recent: (_streams, window) =>
        RecentRows.of([], streams.byId, window, { backward: false, breathe: () => Promise.resolve() }),
      counted: () => {},
    },
  );
  const outcome = await counted.catch((thrown: unknown) => thrown);
  return { outcome, asked, reads };
}

it('reads lines where counting them is too much for one answer', async () => {
  const tooMuch = engineErrors.make('resource', 'too many bytes', { details: { code: 396 } });
  expect(await countWith(tooMuch)).toEqual({ outcome: null, asked: 1, reads: 0 });
});

it('does not where the engine is busy or slow: overload is told', async () => {
  for (const busy of [
    engineErrors.make('resource', '64 statements wait for the engine already', { retryAfterSeconds: 1 }),
    engineErrors.make('resource', 'timeout exceeded', { details: { code: 159 } }),
  ])
    expect(await countWith(busy)).toEqual({ outcome: busy, asked: 1, reads: 0 });
});
