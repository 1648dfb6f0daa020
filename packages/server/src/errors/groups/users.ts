import { createHash } from 'node:crypto';

/** Users that are counted one by one. */
const EXACT = 200;
/** 2^10 registers: 3.25 % standard error (Flajolet et al. 2007, HyperLogLog). */
const BITS = 10;
const REGISTERS = 2 ** BITS;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

/** How many different users were hurt: exact up to 200, an estimate within a few percent above; at most 1 KB. */
export class UserCount {
  #exact: Set<number> | null;
  readonly #registers: Uint8Array;

  constructor() {
    this.#exact = new Set();
    this.#registers = new Uint8Array(REGISTERS);
  }

  /** What {@link save} wrote; anything else counts nobody. */
  static load(text: string): UserCount {
    const users = new UserCount();
    const bytes = Buffer.from(text.slice(1), 'base64');
    if (text.startsWith('h') && bytes.length === REGISTERS) {
      users.#exact = null;
      users.#registers.set(bytes);
    } else if (text.startsWith('e'))
      for (let at = 0; at + 6 <= bytes.length; at += 6) users.#addHash(bytes.readUIntBE(at, 6));
    return users;
  }

  add(user: string): void {
    if (user === '') return;
    this.#addHash(createHash('sha256').update(user).digest().readUIntBE(0, 6));
  }

  /** Users of another group, too. */
  absorb(other: UserCount): void {
    for (const [register, rank] of other.#registers.entries())
      if (rank > this.#registers[register]) this.#registers[register] = rank;
    if (this.#exact === null || other.#exact === null) this.#exact = null;
    else {
      for (const hash of other.#exact) this.#exact.add(hash);
      if (this.#exact.size > EXACT) this.#exact = null;
    }
  }

  get count(): number {
    if (this.#exact !== null) return this.#exact.size;
    let sum = 0;
    let zeros = 0;
    for (const register of this.#registers) {
      sum += 2 ** -register;
      if (register === 0) zeros++;
    }
    const estimate = (ALPHA * REGISTERS * REGISTERS) / sum;
    const small = estimate <= 2.5 * REGISTERS && zeros > 0;
    return Math.round(small ? REGISTERS * Math.log(REGISTERS / zeros) : estimate);
  }

  /** Whether {@link count} is no estimate. */
  get isExact(): boolean {
    return this.#exact !== null;
  }

  save(): string {
    if (this.#exact === null) return `h${Buffer.from(this.#registers).toString('base64')}`;
    const bytes = Buffer.alloc(this.#exact.size * 6);
    let at = 0;
    for (const hash of this.#exact) at = bytes.writeUIntBE(hash, at, 6);
    return `e${bytes.toString('base64')}`;
  }

  /** 48 bits: ten choose the register, the rest is looked at. */
  #addHash(hash: number): void {
    const register = hash % REGISTERS;
    let rest = Math.floor(hash / REGISTERS);
    let rank = 1;
    while (rank < 39 && rest % 2 === 0) {
      rank++;
      rest = Math.floor(rest / 2);
    }
    if (rank > this.#registers[register]) this.#registers[register] = rank;
    if (this.#exact === null) return;
    this.#exact.add(hash);
    if (this.#exact.size > EXACT) this.#exact = null;
  }
}
