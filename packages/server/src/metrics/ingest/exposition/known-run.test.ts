import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownRun, type KnownSeries } from './known-run.ts';
import { ENTRY, ExpositionScanner } from './scanner.ts';

function bufferOf(text: string): { readonly bytes: Uint8Array; readonly length: number } {
  const encoded = Buffer.from(text, 'utf8');
  const bytes = new Uint8Array(encoded.length + 1);
  bytes.set(encoded);
  return { bytes, length: encoded.length };
}

/** What is known after a body: its series in their order. */
class Learnt implements KnownSeries {
  readonly arenaView: DataView;
  readonly at: Uint32Array;
  readonly length: Uint32Array;
  #next = 0;

  constructor(series: readonly string[]) {
    const texts = series.map((text) => Buffer.from(text, 'utf8'));
    const arena = Uint8Array.from(Buffer.concat([...texts, Buffer.alloc(8)]));
    this.arenaView = new DataView(arena.buffer);
    this.length = Uint32Array.from(texts, ({ length }) => length);
    let from = 0;
    this.at = this.length.map((length) => {
      from += length;
      return from - length;
    });
  }

  predicted(): number {
    return this.#next < this.at.length ? this.#next : -1;
  }

  nextOf(entry: number): number {
    return entry + 1 < this.at.length ? entry + 1 : -1;
  }

  seen(entry: number): void {
    this.#next = entry + 1;
  }
}

/** Samples and other lines of a body, with the help of what is known or without. */
function scan(text: string, known: Learnt | null, capacity: number): string[] {
  const { bytes, length } = bufferOf(text);
  const scanner = new ExpositionScanner('text');
  scanner.reset(bytes, length);
  const run = new KnownRun(capacity);
  const found: string[] = [];
  const textOf = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString();
  for (;;) {
    const count = known === null ? 0 : scanner.known(known, run);
    for (let i = 0; i < count; i++) {
      const entry = run.entries[i] ?? 0;
      known?.seen(entry);
      const { at = [], length: lengths = [], arenaView } = known ?? {};
      const start = at[entry] ?? 0;
      const raw = new Uint8Array(arenaView?.buffer ?? new ArrayBuffer(0)).subarray(
        start,
        start + (lengths[entry] ?? 0),
      );
      found.push(`${Buffer.from(raw).toString()} = ${run.values[i]}`);
    }
    const entry = scanner.next();
    if (entry === ENTRY.end) return found;
    if (entry === ENTRY.metadata) found.push(textOf(scanner.metaStart, scanner.metaEnd));
    else if (entry === ENTRY.problem) {
      found.push(scanner.problem().message);
      scanner.skipLine();
    } else {
      const series = textOf(scanner.seriesStart, scanner.seriesEnd);
      const time = scanner.hasTimestamp ? ` @${scanner.timestamp}` : '';
      found.push(`${series} = ${scanner.value}${time}`);
    }
  }
}

const name = fc.constantFrom('up', 'rpc_total', 'a_longer_name_of_a_metric', 'x:y');
const series = fc
  .tuple(name, fc.nat(30), fc.constantFrom('', ',route="/api/v1/é"', ',b="\\"q\\""'))
  .map(([metric, id, more]) => `${metric}{id="${id}"${more}}`);
const value = fc.oneof(
  fc.double().map(String),
  fc.nat().map(String),
  fc.constantFrom('NaN', '+Inf', '-0', '1e400', 'one', '', '5 1700000000000', '5 ', ' 7', '5 x'),
);
const line = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(series, value).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: fc.constantFrom('# HELP up Is it.', '# a comment', '', '  up 1', 'broken{') },
);

test('a body says the same with a run of known lines as without, whatever is known', () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 30 }),
      fc.array(series, { maxLength: 30 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 1, max: 6 }),
      (lines, others, share, capacity) => {
        const text = lines.join('\n');
        const plain = scan(text, null, capacity);
        const told = plain.flatMap((one) => /^(.*\}) = /.exec(one)?.[1] ?? []);
        expect(scan(text, new Learnt([...told.slice(0, share), ...others]), capacity)).toEqual(plain);
        expect(scan(text, new Learnt(told), capacity)).toEqual(plain);
      },
    ),
  );
});

test('a run ends where it is full, and goes on from there', () => {
  const text = Array.from({ length: 10 }, (_, i) => `m{id="${i}"} ${i}\n`).join('');
  const known = new Learnt(Array.from({ length: 10 }, (_, i) => `m{id="${i}"}`));
  const { bytes, length } = bufferOf(text);
  const scanner = new ExpositionScanner('text');
  scanner.reset(bytes, length);
  const run = new KnownRun(4);
  const read: number[][] = [];
  for (let count = 4; count === 4; ) {
    count = scanner.known(known, run);
    read.push([...run.values.subarray(0, count)]);
    for (const entry of run.entries.subarray(0, count)) known.seen(entry);
  }
  expect(read).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
});
