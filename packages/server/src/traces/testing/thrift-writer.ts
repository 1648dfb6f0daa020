import { THRIFT } from '../ingest/jaeger/thrift.ts';

/** A value of Thrift's binary protocol as tests write it. */
type ThriftValue =
  | { readonly string: string | Buffer }
  | { readonly i64: bigint }
  | { readonly i32: number }
  | { readonly bool: boolean }
  | { readonly double: number }
  | { readonly list: readonly ThriftStruct[] }
  | { readonly struct: ThriftStruct };

/** Fields by their number. */
export type ThriftStruct = Readonly<Record<number, ThriftValue>>;

export function thriftBytes(struct: ThriftStruct): Buffer {
  const parts = Object.entries(struct).flatMap(([id, value]) => {
    const head = Buffer.alloc(3);
    head[0] = typeOf(value);
    head.writeInt16BE(Number(id), 1);
    return [head, valueBytes(value)];
  });
  return Buffer.concat([...parts, Buffer.of(THRIFT.stop)]);
}

function typeOf(value: ThriftValue): number {
  if ('string' in value) return THRIFT.string;
  if ('i64' in value) return THRIFT.i64;
  if ('i32' in value) return THRIFT.i32;
  if ('bool' in value) return THRIFT.bool;
  if ('double' in value) return THRIFT.double;
  return 'list' in value ? THRIFT.list : THRIFT.struct;
}

function valueBytes(value: ThriftValue): Buffer {
  if ('string' in value) {
    const text = Buffer.from(value.string);
    return Buffer.concat([int32(text.length), text]);
  }
  if ('i64' in value) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt.asIntN(64, value.i64));
    return bytes;
  }
  if ('i32' in value) return int32(value.i32);
  if ('bool' in value) return Buffer.of(value.bool ? 1 : 0);
  if ('double' in value) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value.double);
    return bytes;
  }
  if ('list' in value)
    return Buffer.concat([
      Buffer.of(THRIFT.struct),
      int32(value.list.length),
      ...value.list.map(thriftBytes),
    ]);
  return thriftBytes(value.struct);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
