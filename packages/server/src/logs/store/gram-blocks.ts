import { engineErrors, type RowBinaryRows, type RowBlock } from '../../engine/index.ts';
import { SignatureMaker } from './grams.ts';
import { SignatureRows } from './signature-rows.ts';

/** Lines of one signature at most: for a text that may be in one of them all of them are read. */
const MOST_LINES = 8192;
/** Lines further apart have signatures of their own, in microseconds: what other blocks have between them would be read for nothing. */
const GAP = 60_000_000;
/** Bytes looked at between breaths, some 5 ms. */
const BREATH_BYTES = 2 ** 20;

/** Lines that came one after the other and are of about one time. Times in microseconds, the last one inclusive. */
interface Run {
  readonly tenant: string;
  readonly part: Uint8Array;
  /** Of the block's lines, without the end. */
  readonly first: number;
  end: number;
  from: number;
  to: number;
}

/** Of each line of a block its time, and where its message lies in its part. */
interface Lines {
  readonly times: Float64Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * The rows of the table of signatures for rows of the table of lines, in pieces; null where other work may go on. Throws `engine.refused`
 * for bytes that are no such rows.
 */
export function* gramRows({ payload, rows }: RowBlock): Generator<RowBinaryRows | null, void> {
  const lines: Lines = {
    times: new Float64Array(rows),
    starts: new Uint32Array(rows),
    ends: new Uint32Array(rows),
  };
  const runs: Run[] = [];
  let count = 0;
  let looked = 0;
  for (const part of payload) {
    count = readRuns(part, count, lines, runs);
    looked += part.length;
    if (looked < BREATH_BYTES) continue;
    looked = 0;
    yield null;
  }
  if (count !== rows) throw refused(`${count} rows; expected ${rows}`);
  runs.sort((a, b) => (a.tenant === b.tenant ? a.from - b.from : a.tenant < b.tenant ? -1 : 1));
  yield* signaturesOf(runs, lines);
}

function refused(what: string) {
  return engineErrors.make('refused', `a block of log lines: ${what}`);
}

/** Reads a part's rows as lines from `count` on; how many there are then. */
function readRuns(part: Uint8Array, count: number, lines: Lines, runs: Run[]): number {
  const reader = new LineReader(part);
  let run: Run | undefined;
  let last = 0;
  let next = count;
  for (; reader.at < part.length; next++) {
    if (next >= lines.times.length) throw refused(`more than ${lines.times.length} rows`);
    const isTenantNew = reader.read();
    const { time } = reader;
    lines.times[next] = time;
    lines.starts[next] = reader.start;
    lines.ends[next] = reader.end;
    if (run === undefined || isTenantNew || Math.abs(time - last) >= GAP) {
      run = { tenant: reader.tenant, part, first: next, end: next, from: time, to: time };
      runs.push(run);
    }
    run.end = next + 1;
    if (time < run.from) run.from = time;
    if (time > run.to) run.to = time;
    last = time;
  }
  return next;
}

/** Of the rows of `logs` (tables.ts, any schema version) the columns that are needed, and no object for any. */
class LineReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #tenantStart = -1;
  #tenantEnd = -1;
  at = 0;
  tenant = '';
  /** In microseconds. */
  time = 0;
  start = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next row; whether its tenant is another one than the last row's. */
  read(): boolean {
    const isTenantNew = this.#readTenant();
    this.#need(24);
    this.time = microsOf(this.#view.getUint32(this.at, true), this.#view.getUint32(this.at + 4, true));
    this.at += 24;
    for (let texts = 5; texts > 0; texts--) this.#skipText();
    this.end = this.#skipText();
    this.start = this.end - this.#length;
    for (let texts = this.#varUint() * 2; texts > 0; texts--) this.#skipText();
    return isTenantNew;
  }

  #length = 0;

  #readTenant(): boolean {
    const end = this.#skipText();
    const start = end - this.#length;
    if (this.#isSame(start, end)) return false;
    this.#tenantStart = start;
    this.#tenantEnd = end;
    this.tenant = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start).toString();
    return true;
  }

  #isSame(start: number, end: number): boolean {
    const offset = start - this.#tenantStart;
    if (this.#tenantStart < 0 || end - this.#tenantEnd !== offset) return false;
    for (let at = start; at < end; at++) if (this.#bytes[at] !== this.#bytes[at - offset]) return false;
    return true;
  }

  /** Where the text ends; its length is kept. */
  #skipText(): number {
    const length = this.#varUint();
    this.#need(length);
    this.#length = length;
    this.at += length;
    return this.at;
  }

  #varUint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      this.#need(1);
      const byte = this.#bytes[this.at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw refused('a length of more than five bytes');
  }

  #need(bytes: number): void {
    if (this.at + bytes > this.#bytes.length) throw refused('a row that is cut short');
  }
}

/** Whole microseconds of nanoseconds in two words, exactly: as one number they would be rounded. */
function microsOf(low: number, high: number): number {
  const thousands = Math.floor(high / 1000);
  return thousands * 2 ** 32 + Math.floor(((high - thousands * 1000) * 2 ** 32 + low) / 1000);
}

function* signaturesOf(runs: readonly Run[], lines: Lines): Generator<RowBinaryRows | null, void> {
  const signatures = new SignatureWriter();
  let looked = 0;
  for (const { tenant, part, first, end, from } of runs) {
    if (signatures.tenant !== tenant) yield* signatures.begin(tenant);
    if (from - signatures.to >= GAP) signatures.close();
    for (let line = first; line < end; line++) {
      const [start, stop] = [lines.starts[line], lines.ends[line]];
      signatures.add(lines.times[line], part, start, stop);
      looked += stop - start + 1;
      if (looked < BREATH_BYTES) continue;
      looked = 0;
      yield null;
    }
  }
  yield* signatures.begin('');
}

/** Makes signatures, one after the other, of one tenant after the other. */
class SignatureWriter {
  readonly #maker = new SignatureMaker();
  #made = new SignatureRows('');
  #lines = 0;
  #from = 0;
  to = 0;
  tenant = '';

  /** Lines of another tenant; the rows of the last one. */
  *begin(tenant: string): Generator<RowBinaryRows | null, void> {
    this.close();
    yield* this.#made.rows();
    this.#made = new SignatureRows(tenant);
    this.tenant = tenant;
  }

  add(time: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#lines === 0) {
      this.#from = time;
      this.to = time;
    } else if (time < this.#from) this.#from = time;
    else if (time > this.to) this.to = time;
    this.#lines++;
    this.#maker.add(bytes, start, end);
    if (this.#maker.isFull || this.#lines >= MOST_LINES) this.close();
  }

  /** Ends the signature of the lines so far, if there are any. */
  close(): void {
    if (this.#lines === 0) return;
    this.#made.add(this.#maker.take(), this.#from, this.to);
    this.#lines = 0;
  }
}
