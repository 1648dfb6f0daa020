import { BYTE, isBlank, rangeIs, sameText } from './bytes.ts';
import { type ExpositionProblem, type ExpositionReason, excerpt, lineOf } from './errors.ts';
import { FloatReader } from './float.ts';
import type { KnownRun, KnownSeries } from './known-run.ts';
import { type MetadataLine, metadataKeyword, readMetadata, wordStop } from './metadata.ts';
import { SeriesScanner } from './series.ts';

/** What `next()` found. */
export const ENTRY = { end: 0, sample: 1, metadata: 2, problem: 3 } as const;

export type ExpositionFormat = 'text' | 'openmetrics';

/**
 * A pull scanner over one exposition body (Prometheus text 0.0.4 or OpenMetrics 1.0), on bytes. It allocates nothing for a
 * sample: `next()` leaves positions and numbers in its fields, which stay valid until the next call.
 *
 *     # TYPE rpc_total counter                       -> metadata: metaStart..metaEnd, decoded on demand
 *     rpc_total{method="get"} 12 1700000000000       -> sample:   seriesStart..seriesEnd, value, timestamp
 *     '----- series ---------' ^value ^timestamp
 *
 * With `expect()` the caller names the raw bytes of the series it thinks come next (targets list their series in the same
 * order every time); a sample that starts with them skips the grammar of names and labels, which those bytes passed before.
 *
 * After a problem `skipLine()` resumes at the next line, for protocols that keep the valid rest.
 */
export class ExpositionScanner {
  readonly format: ExpositionFormat;
  seriesStart = 0;
  seriesEnd = 0;
  /** Whether the last sample began with the expected bytes. */
  expected = false;
  value = 0;
  hasTimestamp = false;
  /** Milliseconds since the epoch; meaningful when `hasTimestamp`. */
  timestamp = 0;
  /** The exemplar's label set (from `{` to after `}`); -1 when the sample has none. OpenMetrics only. */
  exemplarStart = -1;
  exemplarEnd = -1;
  exemplarValue = 0;
  /** Milliseconds, or NaN when the exemplar has no time of its own. */
  exemplarTimestamp = Number.NaN;
  /** The whole metadata line, from `#` to before the newline. */
  metaStart = 0;
  metaEnd = 0;
  /** Whether the last metadata line is the expected one. */
  expectedLine = false;

  readonly #openMetrics: boolean;
  readonly #series: SeriesScanner;
  readonly #floats = new FloatReader();
  #bytes: Uint8Array = new Uint8Array(1);
  #view: DataView = new DataView(new ArrayBuffer(1));
  #length = 0;
  #at = 0;
  /** The end marker, or its absence, was reported. */
  #ended = false;
  #entryStart = 0;
  #reason: ExpositionReason = 'line';
  #message = '';
  #expectView: DataView | null = null;
  #expectAt = 0;
  #expectLength = 0;
  #lineView: DataView | null = null;
  #lineAt = 0;
  #lineLength = 0;

  constructor(format: ExpositionFormat) {
    this.format = format;
    this.#openMetrics = format === 'openmetrics';
    this.#series = new SeriesScanner(this.#openMetrics);
  }

