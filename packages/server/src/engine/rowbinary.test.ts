import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowBinaryWriter } from './rowbinary.ts';

const one = (write: (writer: RowBinaryWriter) => void): Buffer => {
  const writer = new RowBinaryWriter();
  write(writer);
  writer.endRow();
  return Buffer.from(writer.take().payload);
};

test('integers are little-endian, words and bigints agree', () => {
  expect(one((w) => w.uint16(0x0102)).toString('hex')).toBe('0201');
  expect(one((w) => w.uint32(0xdeadbeef)).toString('hex')).toBe('efbeadde');
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n), (value) => {
      const unsigned = BigInt.asUintN(64, value);
      const low = Number(unsigned & 0xffffffffn);
      const high = Number(unsigned >> 32n);
      expect(one((w) => w.uint64(low, high))).toEqual(one((w) => w.uint64Big(value)));
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(one((w) => w.int64(value)).readBigInt64LE()).toBe(BigInt(value));
    }),
  );
});

test('a staleness marker keeps its bits', () => {
  expect(one((w) => w.float64Bits(2, 0x7ff00000)).toString('hex')).toBe('020000000000f07f');
  const values = new BigUint64Array([0x7ff0000000000002n]);
  expect(one((w) => w.float64From(new Uint32Array(values.buffer), 0)).toString('hex')).toBe(
    '020000000000f07f',
  );
});

test('floats and times', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      expect(one((w) => w.float64(value)).readDoubleLE()).toBe(value);
    }),
  );
  expect(one((w) => w.dateTime64(-1)).readBigInt64LE()).toBe(-1n);
  expect(one((w) => w.date(20_000)).readUInt16LE()).toBe(20_000);
});

function readVarUint(bytes: Buffer): { value: number; at: number } {
  let value = 0;
  let at = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, at };
  }
}

test('strings are a varint length and UTF-8', () => {
  const check = (value: string): void => {
    const bytes = one((w) => w.string(value));
    const size = readVarUint(bytes);
    expect(bytes.subarray(size.at)).toEqual(Buffer.from(value));
    expect(size.value).toBe(Buffer.byteLength(value));
  };
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), check));
  for (const value of [
    '',
    '__proto__',
    '\uD800',
    'é'.repeat(40),
    'x'.repeat(127),
    'x'.repeat(128),
    'x'.repeat(70_000),
  ])
    check(value);
});

test('maps are a size and pairs', () => {
  const bytes = one((w) =>
    w.map(
      new Map([
        ['a', 'b'],
        ['__proto__', ''],
      ]),
    ),
  );
  expect(bytes.toString('latin1')).toBe('\x02\x01a\x01b\x09__proto__\x00');
});

test('take hands over finished rows only and starts anew; the buffer grows', () => {
  const writer = new RowBinaryWriter(1);
  for (let i = 0; i < 5_000; i++) {
    writer.uint32(i);
    writer.endRow();
  }
  writer.string('half a row');
  const { rows, payload } = writer.take();
  expect(rows).toBe(5_000);
  expect(payload.length).toBe(20_000);
  expect(Buffer.from(payload).readUInt32LE(4 * 4_999)).toBe(4_999);
  expect(writer.size).toBe(0);
  writer.uint8(1);
  writer.abandonRow();
  writer.uint8(2);
  writer.endRow();
  expect([...writer.take().payload]).toEqual([2]);
});
