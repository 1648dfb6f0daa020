import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PharosError } from '../kernel/errors.ts';
import { engineErrors } from './errors.ts';
import { decodeNative } from './native.ts';

/** Writes what the engine writes, for the types that the door reads. */
class Bytes {
  readonly #parts: Buffer[] = [];
  varint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
    this.#parts.push(Buffer.from(bytes));
    return this;
  }
  text(value: string): this {
    const bytes = Buffer.from(value);
    this.varint(bytes.length);
    this.#parts.push(bytes);
    return this;
  }
  u64(...values: bigint[]): this {
    for (const value of values) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
      this.#parts.push(bytes);
    }
    return this;
  }
  raw(...values: number[]): this {
    this.#parts.push(Buffer.from(values));
    return this;
  }
  block(columns: number, rows: number): this {
    return this.varint(columns).varint(rows);
  }
  column(name: string, type: string): this {
    return this.text(name).text(type);
  }
  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

const bytes = (): Bytes => new Bytes();

test('no bytes are an answer without rows', () => {
  const block = decodeNative(new Uint8Array(0));
  expect([block.rows, block.names]).toEqual([0, []]);
  expect(block.numbers('x').length).toBe(0);
  expect(block.bigints('x').length).toBe(0);
  expect(block.strings('x')).toEqual([]);
  expect(block.map('x').offsets.length).toBe(0);
  expect(() => block.column('x')).toThrow();
});

test('NaN bits survive', () => {
  const block = decodeNative(bytes().block(1, 1).column('v', 'Float64').u64(0x7ff0000000000002n).done());
  expect(new BigUint64Array(block.numbers('v').buffer)[0]).toBe(0x7ff0000000000002n);
});

test('blocks are joined; offsets of arrays go on', () => {
  const one = (rows: readonly bigint[][]): Bytes => {
    const ends = rows.map((_, i) => BigInt(rows.slice(0, i + 1).flat().length));
    return bytes()
      .block(1, rows.length)
      .column('a', 'Array(UInt64)')
      .u64(...ends, ...rows.flat());
  };
  const answer = Buffer.concat([one([[1n], [2n, 3n]]).done(), one([[], [4n]]).done()]);
  const { offsets, items } = decodeNative(answer).array('a');
  expect([...offsets]).toEqual([1, 3, 3, 4]);
  expect(items).toEqual({ kind: 'uint64', data: BigUint64Array.of(1n, 2n, 3n, 4n) });
});

test('a header block without rows has no data', () => {
  const head = bytes().block(1, 0).column('s', 'LowCardinality(String)').done();
  expect(decodeNative(head).rows).toBe(0);
  const data = bytes()
    .block(1, 1)
    .column('s', 'LowCardinality(String)')
    .u64(1n, 0x600n, 2n)
    .text('')
    .text('x')
    .u64(1n)
    .raw(1);
  expect(decodeNative(Buffer.concat([head, data.done()])).strings('s')).toEqual(['x']);
});

test('accessors say what the column is', () => {
  const block = decodeNative(bytes().block(1, 1).column('s', 'String').text('x').done());
  for (const wrong of [
    () => block.numbers('s'),
    () => block.bigints('s'),
    () => block.array('s'),
    () => block.map('s'),
    () => block.column('other'),
    () => block.strings('__proto__'),
  ]) {
    try {
      wrong();
      expect.unreachable();
    } catch (error) {
      expect(engineErrors.is(error, 'badQuery')).toBe(true);
    }
  }
});

test('a number beyond 53 bits is not rounded in silence', () => {
  const block = decodeNative(
    bytes()
      .block(1, 1)
      .column('n', 'UInt64')
      .u64(2n ** 63n)
      .done(),
  );
  expect(() => block.numbers('n')).toThrow(/53 bits/);
  expect(block.bigints('n')[0]).toBe(2n ** 63n);
});

const VALID: readonly Buffer[] = [
  bytes()
    .block(2, 2)
    .column('a', 'UInt64')
    .u64(1n, 2n)
    .column('b', 'String')
    .text('__proto__')
    .text('')
    .done(),
  bytes()
    .block(1, 1)
    .column('m', 'Map(LowCardinality(String), Array(Float64))')
    .u64(1n, 1n, 0x600n, 2n)
    .text('')
    .text('k')
    .u64(1n)
    .raw(1)
    .u64(1n, 0n)
    .done(),
  bytes().block(1, 2).column('e', "Enum8('a\\'b' = 1, 'c' = -2)").raw(1, 254).done(),
  bytes().block(1, 1).column('t', 'Tuple(UInt8, x Nullable(String))').raw(1, 0).text('y').done(),
  bytes().block(1, 2).column('f', 'FixedString(2)').raw(1, 2, 3, 4).done(),
];

test('the corpus decodes', () => {
  for (const answer of VALID) expect(decodeNative(answer).rows).toBeGreaterThan(0);
  expect(decodeNative(VALID[2] ?? Buffer.alloc(0)).strings('e')).toEqual(["a'b", 'c']);
});

/** Decodes or fails as one of ours; anything else is a bug. */
function decodesOrFails(answer: Uint8Array): void {
  try {
    decodeNative(answer);
  } catch (error) {
    if (!(error instanceof PharosError)) throw error;
  }
}

test('a cut answer is an error, never a shorter answer', () => {
  for (const answer of VALID)
    for (let size = 1; size < answer.length; size++)
      expect(() => decodeNative(answer.subarray(0, size))).toThrow(PharosError);
});

test('flipped bytes end in an answer or a clear error', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...VALID),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (valid, flips) => {
        const answer = Buffer.from(valid);
        for (const [at, value] of flips) answer[at % answer.length] = value;
        decodesOrFails(answer);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('noise ends in an answer or a clear error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), decodesOrFails), { numRuns: 2_000 });
  const types = fc.constantFrom(
    'String',
    'UInt64',
    'LowCardinality(String)',
    'Array(String)',
    'Map(String, UInt8)',
    'Nullable(UInt8)',
    'Tuple()',
    'FixedString(0)',
    '__proto__',
    'Array('.repeat(5_000),
  );
  fc.assert(
    fc.property(types, fc.nat(2 ** 31), fc.uint8Array({ maxLength: 64 }), (type, rows, rest) => {
      decodesOrFails(
        bytes()
          .block(1, rows)
          .column('x', type)
          .raw(...rest)
          .done(),
      );
    }),
    { numRuns: 2_000 },
  );
});
