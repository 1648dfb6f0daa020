import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c } from '../../journal/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { PharosError } from '../../kernel/errors.ts';
import { findBlocks } from './block.ts';
import { readIndex } from './block-index.ts';
import { importBlocks } from './import.ts';
import { readTombstones } from './tombstones.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blocks-'));
});
afterEach(() => rm(folder, { recursive: true }));

function withSum(bytes: readonly number[], from: number): Uint8Array {
  const all = Uint8Array.from([...bytes, 0, 0, 0, 0]);
  new DataView(all.buffer).setUint32(bytes.length, crc32c(all, 0, from, bytes.length));
  return all;
}

describe('TSDB files', () => {
  it('reads tombstones by series', () => {
    const bytes = withSum([0x01, 0x30, 0xba, 0x30, 1, 7, 2, 4, 7, 20, 40, 9, 1, 1], 5);
    expect(readTombstones(bytes)).toEqual(
      new Map([
        [
          7,
          [
            { from: 1, to: 2 },
            { from: 10, to: 20 },
          ],
        ],
        [9, [{ from: -1, to: -1 }]],
      ]),
    );
    bytes[6] = 3;
    expect(() => readTombstones(bytes)).toThrow('checksum of the tombstones');
  });

  it('refuses any other bytes with an error of its own', () => {
    const magic = fc.constantFrom([0xba, 0xaa, 0xd7, 0x00, 2], [0x01, 0x30, 0xba, 0x30, 1], []);
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 120 }), (head, rest) => {
        const bytes = Uint8Array.from([...head, ...rest]);
        for (const read of [() => [...readIndex(bytes)], () => readTombstones(bytes)]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(PharosError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds a block, and blocks in a folder, or says that there is none', async () => {
    await expect(findBlocks(folder)).rejects.toThrow('there is no TSDB block');
    await expect(findBlocks(join(folder, 'nowhere'))).rejects.toThrow('cannot be read');
    for (const name of ['01B', '01A', 'wal']) await mkdir(join(folder, name));
    for (const name of ['01B', '01A']) {
      await writeFile(join(folder, name, 'index'), '');
      await writeFile(join(folder, name, 'meta.json'), '{}');
    }
    expect(await findBlocks(folder)).toEqual([join(folder, '01A'), join(folder, '01B')]);
    expect(await findBlocks(join(folder, '01B'))).toEqual([join(folder, '01B')]);
    const options = { directory: folder, url: 'http://x', headers: {}, clock: new ManualClock(0), fetch };
    await expect(importBlocks(options)).rejects.toThrow('is not the description of a block');
  });
});
