/** Enough for the scrapes that are parsed at the same time: parsing rarely waits. */
const MOST_SPARE = 4;
/** Larger ones are rare and would hold memory for nothing. */
const LARGEST_SPARE = 1024 * 1024;
const SMALLEST = 4096;

/**
 * Memory for scraped bodies, used again and again. A fresh buffer per scrape is garbage that lies outside the JavaScript
 * heap, and made the collector mark the whole heap every few seconds.
 */
export class BodyBuffers {
  readonly #spare: ArrayBuffer[] = [];

  /** `bytes` bytes; what stands in them is left from another body. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const found = this.#spare.findIndex((buffer) => buffer.byteLength >= bytes);
    const [buffer = new ArrayBuffer(capacityFor(bytes))] = found < 0 ? [] : this.#spare.splice(found, 1);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** Takes back what `take` gave, once. Nobody may look at it any more. */
  give(bytes: Uint8Array<ArrayBuffer>): void {
    const { buffer } = bytes;
    if (buffer.byteLength === 0 || buffer.byteLength > LARGEST_SPARE) return;
    this.#spare.push(buffer);
    // The smallest goes: the others serve every body that it would.
    if (this.#spare.length > MOST_SPARE) this.#spare.sort((a, b) => a.byteLength - b.byteLength).shift();
  }
}

function capacityFor(bytes: number): number {
  return bytes > LARGEST_SPARE ? bytes : 2 ** Math.ceil(Math.log2(Math.max(SMALLEST, bytes)));
}
