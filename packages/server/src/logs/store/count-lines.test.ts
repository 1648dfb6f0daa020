import { Labels } from '@pharos/promql';
import { expect, it } from 'vitest';
import { engineErrors } from '../../engine/index.ts';
import { timeOfNanos } from '../time.ts';
import { ChunkWriter } from './chunk.ts';
import { countLines } from './count-lines.ts';
import { RecentRows } from './recent-rows.ts';
import type { TimeWindow } from './stream-catalogue.ts';

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

it('reads all times that memory has lines for near each other with one question, and counts no line between them', async () => {
  const streams = { byId: new Map([[7n, Labels.EMPTY]]), all: true, isOutdated: () => false };
  const second = 1_000_000_000n;
  const writer = new ChunkWriter('default', 0);
  for (const time of [51n, 53n, 58n, 10_000n])
    writer.add(
      {
        time: timeOfNanos(time * second),
        stream: { low: 7, high: 0 },
        id: { low: Number(time), high: 0 },
        service: '',
        level: '',
        ids: { trace: '', span: '', request: '' },
        metadata: [],
      },
      Buffer.from('x'),
    );
  const chunk = writer.take();
  const asked: (readonly TimeWindow[])[] = [];
  const counted = await countLines(
    {
      streams: () => Promise.resolve(streams),
      passing: async function* (_request, within) {
        asked.push(within);
        if (within.length === 1) return;
        // The second came after memory was looked at.
        yield {
          stream: Labels.EMPTY,
          timestamps: BigInt64Array.from([51n, 52n, 53n, 58n], (time) => time * second),
          lines: [],
        };
      },
    },
    { ...REQUEST, windows: { ...REQUEST.windows, end: 10_060n * second, rangeNs: 10_020e9 } },
    {
      engine: {
        query: () => Promise.reject(engineErrors.make('gone', 'the engine is down')),
        state: () => 'ready',
      },
      tenant: 'default',
      failed: () => {},
      recent: (_streams, window) =>
        RecentRows.of([chunk], streams.byId, window, { backward: false, breathe: () => Promise.resolve() }),
      counted: () => {},
    },
  );
  const at = (time: bigint): TimeWindow => ({ from: time * second, to: time * second + 1n });
  expect(asked).toEqual([[51n, 53n, 58n].map(at), [at(10_000n)]]);
  expect(counted?.map(({ values }) => [...values])).toEqual([[3]]);
});
