import { type Dataset, history } from './data.ts';
import { snappy } from './snappy.ts';

/** Series of one request, as Prometheus sends them by default today. */
const SERIES_PER_BODY = 2_000;

const encoder = new TextEncoder();

/** Bytes of protobuf under construction. */
class Writer {
  #bytes = new Uint8Array(1 << 20);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  varint(value: number): void {
    this.#room(10);
    let left = value;
    while (left >= 128) {
      this.#bytes[this.#length++] = (left % 128) | 128;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#length++] = left;
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A length-delimited field. */
  field(number: number, bytes: Uint8Array): void {
    this.varint((number << 3) | 2);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  double(number: number, value: number): void {
    this.varint((number << 3) | 1);
    this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array((this.#bytes.length + more) * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

interface Prepared {
  readonly labels: Uint8Array;
  readonly valueAt: (step: number) => number;
}

const prepared = new Map<number, Prepared[]>();

/** Each series' labels, encoded once: the generator shall not be what is measured. */
function prepare(targets: number): Prepared[] {
  const known = prepared.get(targets);
  if (known !== undefined) return known;
  const dataset: Dataset = { name: '', targets, steps: 0 };
  const [pair, set] = [new Writer(), new Writer()];
  const all = history(dataset).map(({ labels, series }) => {
    set.clear();
    for (const [name, value] of [['__name__', series.name] as const, ...labels]) {
      pair.clear();
      pair.field(1, encoder.encode(name));
      pair.field(2, encoder.encode(value));
      set.field(1, pair.view());
    }
    return { labels: set.view().slice(), valueAt: series.valueAt };
  });
  prepared.set(targets, all);
  return all;
}

/** Remote-write 1.0 requests with one sample at `time` (ms) of every series, snappy-compressed. */
export function* writeBodies(targets: number, step: number, time: number): Generator<Uint8Array> {
  const [body, series, sample] = [new Writer(), new Writer(), new Writer()];
  let count = 0;
  for (const { labels, valueAt } of prepare(targets)) {
    sample.clear();
    sample.double(1, valueAt(step));
    sample.varint(2 << 3);
    sample.varint(time);
    series.clear();
    series.raw(labels);
    series.field(2, sample.view());
    body.field(1, series.view());
    if (++count % SERIES_PER_BODY !== 0) continue;
    yield snappy(body.view());
    body.clear();
  }
  if (body.length > 0) yield snappy(body.view());
}
