import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosToMillis, ProtobufReader, tagOf, utf8Text, WIRE } from './protobuf.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

const read = (bytes: readonly number[] | Uint8Array): ProtobufReader =>
  new ProtobufReader().reset(Uint8Array.from(bytes));
const malformed = expect.objectContaining({ code: 'wire.malformed' });

describe('numbers', () => {
  it.each([
    [[0x00], 0],
    [[0x96, 0x01], 150],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffffffff],
  ])('%j is %i', (bytes, value) => {
    expect(read(bytes).uint32()).toBe(value);
    expect(read(bytes).uint64()).toBe(value);
  });

  it('of 64 bits come back, negative ones too', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.boolean(), (value, zigzag) => {
        const writer = new ProtobufWriter();
        if (zigzag) writer.rawZigzag(Math.trunc(value / 2));
        else writer.rawVarint(value);
        const reader = read(writer.bytes);
        expect(zigzag ? reader.sint64() : reader.int64()).toBe(zigzag ? Math.trunc(value / 2) + 0 : value);
        expect(reader.at).toBe(reader.end);
      }),
    );
    expect(read([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).int64()).toBe(-1);
    expect(read([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).uint64()).toBe(2 ** 64);
    expect(read([0x01]).sint64()).toBe(-1);
  });

  it('of eight fixed bytes', () => {
    const nanos = 1_763_700_000_123_456_789n;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(nanos);
    expect(read(bytes).fixed64Milliseconds()).toBe(1_763_700_000_123);
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => {
        expect(nanosToMillis(Number(value >> 32n), Number(value & 0xffffffffn))).toBe(
          Number(value / 1_000_000n),
        );
      }),
    );
    const signed = new ProtobufWriter().words(1, 0xffffffff, 0xffffffff).bytes.subarray(1);
    expect(read(signed).sfixed64()).toBe(-1);
    expect(read(new ProtobufWriter().fixed64(1, 2 ** 40 + 7).bytes.subarray(1)).fixed64()).toBe(2 ** 40 + 7);
  });

  it.each([
    ['uint32', [0x80]],
    ['uint32', [0xff, 0xff, 0xff, 0xff, 0x1f]],
    ['uint32', [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['int64', [0x80, 0x80]],
    ['int64', Array.from({ length: 11 }, () => 0x80)],
    ['double', [1, 2, 3]],
    ['range', [5, 1]],
  ] as const)('%s refuses %j', (method, bytes) => {
    expect(() => read(bytes)[method]()).toThrow(malformed);
  });
});

describe('texts', () => {
  it('are UTF-8 or null', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const bytes = Buffer.from(text);
        expect(utf8Text(bytes, 0, bytes.length)).toBe(bytes.toString());
      }),
    );
    expect(utf8Text(Uint8Array.from([0x61, 0xff]), 0, 2)).toBeNull();
    expect(utf8Text(Uint8Array.from([0xef, 0xbb, 0xbf, 0x61]), 0, 4)).toBe('\ufeffa');
  });
});

describe('unknown fields', () => {
  it('are stepped over, whatever their wire type', () => {
    const writer = new ProtobufWriter()
      .varint(9, -5)
      .double(10, 1.5)
      .text(11, 'abc')
      .message(12, (inner) => inner.varint(1, 1))
      .varint(1, 7);
    const reader = read([...new ProtobufWriter().bytes, 0x6d, 1, 2, 3, 4, ...writer.bytes]);
    let found = 0;
    while (reader.at < reader.end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.varint)) found = reader.int64();
      else reader.skip(tag);
    }
    expect(found).toBe(7);
  });

  it.each([[[0x0b]], [[0x0c]], [[0x0e]], [[0x00]], [[0x0a, 0x05, 0x01]], [[0x09, 0x01]]])(
    'refuse %j',
    (bytes) => {
      const reader = read(bytes);
      expect(() => reader.skip(reader.uint32())).toThrow(malformed);
    },
  );

  it('never fail otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reader = read(bytes);
        try {
          while (reader.at < reader.end) reader.skip(reader.uint32());
          expect(reader.at).toBe(reader.end);
        } catch (error) {
          expect(error).toMatchObject({ code: 'wire.malformed' });
        }
      }),
    );
  });
});
