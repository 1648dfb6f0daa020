import { expect, it } from 'vitest';
import { createMemoryJournal } from './memory-journal.ts';

const frame = { table: 't', schemaVersion: 1, tenant: 'a', day: 1, rows: 2, payload: new Uint8Array([1]) };

it('replays what is not flushed, refuses on command, and tells listeners', async () => {
  const journal = createMemoryJournal([[frame]]);
  expect(await journal.append([frame])).toBe(2);
  const heard: number[] = [];
  journal.onFlushed((p) => heard.push(p));
  journal.flush(1);
  const seen: number[] = [];
  await journal.replay((_, position) => seen.push(position));
  expect([seen, heard, journal.pressure().rows]).toEqual([[2], [1], 2]);
  journal.failWith('full');
  await expect(journal.append([frame])).rejects.toMatchObject({ code: 'journal.full', status: 503 });
});
