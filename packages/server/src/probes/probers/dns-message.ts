/** Record types by name (IANA, DNS parameters). */
export const RECORD_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
  ANY: 255,
} as const;

export type RecordType = keyof typeof RECORD_TYPES;

const CLASS_IN = 1;
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
] as const;

export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  /** As a zone file has it: `10 mail.example.`, `"v=spf1 -all"`. */
  readonly value: string;
}

export interface DnsAnswer {
  readonly id: number;
  readonly rcode: string;
  readonly truncated: boolean;
  readonly answer: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

export interface DnsQuery {
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
  readonly recursion: boolean;
}

const MOST_NAME = 253;

/** A query message (RFC 1035, 4). Throws an Error when the name is none. */
export function encodeQuery({ id, name, type, recursion }: DnsQuery): Uint8Array {
  const bare = name.replace(/\.$/, '');
  const labels = bare === '' ? [] : bare.split('.');
  if (bare.length > MOST_NAME || labels.some((label) => label === '' || Buffer.byteLength(label) > 63))
    throw new Error(`"${name.slice(0, 100)}" is not a name that DNS can be asked for`);
  const parts = labels.flatMap((label) => [
    Buffer.from([Buffer.byteLength(label)]),
    Buffer.from(label, 'utf8'),
  ]);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(recursion ? 0x0100 : 0, 2);
  head.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(RECORD_TYPES[type], 1);
  tail.writeUInt16BE(CLASS_IN, 3);
  return Buffer.concat([head, ...parts, tail]);
}

/** Reads an answer. Throws an Error when it is cut off or malformed; names that point in circles are. */
export function decodeAnswer(bytes: Uint8Array): DnsAnswer {
  const reader = new Reader(bytes);
  const id = reader.u16();
  const flags = reader.u16();
  if ((flags & 0x8000) === 0) throw new Error('the message is no answer');
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
  for (let i = 0; i < (counts[0] ?? 0); i++) {
    reader.name();
    reader.skip(4);
  }
  const section = (count = 0): DnsRecord[] =>
    Array.from({ length: Math.min(count, MOST_RECORDS) }, () => reader.record());
  const truncated = (flags & 0x0200) !== 0;
  const empty = { answer: [], authority: [], additional: [] };
  const rcode = RCODES[flags & 15] ?? `RCODE${flags & 15}`;
  // What a truncated message still holds is not all: it is asked for again.
  if (truncated) return { id, rcode, truncated, ...empty };
  return {
    id,
    rcode,
    truncated,
    answer: section(counts[1]),
    authority: section(counts[2]),
    additional: section(counts[3]),
  };
}

const MOST_RECORDS = 2000;
const MOST_JUMPS = 32;

class Reader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#move(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#move(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#move(4));
  }

  skip(bytes: number): void {
    this.#move(bytes);
  }

  bytes(length: number): Buffer {
    const at = this.#move(length);
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  /** A name with its pointers followed (RFC 1035, 4.1.4); ends in a dot. */
  name(): string {
    const labels: string[] = [];
    let end: number | null = null;
    let length = 0;
    for (let jumps = 0; ; ) {
      const size = this.u8();
      if (size === 0) break;
      if ((size & 0xc0) === 0xc0) {
        const target = ((size & 0x3f) << 8) | this.u8();
        end ??= this.#at;
        if (++jumps > MOST_JUMPS) throw new Error('a name in the answer points in circles');
        this.#at = target;
        continue;
      }
      length += size + 1;
      if ((size & 0xc0) !== 0 || length > 255) throw new Error('a name in the answer is malformed');
      labels.push(
        this.bytes(size)
          .toString('latin1')
          .replaceAll(/[^\x21-\x7e]/g, '?'),
      );
    }
    if (end !== null) this.#at = end;
    return `${labels.join('.')}.`;
  }

  record(): DnsRecord {
    const name = this.name();
    const type = this.u16();
    this.skip(2);
    const ttl = this.u32();
    const length = this.u16();
    const end = this.#at + length;
    const known = Object.entries(RECORD_TYPES).find(([, code]) => code === type)?.[0];
    const value = this.#value(known ?? '', length, end);
    if (this.#at > end) throw new Error('a record of the answer is longer than it says');
    this.#at = end;
    return { name, type: known ?? `TYPE${type}`, ttl, value };
  }

  #value(type: string, length: number, end: number): string {
    switch (type) {
      case 'A':
        return [...this.bytes(4)].join('.');
      case 'AAAA':
        return ipv6Text(Array.from({ length: 8 }, () => this.u16()));
      case 'CNAME':
      case 'NS':
      case 'PTR':
        return this.name();
      case 'MX':
        return `${this.u16()} ${this.name()}`;
      case 'SRV':
        return `${this.u16()} ${this.u16()} ${this.u16()} ${this.name()}`;
      case 'SOA':
        return `${this.name()} ${this.name()} ${this.u32()} ${this.u32()} ${this.u32()} ${this.u32()} ${this.u32()}`;
      case 'TXT':
        return this.#texts(end);
      case 'CAA': {
        const flags = this.u8();
        const tag = this.bytes(this.u8()).toString('latin1');
        return `${flags} ${tag} ${quoted(this.bytes(Math.max(0, end - this.#at)))}`;
      }
      default:
        return this.bytes(length).toString('hex');
    }
  }

  #texts(end: number): string {
    const texts: string[] = [];
    while (this.#at < end) texts.push(quoted(this.bytes(this.u8())));
    return texts.join(' ');
  }

  #move(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#view.byteLength) throw new Error('the answer is cut off');
    this.#at = at + bytes;
    return at;
  }
}

function quoted(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('utf8'));
}

/** The longest run of zeros is left out (RFC 5952). */
function ipv6Text(groups: readonly number[]): string {
  let [from, most] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (groups[i + length] === 0) length++;
    if (length > most) [from, most] = [i, length];
  }
  const hex = groups.map((group) => group.toString(16));
  return from < 0 ? hex.join(':') : `${hex.slice(0, from).join(':')}::${hex.slice(from + most).join(':')}`;
}