  /** Starts on a body of `length` bytes in a buffer with room for one more, which becomes a newline. */
  reset(bytes: Uint8Array, length: number): void {
    if (bytes.length <= length) throw new RangeError('the body buffer needs one spare byte');
    bytes[length] = BYTE.NEWLINE;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#length = length;
    this.#at = 0;
    this.#ended = false;
    this.#expectView = null;
    this.#lineView = null;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Names the raw series bytes to try first on the next line. */
  expect(view: DataView, at: number, length: number): void {
    this.#expectView = view;
    this.#expectAt = at;
    this.#expectLength = length;
  }

  /**
   * Names the whole line to try first at the next one that starts with `#`: one that was metadata in a body of this format before.
   * Stays until such a line comes.
   */
  expectLine(view: DataView, at: number, length: number): void {
    this.#lineView = view;
    this.#lineAt = at;
    this.#lineLength = length;
  }

  /** Reads the lines of known series that come next into the run, as many as it has room for; answers how many. */
  known(series: KnownSeries, run: KnownRun): number {
    this.#at = run.read({ bytes: this.#bytes, view: this.#view, length: this.#length, at: this.#at }, series);
    return run.count;
  }

  next(): number {
    const bytes = this.#bytes;
    for (;;) {
      const start = this.#at;
      this.#entryStart = start;
      if (start >= this.#length) {
        if (!this.#openMetrics || this.#ended) return ENTRY.end;
        this.#ended = true;
        return this.#fail('eof', 'data does not end with # EOF');
      }
      const byte = bytes[start];
      if (byte === BYTE.HASH) {
        const entry = this.#comment(start);
        if (entry >= 0) return entry;
      } else if (!this.#openMetrics && (byte === BYTE.NEWLINE || isBlank(byte ?? 0))) {
        this.#at = this.#skipBlanks(start);
        if (bytes[this.#at] === BYTE.NEWLINE) this.#at++;
        else return this.#sample(this.#at);
      } else {
        return this.#sample(start);
      }
    }
  }

  /** Moves behind the line of the last problem. */
  skipLine(): void {
    const newline = this.#bytes.indexOf(BYTE.NEWLINE, Math.max(this.#at, this.#entryStart));
    this.#at = newline < 0 ? this.#length : newline + 1;
  }

  /** The problem behind the last `ENTRY.problem`. */
  problem(): ExpositionProblem {
    return {
      line: lineOf(this.#bytes, this.#entryStart),
      reason: this.#reason,
      message: this.#message,
      text: excerpt(this.#bytes, this.#entryStart, this.#length),
    };
  }

  /** A problem that the caller found in the last sample (such as a label value that is not UTF-8). */
  problemHere(reason: ExpositionReason, message: string): ExpositionProblem {
    this.#reason = reason;
    this.#message = message;
    return this.problem();
  }

  /** Decodes the metadata line found last; a string is what is wrong with it. */
  metadata(): MetadataLine | string {
    return readMetadata(this.#bytes, this.metaStart, this.metaEnd, this.#openMetrics);
  }

  #sample(start: number): number {
    this.seriesStart = start;
    this.exemplarStart = -1;
    this.hasTimestamp = false;
    this.expected = this.#matchesExpected(start);
    if (this.expected) {
      const end = start + this.#expectLength;
      this.seriesEnd = end;
      const entry = this.#suffix(end);
      if (entry === ENTRY.sample) return entry;
      this.expected = false;
    }
    const end = this.#series.scan(this.#bytes, start);
    if (end < 0) return this.#fail(this.#series.reason, this.#series.message);
    this.seriesEnd = end;
    return this.#suffix(end);
  }

  #matchesExpected(start: number): boolean {
    const expect = this.#expectView;
    this.#expectView = null;
    const length = this.#expectLength;
    if (expect === null || start + length >= this.#length) return false;
    const after = this.#bytes[start + length];
    if (after !== BYTE.SPACE && after !== BYTE.TAB) return false;
    return sameText(this.#view, start, expect, this.#expectAt, length);
  }

  /** Value, optional timestamp, optional exemplar, end of line. */
  #suffix(seriesEnd: number): number {
    const bytes = this.#bytes;
    let at = seriesEnd;
    if (this.#openMetrics) {
      if (bytes[at] !== BYTE.SPACE) return this.#fail('value', 'expected one space before the value');
      at++;
    } else {
      at = this.#skipBlanks(at);
    }
    const valueEnd = this.#floats.read(bytes, at);
    if (valueEnd < 0) return this.#fail('value', 'expected a number after the series');
    this.value = this.#floats.value;
    if (bytes[valueEnd] === BYTE.NEWLINE) return this.#finish(valueEnd);
    return this.#openMetrics ? this.#openMetricsTail(valueEnd) : this.#textTail(valueEnd);
  }

  #textTail(valueEnd: number): number {
    const bytes = this.#bytes;
    let at = this.#skipBlanks(valueEnd);
    if (bytes[at] === BYTE.NEWLINE) return this.#finish(at);
    const negative = bytes[at] === BYTE.MINUS;
    if (negative) at++;
    const from = at;
    let milliseconds = 0;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte < BYTE.ZERO || byte > BYTE.NINE) break;
      milliseconds = milliseconds * 10 + (byte - BYTE.ZERO);
      at++;
    }
    if (at === from || !Number.isSafeInteger(milliseconds)) {
      return this.#fail('timestamp', 'expected a timestamp in milliseconds or the end of the line');
    }
    at = this.#skipBlanks(at);
    if (bytes[at] !== BYTE.NEWLINE) return this.#fail('timestamp', 'expected the end of the line');
    this.hasTimestamp = true;
    this.timestamp = negative ? -milliseconds : milliseconds;
    return this.#finish(at);
  }

  #openMetricsTail(valueEnd: number): number {
    const bytes = this.#bytes;
    let at = valueEnd;
    if (bytes[at] !== BYTE.SPACE) return this.#fail('line', 'expected one space or the end of the line');
    if (bytes[at + 1] !== BYTE.HASH) {
      at = this.#seconds(at + 1);
      if (at < 0) return this.#fail('timestamp', 'expected a timestamp in seconds');
      this.timestamp = this.#secondsValue;
      this.hasTimestamp = true;
      if (bytes[at] === BYTE.NEWLINE) return this.#finish(at);
    }
    if (!rangeIs(bytes, at, at + 4, ' # {')) {
      return this.#fail('exemplar', 'expected an exemplar or the end of the line');
    }
    return this.#exemplar(at + 3);
  }

  #exemplar(open: number): number {
    const bytes = this.#bytes;
    const end = this.#series.scanLabels(bytes, open, false);
    if (end < 0) return this.#fail('exemplar', `in the exemplar: ${this.#series.message}`);
    if (bytes[end] !== BYTE.SPACE)
      return this.#fail('exemplar', 'expected a value after the exemplar labels');
    let at = this.#floats.read(bytes, end + 1);
    if (at < 0) return this.#fail('exemplar', 'expected a number after the exemplar labels');
    this.exemplarValue = this.#floats.value;
    this.exemplarTimestamp = Number.NaN;
    if (bytes[at] === BYTE.SPACE) {
      at = this.#seconds(at + 1);
      if (at < 0) return this.#fail('exemplar', 'expected an exemplar timestamp in seconds');
      this.exemplarTimestamp = this.#secondsValue;
    }
    if (bytes[at] !== BYTE.NEWLINE) return this.#fail('exemplar', 'expected the end of the line');
    this.exemplarStart = open;
    this.exemplarEnd = end;
    return this.#finish(at);
  }

  #secondsValue = 0;

  /** Reads float seconds into milliseconds, truncated as Prometheus does; -1 when they are no finite number. */
  #seconds(start: number): number {
    const end = this.#floats.read(this.#bytes, start);
    const milliseconds = Math.trunc(this.#floats.value * 1000);
    if (end < 0 || !Number.isSafeInteger(milliseconds)) return -1;
    this.#secondsValue = milliseconds;
    return end;
  }

  /** A line that starts with `#`: metadata, end marker, or (-1) a comment that was skipped. */
  #comment(start: number): number {
    this.expectedLine = this.#matchesLine(start);
    if (this.expectedLine) {
      this.metaStart = start;
      this.metaEnd = start + this.#lineLength;
      this.#at = this.metaEnd + 1;
      return ENTRY.metadata;
    }
    const bytes = this.#bytes;
    const newline = bytes.indexOf(BYTE.NEWLINE, start);
    const end = newline < 0 ? this.#length : newline;
    this.metaStart = start;
    this.metaEnd = end;
    if (this.#openMetrics && rangeIs(bytes, start, end, '# EOF')) {
      this.#ended = true;
      this.#at = this.#length;
      return end + 1 < this.#length ? this.#fail('eof', 'unexpected data after # EOF') : ENTRY.end;
    }
    const word = isBlank(bytes[start + 1] ?? 0) ? this.#skipBlanks(start + 1) : -1;
    const wordEnd = word < 0 ? -1 : wordStop(bytes, word);
    const keyword = word < 0 ? null : metadataKeyword(bytes, word, wordEnd, this.#openMetrics);
    if (keyword !== null && isBlank(bytes[wordEnd] ?? 0)) {
      this.#at = end + 1;
      return ENTRY.metadata;
    }
    if (this.#openMetrics) return this.#fail('metadata', 'expected HELP, TYPE, UNIT or EOF after "#"');
    this.#at = end + 1;
    return -1;
  }

  #matchesLine(start: number): boolean {
    const line = this.#lineView;
    this.#lineView = null;
    const end = start + this.#lineLength;
    if (line === null || end > this.#length || this.#bytes[end] !== BYTE.NEWLINE) return false;
    return sameText(this.#view, start, line, this.#lineAt, this.#lineLength);
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (isBlank(this.#bytes[at] ?? 0)) at++;
    return at;
  }

  #finish(newline: number): number {
    this.#at = newline + 1;
    return ENTRY.sample;
  }

  #fail(reason: ExpositionReason, message: string): number {
    this.#reason = reason;
    this.#message = message;
    return ENTRY.problem;
  }
}
