import { expect, test } from 'vitest';
import { engineErrors, RowBinaryReader } from '../../engine/index.ts';
import { ChunkWriter } from './chunk.ts';
import { gramRows } from './gram-blocks.ts';
import { byteOf, maskOf, NEWER_SLOTS, OLDER, SLICE_BYTES, slotOf, textBits } from './grams.ts';

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

/** The signatures of some parts: tenant, times in microseconds after the first, and whether they hold a text. */
function signaturesOf(parts: readonly (readonly Sent[])[], rows = parts.flat().length) {
  const signatures = new Map<
    string,
    { tenant: string; from: number; to: number; slices: number; bits: Uint8Array }
  >();
  for (const piece of gramRows({ schemaVersion: 1, rows, payload: parts.map(partOf) })) {
    if (piece === null) continue;
    const reader = new RowBinaryReader(piece.payload);
    for (let row = 0; row < piece.rows; row++) {
      const tenant = reader.string();
      const from = reader.int64() - MS * 1000;
      const low = reader.raw(2);
      const slot = ((low[0] ?? 0) | ((low[1] ?? 0) << 8)) - NEWER_SLOTS;
      const to = reader.int64() - MS * 1000;
      const slices = 2 ** Math.floor(Math.log2(slot));
      const key = `${tenant} ${from} ${to}`;
      const signature = signatures.get(key) ?? {
        tenant,
        from,
        to,
        slices,
        bits: new Uint8Array(slices * SLICE_BYTES),
      };
      signature.bits.set(reader.raw(SLICE_BYTES), (slot - slices) * SLICE_BYTES);
      signatures.set(key, signature);
    }
  }
  return [...signatures.values()].map(({ tenant, from, to, slices, bits }) => ({
    tenant,
    from,
    to,
    holds: (text: string) =>
      textBits(text).every(
        (bit) =>
          bit >= OLDER ||
          ((bits[(slotOf(bit, slices) - NEWER_SLOTS - slices) * SLICE_BYTES + byteOf(bit)] ?? 0) &
            maskOf(bit)) !==
            0,
      ),
  }));
}

test('lines of one time have one signature, in whole microseconds', () => {
  const [signature, ...others] = signaturesOf([
    [{ at: 5, nanos: 1999, text: 'order ord_8f3a placed' }],
    [
      { at: 0, nanos: 1, text: 'payment refused' },
      { at: 9, nanos: 999_999, text: 'mail sent' },
    ],
  ]);
  expect(others).toEqual([]);
  expect(signature).toMatchObject({ tenant: 'default', from: 0, to: 9999 });
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
    ['default', 0, 20_000],
    ['default', 3_600_000_000, 3_600_030_000],
    ['other', 10_000, 10_000],
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
  const lines = Array.from({ length: 40_000 }, (_, i) => ({ at: i, text: 'the same' }));
  expect(signaturesOf([lines]).map(({ from, to }) => [from, to])).toEqual([
    [0, 16_383_000],
    [16_384_000, 32_767_000],
    [32_768_000, 39_999_000],
  ]);
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
