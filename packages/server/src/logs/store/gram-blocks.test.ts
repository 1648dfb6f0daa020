import { expect, test } from 'vitest';
import { engineErrors, RowBinaryReader } from '../../engine/index.ts';
import { ChunkWriter } from './chunk.ts';
import { gramRows } from './gram-blocks.ts';
import { gramsOf, hasGrams } from './grams.ts';
import { HEAD, LEAST_BESIDE, ROW_WORDS, readHead } from './signature-rows.ts';

const MS = 1_767_225_600_000;
const ZERO = { low: 0, high: 0 };

interface Sent {
  readonly tenant?: string;
  /** Milliseconds after the first. */
  readonly at: number;
  readonly nanos?: number;
  readonly text: string;
}

function partOf(lines: readonly Sent[]): Uint8Array {
  const writer = new ChunkWriter(lines[0]?.tenant ?? 'default', Math.floor(MS / 86_400_000));
  for (const [i, { at, nanos = 0, text }] of lines.entries())
    writer.add(
      {
        time: { ms: MS + at, nanos },
        stream: ZERO,
        id: { low: i, high: 0 },
        service: 'order',
        level: 'info',
        ids: { trace: 'a1', span: '', request: '' },
        metadata: ['pod', 'order-1'],
      },
      Buffer.from(text),
    );
  return writer.take().payload;
}

interface Row {
  readonly tenant: string;
  readonly time: number;
  readonly slot: number;
  readonly words: Uint32Array;
}

function rowsOf(parts: readonly (readonly Sent[])[], rows = parts.flat().length): readonly Row[] {
  const read: Row[] = [];
  for (const piece of gramRows({ schemaVersion: 1, rows, payload: parts.map(partOf) })) {
    if (piece === null) continue;
    const reader = new RowBinaryReader(piece.payload);
    for (let row = 0; row < piece.rows; row++) {
      const [tenant, time] = [reader.string(), reader.int64()];
      const low = reader.raw(2);
      const words = Array.from({ length: reader.varUint() }, () => reader.uint32());
      read.push({ tenant, time, slot: (low[0] ?? 0) | ((low[1] ?? 0) << 8), words: Uint32Array.from(words) });
    }
  }
  return read;
}

/** The signatures of some parts: tenant, times in milliseconds after the first, and whether they hold a text. */
function signaturesOf(parts: readonly (readonly Sent[])[]) {
  const rows = rowsOf(parts);
  return rows
    .filter(({ slot }) => slot === HEAD)
    .flatMap(({ tenant, time, words }) => {
      const grams = (text: string) => gramsOf({ text, isWord: false });
      const size = 2 ** (words[0] ?? 0);
      const head = readHead(time, words, []);
      const spans = 'spans' in head ? head.spans : head.all;
      return spans.map(({ from, to }, which) => ({
        tenant,
        from: from / 1000 - MS,
        to: (to - 999) / 1000 - MS,
        size,
        holds: (text: string) => {
          if (size < LEAST_BESIDE) return hasGrams(words, 3, size, grams(text));
          const own = rows.filter((row) => row.tenant === tenant && row.time === time && row.slot !== HEAD);
          const signature = new Uint32Array(size);
          for (const row of own)
            signature.set(
              row.words.subarray(which * ROW_WORDS, (which + 1) * ROW_WORDS),
              row.slot * ROW_WORDS - size,
            );
          return hasGrams(signature, 0, size, grams(text));
        },
      }));
    });
}

test('lines of one time have one signature', () => {
  const [signature, ...others] = signaturesOf([
    [{ at: 5, nanos: 1999, text: 'order ord_8f3a placed' }],
    [
      { at: 0, nanos: 1, text: 'payment refused' },
      { at: 9, nanos: 999_999, text: 'mail sent' },
    ],
  ]);
  expect(others).toEqual([]);
  expect(signature).toMatchObject({ tenant: 'default', from: 0, to: 9 });
  for (const text of ['ord_8f3a', 'refused', 'mail sent']) expect(signature?.holds(text)).toBe(true);
  expect(signature?.holds('order-1')).toBe(false);
});

