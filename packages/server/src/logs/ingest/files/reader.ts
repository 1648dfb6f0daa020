import { Buffer, isUtf8 } from 'node:buffer';
import type { RE2JS } from 're2js';
import type { LogTime } from '../../time.ts';
import type { IngestSession, Target } from '../session.ts';
import { TimeSpacer } from '../spacer.ts';
import type { FileCursor, PendingRecord } from './cursor.ts';
import type { FileLine, LineFormat } from './formats.ts';

export interface ReaderOptions {
  readonly format: LineFormat;
  readonly mostBytes: number;
  readonly start: RE2JS | undefined;
  readonly localMs: (wallMs: number) => number;
  /** Of lines that name no time: when the file was last written. */
  readonly fallback: LogTime;
}

/** What a chunk brought besides its lines. */
export interface ReadCounts {
  lines: number;
  malformed: number;
  cut: number;
  repaired: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads a chunk of a file from where the cursor stands: whole lines into the session, and where to go on. The same chunk at the same
 * cursor gives the same lines. With `final`, what is left at the end counts as lines too: nothing more will come.
 */
export class ChunkReader {
  readonly counts: ReadCounts = { lines: 0, malformed: 0, cut: 0, repaired: 0 };
  readonly #options: ReaderOptions;
  readonly #session: IngestSession;
  readonly #target: Target;
  readonly #spacer: TimeSpacer;
  readonly #pending: Map<string, PendingRecord>;
  #offset: number;
  #skip: boolean;

  constructor(options: ReaderOptions, session: IngestSession, target: Target, cursor: FileCursor) {
    this.#options = options;
    this.#session = session;
    this.#target = target;
    this.#spacer = new TimeSpacer(cursor.times);
    this.#pending = new Map(Object.entries(cursor.pending));
    this.#offset = cursor.offset;
    this.#skip = cursor.skip;
  }

  async read(chunk: Buffer, final: boolean): Promise<FileCursor> {
    const { mostBytes } = this.#options;
    let at = 0;
    while (at < chunk.length) {
      const end = chunk.indexOf(LF, at);
      if (end < 0 && !final && chunk.length - at <= mostBytes) break;
      const stop = end < 0 ? chunk.length : end;
      if (!this.#skip) this.#line(chunk, at, stop);
      this.#skip = end < 0 && !final;
      at = end < 0 ? chunk.length : end + 1;
      if (this.#session.tired) await this.#session.rest();
    }
    this.#offset += at;
    if (final) {
      this.#skip = false;
      for (const output of Array.from(this.#pending.keys())) this.#flush(output);
    }
    return {
      offset: this.#offset,
      skip: this.#skip,
      pending: Object.fromEntries(this.#pending),
      times: this.#spacer.times.slice(),
    };
  }

  #line(chunk: Buffer, from: number, end: number): void {
    const { format, mostBytes, localMs } = this.#options;
    // A writer that keeps its place in a file that was cut leaves a hole of zeros.
    let start = from;
    while (start < end && chunk[start] === 0) start++;
    const stop = end > start && chunk[end - 1] === CR ? end - 1 : end;
    // Blank lines say something only inside a record.
    if (stop === start && (end > from || this.#options.start === undefined)) return;
    const cut = stop - start > mostBytes;
    if (cut) this.counts.cut++;
    const line = format(chunk.subarray(start, cut ? start + mostBytes : stop), localMs);
    if (line.malformed) this.counts.malformed++;
    this.#record(line);
  }

  /** Joins parts and lines of one record; a whole one is taken. */
  #record(line: FileLine): void {
    const { start } = this.#options;
    const partKey = `${line.output}\npart`;
    const part = this.#pending.get(partKey);
    if (line.partial) {
      this.#pending.set(partKey, this.#joined(part, line, ''));
      return;
    }
    this.#pending.delete(partKey);
    const whole = part === undefined ? line : { ...line, ...this.#unpacked(this.#joined(part, line, '')) };
    if (start === undefined) {
      this.#take(whole.time, whole.text, whole.metadata);
      return;
    }
    const begins = start.matcher(whole.text.toString('utf8', 0, Math.min(whole.text.length, 1024))).find();
    const open = this.#pending.get(whole.output);
    if (begins || open === undefined) {
      this.#flush(whole.output);
      this.#pending.set(whole.output, this.#joined(undefined, whole, ''));
    } else this.#pending.set(whole.output, this.#joined(open, whole, '\n'));
  }

  #joined(open: PendingRecord | undefined, line: FileLine, between: string): PendingRecord {
    const { mostBytes, fallback } = this.#options;
    if (open?.full === true) return open;
    const { ms, nanos } = open ?? line.time ?? fallback;
    const text = (open === undefined ? '' : open.text + between) + line.text.toString('latin1');
    const full = text.length > mostBytes;
    if (full) this.counts.cut++;
    return { ms, nanos, text: full ? text.slice(0, mostBytes) : text, full };
  }

  #unpacked({ ms, nanos, text }: PendingRecord): { readonly time: LogTime; readonly text: Buffer } {
    return { time: { ms, nanos }, text: Buffer.from(text, 'latin1') };
  }

  /** What was open of an output is a record now. */
  #flush(key: string): void {
    const open = this.#pending.get(key);
    if (open === undefined) return;
    this.#pending.delete(key);
    const { time, text } = this.#unpacked(open);
    const output = key.split('\n', 1)[0] ?? '';
    this.#take(time, text, output === '' ? [] : ['stream', output]);
  }

  #take(time: LogTime | null, text: Buffer, metadata: readonly string[]): void {
    let bytes = text;
    if (!isUtf8(bytes)) {
      bytes = Buffer.from(bytes.toString('utf8'));
      if (bytes.length > this.#options.mostBytes) bytes = wholeCharacters(bytes, this.#options.mostBytes);
      this.counts.repaired++;
    }
    const { line } = this.#session;
    line.time = this.#spacer.spaced(time ?? this.#options.fallback);
    line.bytes = bytes;
    line.start = 0;
    line.end = bytes.length;
    line.metadata.length = 0;
    for (const each of metadata) line.metadata.push(each);
    this.counts.lines++;
    this.#session.take(this.#target);
  }
}

/** At most so many bytes of a valid text, without cutting a character. */
function wholeCharacters(bytes: Buffer, most: number): Buffer {
  let end = most;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
