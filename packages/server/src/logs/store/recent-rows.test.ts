import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeOfNanos } from '../time.ts';
import { ChunkWriter, type LineChunk } from './chunk.ts';
import { RecentRows } from './recent-rows.ts';

const STREAM = new Map([[7n, Labels.fromRecord({ app: 'a' })]]);
const NOW = 1_767_225_600_000_000_000n;
const ALL = { from: 0n, to: 2n ** 62n };

function chunkOf(times: readonly bigint[]): LineChunk {
  const writer = new ChunkWriter('default', 0);
  for (const [i, time] of times.entries())
    writer.add(
      {
        time: timeOfNanos(time),
        stream: { low: 7, high: 0 },
        id: { low: i, high: 0 },
        service: '',
        level: 'info',
        ids: { trace: '', span: '', request: '' },
        metadata: [],
      },
      Buffer.from('x'),
    );
  return writer.take();
}

const rowsOf = (times: readonly bigint[], backward = false) =>
  RecentRows.of([chunkOf(times)], STREAM, ALL, { backward, breathe: () => Promise.resolve() });

it('keeps what lies far apart apart: a late line is not a reason to read hours', async () => {
  const hour = 3_600_000_000_000n;
  const recent = Array.from({ length: 3000 }, (_, i) => NOW + BigInt(i) * 1_000_000n);
  const times = [...recent, NOW - 5n * hour, NOW - 2n * hour, NOW - 2n * hour + 5n];
  for (const backward of [false, true]) {
    const { pieces } = await rowsOf(times, backward);
    expect(pieces.length).toBeLessThanOrEqual(16);
    expect(pieces[0]).toEqual({ from: NOW - 5n * hour, to: NOW - 5n * hour + 1n });
    expect(pieces[1]).toEqual({ from: NOW - 2n * hour, to: NOW - 2n * hour + 6n });
    expect(pieces[2]?.from).toBe(NOW);
    expect(pieces.at(-1)?.to).toBe(NOW + 2_999_000_001n);
  }
  expect((await rowsOf([])).pieces).toEqual([]);
});

it('has every line in one of a few pieces that do not overlap', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 61n }), { minLength: 1, maxLength: 60 }),
      fc.array(fc.bigInt({ min: 0n, max: 20_000n }), { maxLength: 60 }),
      async (far, near) => {
        const times = [...far, ...near.map((more) => NOW + more)];
        const { pieces } = await rowsOf(times);
        expect(pieces.length).toBeLessThanOrEqual(16);
        for (const time of times)
          expect(pieces.filter(({ from, to }) => time >= from && time < to)).toHaveLength(1);
        for (const [i, { from }] of pieces.entries())
          if (i > 0) expect(from).toBeGreaterThanOrEqual(pieces[i - 1]?.to ?? 0n);
      },
    ),
  );
});
