import { RowBinaryReader } from '../engine/index.ts';
import { ByteBuffer } from '../kernel/wire/byte-buffer.ts';

/**
 * What an attribute's value was before it became text: s string, i 64-bit integer, d double, b boolean, x bytes (base64), j a list or
 * map (JSON), n nothing.
 */
const ATTRIBUTE_TYPES = ['s', 'i', 'd', 'b', 'x', 'j', 'n'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

export interface Attribute {
  readonly key: string;
  readonly type: AttributeType;
  readonly value: string;
}

const CODES: Readonly<Record<AttributeType, number>> = {
  s: 0x73,
  i: 0x69,
  d: 0x64,
  b: 0x62,
  x: 0x78,
  j: 0x6a,
  n: 0x6e,
};

const BY_CODE: ReadonlyMap<string, AttributeType> = new Map(ATTRIBUTE_TYPES.map((type) => [type, type]));

/** Keys and values as RowBinary has them in a Map(String, String), and beside them the types; used again from span to span. */
export class AttributeBuffer {
  readonly pairs = new ByteBuffer();
  readonly types = new ByteBuffer();

  /** Whether an attribute `error` is true. */
  saysError = false;
  #isErrorKey = false;

  get count(): number {
    return this.types.length;
  }

  clear(): void {
    this.pairs.clear();
    this.types.clear();
    this.saysError = false;
  }

  add(key: string, type: AttributeType, value: string): void {
    this.pairs.string(key);
    this.pairs.string(value);
    this.types.uint8(CODES[type]);
    if (key === 'error' && value === 'true') this.saysError = true;
  }

  /** What was added, as objects. */
  list(): Attribute[] {
    const reader = new RowBinaryReader(this.pairs.bytes);
    const pairs = Array.from({ length: this.count * 2 }, () => reader.string());
    return attributesOf(pairs, Buffer.from(this.types.bytes).toString('latin1'));
  }

  /** Keys and texts that are UTF-8 bytes already are copied as they are: {@link key}, then one of {@link bytesValue} or {@link textValue}. */
  key(bytes: Uint8Array, start: number, end: number): void {
    this.pairs.varUint(end - start);
    this.pairs.range(bytes, start, end);
    this.#isErrorKey = isText(ERROR, bytes, start, end);
  }

  bytesValue(bytes: Uint8Array, start: number, end: number): void {
    this.pairs.varUint(end - start);
    this.pairs.range(bytes, start, end);
    this.types.uint8(CODES.s);
    if (this.#isErrorKey && isText(TRUE, bytes, start, end)) this.saysError = true;
  }

  textValue(type: AttributeType, value: string): void {
    this.pairs.string(value);
    this.types.uint8(CODES[type]);
    if (this.#isErrorKey && value === 'true') this.saysError = true;
  }
}

const ERROR = Buffer.from('error');
const TRUE = Buffer.from('true');

function isText(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

/** The attributes of flat pairs and their letters; letters that are missing or unknown are texts. */
export function attributesOf(pairs: readonly string[], types: string): Attribute[] {
  const attributes: Attribute[] = [];
  for (let i = 0; i < pairs.length; i += 2)
    attributes.push({
      key: pairs[i] ?? '',
      type: BY_CODE.get(types[i / 2] ?? '') ?? 's',
      value: pairs[i + 1] ?? '',
    });
  return attributes;
}