test('lines far apart, and of two tenants, have signatures of their own', () => {
  const signatures = signaturesOf([
    [
      { at: 0, text: 'the first one' },
      { at: 3_600_000, text: 'an hour later' },
      { at: 20, text: 'the first again' },
    ],
    [{ at: 10, tenant: 'other', text: 'of another tenant' }],
    [{ at: 3_600_030, text: 'later still' }],
  ]);
  expect(signatures.map(({ tenant, from, to }) => [tenant, from, to])).toEqual([
    ['default', 0, 20],
    ['default', 3_600_000, 3_600_030],
    ['other', 10, 10],
  ]);
  expect(
    signatures.map(({ holds }) => [holds('first again'), holds('hour later'), holds('another')]),
  ).toEqual([
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ]);
});

test('many lines have several signatures', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => ({ at: i, text: 'the same' }));
  expect(signaturesOf([lines]).map(({ from, to, size }) => [from, to, size])).toEqual([
    [0, 8191, 8],
    [8192, 9999, 8],
  ]);
});

/** Lines of which each has much of its own. */
const varied = (count: number, salt: number): Sent[] =>
  Array.from({ length: count }, (_, i) => ({
    at: i,
    text: [0x9e3779b1, 0x85ebca6b, 0x27d4eb2f, 0x165667b1, 0xc2b2ae35, 0xd3a2646d]
      .map((factor) => (Math.imul(i + salt + 1, factor) >>> 0).toString(16))
      .join(' and '),
  }));

test('large signatures lie side by side, a few smaller ones beside them', () => {
  const lines = [...varied(60_000, 0), { at: 7_200_000, text: 'much later' }];
  const rows = rowsOf([lines]);
  const heads = rows.filter(({ slot }) => slot === HEAD);
  expect(heads.map(({ words }) => words[0])).toEqual([14]);
  expect(rows.length).toBe(4097);
  const signatures = signaturesOf([lines]);
  expect(signatures.length).toBeGreaterThan(9);
  expect(
    rows.every(({ slot, words }) => slot === HEAD || words.length === signatures.length * ROW_WORDS),
  ).toBe(true);
  expect(signatures[0]).toMatchObject({ from: 7_200_000, to: 7_200_000 });
  for (const line of [0, 7000, 59_999]) {
    const { text } = lines[line] ?? { text: '' };
    const having = signatures.filter(({ holds }) => holds(text));
    expect(having.some(({ from, to }) => from <= line && line <= to)).toBe(true);
    expect(having.length).toBeLessThan(3);
  }
  expect(signatures[0]?.holds('much later')).toBe(true);
});

test('of two sizes neither of which are few, each has rows of its own', () => {
  const lines = [
    ...varied(3000, 0),
    ...Array.from({ length: 5 }, (_, i) => ({ at: (i + 1) * 3_600_000, text: `alone ${i}` })),
  ];
  const sizes = signaturesOf([lines]).map(({ size }) => size);
  expect(sizes.filter((size) => size < LEAST_BESIDE)).toHaveLength(5);
  expect(sizes.filter((size) => size >= LEAST_BESIDE).length).toBeGreaterThan(0);
});

test('two groups that begin at one time have heads of two times, on the same day; a repeat has the same rows', () => {
  const atOnce = (salt: number) => varied(2000, salt).map(({ text }) => ({ at: 60_000, text }));
  const times = (salt: number) => rowsOf([atOnce(salt)]).map(({ time }) => time);
  const [one, other] = [times(1)[0] ?? 0, times(77)[0] ?? 0];
  expect(one).not.toBe(other);
  for (const time of [one, other]) {
    expect(time).toBeLessThanOrEqual((MS + 60_000) * 1000);
    expect(time).toBeGreaterThan((MS + 59_900) * 1000);
  }
  expect(rowsOf([atOnce(1)])).toEqual(rowsOf([atOnce(1)]));
  const first = rowsOf([varied(2000, 5).map(({ text }) => ({ at: 0, text }))]);
  expect(first[0]?.time).toBe(MS * 1000);
});

test.each([
  ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 3), 2],
  ['with a length beyond them', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(9, 0xff)]), 2],
  ['of another number of rows', (bytes: Uint8Array) => bytes, 3],
  ['with more rows', (bytes: Uint8Array) => bytes, 1],
])('bytes %s are refused', (_, spoil, rows) => {
  const payload = [
    spoil(
      partOf([
        { at: 0, text: 'one' },
        { at: 1, text: 'two' },
      ]),
    ),
  ];
  const run = (): unknown => [...gramRows({ schemaVersion: 1, rows, payload })];
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  expect(engineErrors.is(error, 'refused')).toBe(true);
});
