/** A Thrift struct by field id, as the binary protocol has it: for tests that look into what was sent. */
export type Struct = Map<number, unknown>;

export function readStruct(bytes: Buffer): Struct {
  let at = 0;
  const take = (length: number): number => {
    at += length;
    if (at > bytes.length) throw new RangeError('the struct is cut off');
    return at - length;
  };
  const read = (type: number): unknown => {
    switch (type) {
      case 2:
        return bytes.readUInt8(take(1)) === 1;
      case 4:
        return bytes.readDoubleBE(take(8));
      case 8:
        return bytes.readInt32BE(take(4));
      case 10:
        return bytes.readBigInt64BE(take(8));
      case 11: {
        const length = bytes.readInt32BE(take(4));
        const from = take(length);
        return bytes.toString('utf8', from, at);
      }
      case 12:
        return struct();
      case 15: {
        const element = bytes.readUInt8(take(1));
        const length = bytes.readInt32BE(take(4));
        return Array.from({ length }, () => read(element));
      }
      default:
        throw new RangeError(`there is no type ${type} in jaeger.thrift`);
    }
  };
  const struct = (): Struct => {
    const fields: Struct = new Map();
    for (let type = bytes.readUInt8(take(1)); type !== 0; type = bytes.readUInt8(take(1))) {
      const id = bytes.readInt16BE(take(2));
      fields.set(id, read(type));
    }
    return fields;
  };
  const whole = struct();
  if (at !== bytes.length) throw new RangeError('something follows the struct');
  return whole;
}
