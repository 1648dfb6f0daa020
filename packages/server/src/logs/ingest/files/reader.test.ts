import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { nanosOf } from '../../time.ts';
import { IngestSession } from '../session.ts';
import type { FileFormat } from './config.ts';
import { type FileCursor, START, savedFileSchema } from './cursor.ts';
import { LINE_FORMATS } from './formats.ts';
import { ChunkReader } from './reader.ts';

interface Taken {
  readonly text: string;
  readonly time: bigint;
}

interface Options {
  readonly format?: FileFormat;
  readonly mostBytes?: number;
  readonly start?: string;
}

/** Reads a file in rounds, each with some more of it there, as if the process had been started anew for each. */
async function readFile(content: Buffer, sizes: readonly number[], options: Options = {}) {
  const taken: Taken[] = [];
  const counts = { malformed: 0, cut: 0, repaired: 0 };
  let cursor: FileCursor = START;
  for (const [i, size] of [...sizes, content.length].entries()) {
    const session = new IngestSession(
      {
        stream: () => 1,
        append: (_ref, { time, bytes, start, end }) =>
          void taken.push({ text: Buffer.from(bytes).toString('utf8', start, end), time: nanosOf(time) }),
        problem: () => null,
        refuse: () => {},
      },
      () => Promise.resolve(),
    );
    const reader = new ChunkReader(
      {
        format: LINE_FORMATS[options.format ?? 'plain'],
        mostBytes: options.mostBytes ?? 1000,
        start: options.start === undefined ? undefined : RE2JS.compile(options.start),
        localMs: (ms) => ms,
        fallback: { ms: 5, nanos: 0 },
      },
      session,
      1,
      cursor,
    );
    const next = await reader.read(content.subarray(cursor.offset, size), i === sizes.length);
    counts.malformed += reader.counts.malformed;
    counts.cut += reader.counts.cut;
    counts.repaired += reader.counts.repaired;
    // What is stored is all that is known after a restart.
    const saved = savedFileSchema.parse(
      JSON.parse(JSON.stringify({ path: '', head: 0, tail: 0, cursor: next })),
    );
    cursor = saved.cursor;
  }
  return { taken, texts: taken.map(({ text }) => text), cursor, counts };
}

describe('a file', () => {
  it('gives whole lines, and the last one without its end when nothing more comes', async () => {
    const { texts, taken, cursor } = await readFile(Buffer.from('a\r\n\nb\nc'), [2, 6]);
    expect(texts).toEqual(['a', 'b', 'c']);
    expect(taken.map(({ time }) => time)).toEqual([5_000_000n, 5_000_001n, 5_000_002n]);
    expect(cursor.offset).toBe(7);
  });

  it('cuts lines that are too long, and goes on behind them', async () => {
    const content = Buffer.from(`${'x'.repeat(100)}\nshort\n${'y'.repeat(100)}`);
    for (const sizes of [[], [5, 30, 60, 101], [50, 106, 140, 150]]) {
      const { texts, counts } = await readFile(content, sizes, { mostBytes: 20 });
      expect(texts).toEqual(['x'.repeat(20), 'short', 'y'.repeat(20)]);
      expect(counts.cut).toBe(2);
    }
  });

  it('repairs what is not UTF-8, and passes over holes of zeros', async () => {
    const { texts, counts } = await readFile(Buffer.from('\0\0\0a\n\0\0\ngr\xfc\xdfe\n', 'latin1'), []);
    expect(texts).toEqual(['a', 'gr\ufffd\ufffde']);
    expect(counts.repaired).toBe(1);
  });

  it('joins parts of a container line, each output by itself, over restarts', async () => {
    const time = '2023-11-14T22:13:20.00000000';
    const content = Buffer.from(
      [
        `${time}1Z stdout P one `,
        `${time}2Z stderr F error`,
        `${time}3Z stdout P tw\u00f6 `,
        `${time}4Z stdout F three`,
        `${time}5Z stdout F four`,
        '',
      ].join('\n'),
    );
    for (let size = 0; size < content.length; size++) {
      const { taken } = await readFile(content, [size], { format: 'cri' });
      expect(taken.map(({ text, time: at }) => [text, at % 10n])).toEqual([
        ['error', 2n],
        ['one tw\u00f6 three', 1n],
        ['four', 5n],
      ]);
    }
  });

  it('bounds a line of parts without end', async () => {
    const part = '2023-11-14T22:13:20.000000001Z stdout P 0123456789\n';
    const end = '2023-11-14T22:13:20.000000009Z stdout F !\n2023-11-14T22:13:21Z stdout F next\n';
    const { texts, counts } = await readFile(Buffer.from(part.repeat(500) + end), [100, 7000, 14_000], {
      format: 'cri',
      mostBytes: 200,
    });
    expect(texts).toEqual(['0123456789'.repeat(20), 'next']);
    expect(counts.cut).toBe(1);
  });

  it('joins the lines of one record', async () => {
    const content = Buffer.from('orphan\n2023-11-14 a\n  at b\n\n  at c\n2023-11-14 d\n');
    for (let size = 0; size < content.length; size++) {
      const { texts } = await readFile(content, [size], { start: '^\\d{4}-' });
      expect(texts).toEqual(['orphan', '2023-11-14 a\n  at b\n\n  at c', '2023-11-14 d']);
    }
  });

  it('gives the same lines at the same times however it grew', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'same',
        '2023-11-14T22:13:20Z one',
        '2023-11-14T22:13:21Z two',
        'ünï',
        '',
        'x'.repeat(60),
      ),
      fc.string({ maxLength: 20 }),
    );
    const formats = fc.constantFrom<FileFormat>('plain', 'json', 'cri', 'docker');
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat(400), { maxLength: 6 }),
        formats,
        fc.boolean(),
        async (lines, cuts, format, joined) => {
          const content = Buffer.from(lines.join('\n'));
          const sizes = cuts.map((cut) => Math.min(cut, content.length)).sort((a, b) => a - b);
          const options = { format, mostBytes: 40, ...(joined ? { start: '^[2x]' } : {}) };
          const whole = await readFile(content, [], options);
          expect((await readFile(content, sizes, options)).taken).toEqual(whole.taken);
        },
      ),
    );
  });
});
