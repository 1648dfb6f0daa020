import type { LabelSet } from './label-set.ts';

const SEPARATOR = 0xff;
const utf8 = new TextEncoder();

/** FNV-1a over 64 bits (Fowler, Noll, Vo), in two halves: a number holds 53 bits exactly. */
class Fnv1a64 {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  byte(byte: number): void {
    const low = (this.#low ^ byte) >>> 0;
    // The prime is 2^40 + 0x1b3. Each sum stays below 2^43.
    const product = low * 0x1b3;
    this.#high = (this.#high * 0x1b3 + low * 0x100 + Math.floor(product / 0x1_0000_0000)) >>> 0;
    this.#low = product >>> 0;
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        for (const byte of utf8.encode(text.slice(i))) this.byte(byte);
        return;
      }
      this.byte(unit);
    }
  }

  hex(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }
}

/** 16 lower-case hex digits that stand for a set of labels everywhere, the same as Alertmanager's. */
export function fingerprintOf(labels: LabelSet): string {
  const hash = new Fnv1a64();
  for (const [name, value] of labels) {
    hash.text(name);
    hash.byte(SEPARATOR);
    hash.text(value);
    hash.byte(SEPARATOR);
  }
  return hash.hex();
}
