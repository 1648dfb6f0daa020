import { wireErrors } from '../../../kernel/wire/errors.ts';

/** Types of fields on the wire (Thrift, binary protocol). */
export const THRIFT = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

/** Deeper nesting is an attack on the stack. */
const MAX_DEPTH = 32;

/**
 * Reads Thrift's binary protocol (TBinaryProtocol: big-endian, no message header) field by field, without objects. What does not fit
 * fails with `wire.malformed`, which names the byte.
 */
export class ThriftReader {
  readonly bytes: Buffer;
  at = 0;
  /** Of the field whose head was read last. */
  fieldType = 0;
  fieldId = 0;
  /** Of the list whose head was read last. */
  itemType = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads a struct: `read` is called at each field's value and must read or skip it. */
  struct(read: () => void): void {
    this.#nested(() => {
      for (;;) {
        const type = this.bytes[this.#take(1)] ?? 0;
        if (type === THRIFT.stop) break;
        this.fieldId = this.bytes.readInt16BE(this.#take(2));
        this.fieldType = type;
        read();
      }
    });
  }

  /** Whether the field at hand is this one, of this type. */
  isField(id: number, type: number): boolean {
    return this.fieldId === id && this.fieldType === type;
  }

  /** The length of a list whose items are of the type; -1 for another type, whose items are stepped over. */
  list(type: number): number {
    const itemType = this.bytes[this.#take(1)] ?? 0;
    const length = this.bytes.readInt32BE(this.#take(4));
    if (length < 0) throw this.#wrong(`a list of ${length} items`);
    // An item takes a byte at least: a length beyond that is a lie, and a loop over it would take for ever.
    if (length > this.bytes.length - this.at) throw this.#wrong(`a list of ${length} items beyond the end`);
    if (itemType === type) return length;
    this.#nested(() => {
      for (let i = 0; i < length; i++) this.skip(itemType);
    });
    return -1;
  }

  i32(): number {
    return this.bytes.readInt32BE(this.#take(4));
  }

  i64(): bigint {
    return this.bytes.readBigInt64BE(this.#take(8));
  }

  /** Copies an i64's eight bytes as they are. */
  i64Into(into: Uint8Array, at: number): void {
    const from = this.#take(8);
    into.set(this.bytes.subarray(from, from + 8), at);
  }

  double(): number {
    return this.bytes.readDoubleBE(this.#take(8));
  }

  bool(): boolean {
    return this.bytes[this.#take(1)] !== 0;
  }

  /** A text or bytes: a view. */
  binary(): Buffer {
    const length = this.bytes.readInt32BE(this.#take(4));
    if (length < 0) throw this.#wrong(`a text of ${length} bytes`);
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  text(): string {
    return this.binary().toString();
  }

  /** Steps over a value. */
  skip(type: number): void {
    switch (type) {
      case THRIFT.bool:
      case THRIFT.byte:
        this.#take(1);
        return;
      case THRIFT.i16:
        this.#take(2);
        return;
      case THRIFT.i32:
        this.#take(4);
        return;
      case THRIFT.i64:
      case THRIFT.double:
        this.#take(8);
        return;
      case THRIFT.string:
        this.binary();
        return;
      case THRIFT.struct:
        this.struct(() => this.skip(this.fieldType));
        return;
      case THRIFT.set:
      case THRIFT.list:
        this.list(THRIFT.stop);
        return;
      case THRIFT.map:
        this.#skipMap();
        return;
      default:
        throw this.#wrong(`a value of type ${type}`);
    }
  }

  #nested(read: () => void): void {
    if (++this.#depth > MAX_DEPTH) throw this.#wrong(`nested more than ${MAX_DEPTH} deep`);
    read();
    this.#depth--;
  }

  #skipMap(): void {
    const at = this.#take(6);
    const length = this.bytes.readInt32BE(at + 2);
    if (length < 0 || length > this.bytes.length - this.at) throw this.#wrong(`a map of ${length} entries`);
    this.#nested(() => {
      for (let i = 0; i < length; i++) {
        this.skip(this.bytes[at] ?? 0);
        this.skip(this.bytes[at + 1] ?? 0);
      }
    });
  }

  #take(length: number): number {
    const { at } = this;
    if (at + length > this.bytes.length) throw this.#wrong('an unexpected end');
    this.at = at + length;
    return at;
  }

  #wrong(what: string): Error {
    return wireErrors.make('malformed', `Thrift: ${what} at byte ${this.at}`);
  }
}
