/** A protobuf message by field number, values undecoded: for tests that look into what was sent. */
export type Message = Map<number, (bigint | Buffer)[]>;

export function readMessage(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the message ends in a number');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const read = (wire: number): bigint | Buffer => {
    if (wire === 0) return varint();
    const length = wire === 2 ? Number(varint()) : wire === 1 ? 8 : 4;
    at += length;
    const part = bytes.subarray(at - length, at);
    return wire === 2 ? part : wire === 1 ? part.readBigUInt64LE() : BigInt(part.readUInt32LE());
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = read(tag & 7);
    message.set(tag >> 3, [...(message.get(tag >> 3) ?? []), value]);
  }
  return message;
}

export function messages(message: Message | undefined, field: number): Message[] {
  return (message?.get(field) ?? []).filter((value) => typeof value !== 'bigint').map(readMessage);
}

export function text(message: Message | undefined, field: number): string {
  const value = message?.get(field)?.[0];
  return typeof value === 'object' ? value.toString() : '';
}

export function hex(message: Message | undefined, field: number): string {
  const value = message?.get(field)?.[0];
  return typeof value === 'object' ? value.toString('hex') : '';
}

export function number(message: Message | undefined, field: number): number {
  const value = message?.get(field)?.[0];
  return typeof value === 'bigint' ? Number(value) : 0;
}
