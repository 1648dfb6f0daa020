import { describe, expect, it } from 'vitest';
import { Identities } from '../kernel/identities.ts';
import { columnOf, DayChunks, payloadOf, type RowChunk, rowsBut } from './chunks.ts';
import { DurableRows } from './durable-rows.ts';
import { PendingRows } from './pending.ts';
import { createMemoryJournal } from './testing/index.ts';
import type { Frame } from './types.ts';

/** Rows of one byte each, which is what makes them the same. */
function chunk(...values: number[]): RowChunk {
  const offsets = Uint32Array.from(values, (_, i) => i);
  return { tenant: 't', day: 1, rows: values.length, payload: Uint8Array.from(values), offsets };
}

const frameOf = ({ tenant, day, rows, payload }: RowChunk): Frame => ({
  table: 'rows',
  schemaVersion: 1,
  tenant,
  day,
  rows,
  payload,
});

function setup(failures = 0) {
  const journal = createMemoryJournal();
  let left = failures;
  const pending = new PendingRows<RowChunk>(0);
  const stored: number[] = [];
  const rows = new DurableRows<RowChunk>({
    journal: {
      append: (frames) => {
        journal.failWith(left-- > 0 ? 'failed' : null);
        return journal.append(frames);
      },
    },
    identities: new Identities(),
    pending,
    identitiesOf: ({ payload }) => Uint32Array.from([...payload].flatMap((value) => [value, 1])),
    without: (from, dropped) => ({ ...from, ...payloadOf(from, rowsBut(from.rows, dropped)) }),
    frameOf,
    onStored: ({ payload }) => stored.push(...payload),
  });
  return { journal, pending, rows, stored };
}

const nothing = () => ({ frames: [] });

describe('rows of a request', () => {
  it('become durable once: what is there already, or twice in the request, is left out', async () => {
    const { journal, pending, rows, stored } = setup();
    expect(await rows.store([chunk(1, 2), chunk(2, 3)], nothing)).toEqual({ stored: 3, duplicates: 1 });
    expect(await rows.store([chunk(3, 4, 1)], nothing)).toEqual({ stored: 1, duplicates: 2 });
    expect(await rows.store([chunk(1, 2)], nothing)).toEqual({ stored: 0, duplicates: 2 });
    expect(stored).toEqual([1, 2, 3, 4]);
    expect(journal.appended).toHaveLength(2);
    expect(pending.rows).toBe(4);
  });

  it('wait for twins on their way, and are stored when those were not', async () => {
    const { rows, stored } = setup(1);
    const first = rows.store([chunk(1)], nothing);
    const second = rows.store([chunk(1, 2)], nothing);
    await expect(first).rejects.toMatchObject({ code: 'journal.failed' });
    expect(await second).toEqual({ stored: 2, duplicates: 0 });
    expect(stored).toEqual([1, 2]);
  });

  it('are stored with the frames beside them, of which is told only when they are durable', async () => {
    const { journal, rows, pending } = setup(1);
    const seen: string[] = [];
    const beside = (fresh: readonly RowChunk[]) => ({
      frames: [frameOf(chunk(9))],
      stored: () => void seen.push(`stored ${fresh.length}`),
    });
    await expect(rows.store([chunk(1)], beside)).rejects.toMatchObject({ code: 'journal.failed' });
    expect([seen, pending.rows]).toEqual([[], 0]);
    await rows.store([chunk(1)], beside);
    await rows.store([chunk(1)], beside);
    expect(seen).toEqual(['stored 1', 'stored 0']);
    expect(journal.appended.map(({ frames }) => frames.map(({ payload }) => [...payload]))).toEqual([
      [[9], [1]],
      [[9]],
    ]);
  });

  it('of an earlier process are repeats, and seen', async () => {
    const { rows, pending, stored } = setup();
    rows.restore(chunk(5), 1);
    expect(await rows.store([chunk(5, 6)], nothing)).toEqual({ stored: 1, duplicates: 1 });
    expect([pending.rows, stored]).toEqual([2, [6]]);
  });
});

describe('chunks', () => {
  it('keep rows, payload and columns together when some are dropped', () => {
    const from = { rows: 3, payload: Uint8Array.of(1, 1, 2, 3, 3, 3), offsets: Uint32Array.of(0, 2, 3) };
    const kept = rowsBut(3, new Set([1]));
    expect(payloadOf({ tenant: 't', day: 0, ...from }, kept)).toEqual({
      rows: 2,
      payload: Buffer.of(1, 1, 3, 3, 3),
      offsets: Uint32Array.of(0, 2),
    });
    expect(columnOf(Uint32Array.of(1, 2, 3, 4, 5, 6), kept, new Uint32Array(4))).toEqual(
      Uint32Array.of(1, 2, 5, 6),
    );
  });

  it('end when they are full, one writer for each day', () => {
    class Writer {
      readonly day: number;
      rows = 0;
      bytes = 0;
      constructor(day: number) {
        this.day = day;
      }
      add(bytes: number): void {
        this.rows++;
        this.bytes += bytes;
      }
      take(): string {
        const taken = `${this.day}: ${this.rows} rows, ${this.bytes} bytes`;
        this.rows = 0;
        this.bytes = 0;
        return taken;
      }
    }
    const chunks = new DayChunks((day) => new Writer(day));
    for (const bytes of [3, 4 * 2 ** 20, 5]) chunks.writer(7).add(bytes);
    chunks.writer(8).add(1);
    expect(chunks.take()).toEqual(['7: 2 rows, 4194307 bytes', '7: 1 rows, 5 bytes', '8: 1 rows, 1 bytes']);
    chunks.writer(7).add(1);
    chunks.clear();
    expect(chunks.take()).toEqual([]);
  });
});
