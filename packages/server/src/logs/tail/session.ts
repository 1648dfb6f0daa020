import type { LogEntry, LogTail } from '@pharos/logql';
import type { Labels } from '@pharos/promql';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { type LineChunk, readRow } from '../store/chunk.ts';
import { LEVEL_LABEL } from '../store/label-conditions.ts';
import { metadataLabels } from '../store/metadata-labels.ts';
import { placeOf } from '../store/query.ts';

/** A line that was not sent, because its reader is slower than the lines come. */
export interface DroppedEntry {
  readonly labels: Labels;
  /** ns since the epoch. */
  readonly timestamp: bigint;
}

export interface TailFrame {
  /** In order of time. */
  readonly entries: readonly LogEntry[];
  /** Some of what was dropped since the last frame. */
  readonly dropped: readonly DroppedEntry[];
}

export interface TailDeps {
  readonly clock: Clock;
  readonly tail: LogTail;
  /** Entries wait so long, so that late ones find their place. */
  readonly delayMs: number;
  /** The labels of a stream by its two words; undefined when it is not known any more. */
  labelsOf(low: number, high: number): Labels | undefined;
  /** Whether the reader takes more at the moment. */
  hasRoom(): boolean;
  send(frame: TailFrame): void;
  /** Told how many lines were dropped. */
  dropped(lines: number): void;
  /** Told once why nothing more comes: the query could not be evaluated over a line, or its lines not be sent. */
  failed(error: unknown): void;
  readonly breathe: () => Promise<void>;
}

const FLUSH_MS = 200;
/** A line that was sent as history comes a second time within this, or never. */
const FORGET_MS = 30_000;
/** Lines looked at between breaths. */
const SLICE = 250;
/** Chunks that wait to be looked at, bytes. */
const MOST_WAITING = 16 * 2 ** 20;
/** Entries that wait to be sent. */
const MOST_ENTRIES = 10_000;
const MOST_ENTRY_BYTES = 8 * 2 ** 20;
/** Dropped lines named in one frame. */
const MOST_NAMED = 100;
/** Lines of one frame. */
const MOST_IN_FRAME = 1000;

interface Waiting {
  readonly entry: LogEntry;
  readonly since: number;
}

/** One reader who follows a query's lines: bounded in memory, and told of what it missed. */
export class TailSession {
  readonly #deps: TailDeps;
  readonly #timer: Timer;
  #chunks: LineChunk[] = [];
  #chunkBytes = 0;
  #entries: Waiting[] = [];
  #entryBytes = 0;
  #named: DroppedEntry[] = [];
  #reading = false;
  #closed = false;
  /** What the reader was sent before it began to follow. */
  #known = new Set<string>();
  #forgetAt = 0;
  #started = false;
  #last: { readonly low: number; readonly high: number; readonly labels: Labels | undefined } = {
    low: -1,
    high: -1,
    labels: undefined,
  };

  constructor(deps: TailDeps) {
    this.#deps = deps;
    this.#timer = deps.clock.every(FLUSH_MS, () => this.#guarded(() => this.#flush()));
  }

  /** Sends what there was, newest last; lines that come while it is looked for are sent once, behind it. */
  begin(history: readonly LogEntry[]): void {
    for (const entry of history) this.#known.add(keyOf(entry));
    this.#forgetAt = this.#deps.clock.monotonic() + this.#deps.delayMs + FORGET_MS;
    this.#started = true;
    if (history.length > 0) this.#deps.send({ entries: history, dropped: [] });
  }

  offer(chunk: LineChunk): void {
    if (this.#closed) return;
    if (this.#chunkBytes + chunk.payload.length > MOST_WAITING) {
      this.#guarded(() => this.#dropChunk(chunk));
      return;
    }
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.payload.length;
    if (!this.#reading) void this.#read().catch((error: unknown) => this.fail(error));
  }

  close(): void {
    this.#closed = true;
    this.#timer.cancel();
    this.#chunks = [];
    this.#entries = [];
  }

  /** Ends it and tells why, unless it has ended. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#deps.failed(error);
  }

  /** What one query makes of a line, or its reader of a frame, ends that query alone: nobody above would catch it. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }

  async #read(): Promise<void> {
    this.#reading = true;
    // Whoever stored the lines is not to wait for those who follow them.
    await this.#deps.breathe();
    let budget = SLICE;
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      this.#chunkBytes -= chunk.payload.length;
      for (let row = 0; row < chunk.rows && !this.#closed; row++) {
        this.#take(chunk, row);
        if (--budget > 0) continue;
        budget = SLICE;
        await this.#deps.breathe();
      }
    }
    this.#reading = false;
  }

  /** The stream of a row when the query selects it; rows of one stream come in runs. */
  #stream(chunk: LineChunk, row: number): Labels | undefined {
    const [low, high] = [chunk.streams[row * 2], chunk.streams[row * 2 + 1]];
    if (low === this.#last.low && high === this.#last.high) return this.#last.labels;
    const labels = this.#deps.labelsOf(low, high);
    const selected = labels !== undefined && this.#deps.tail.selects(labels) ? labels : undefined;
    this.#last = { low, high, labels: selected };
    return selected;
  }

  #take(chunk: LineChunk, row: number): void {
    const stream = this.#stream(chunk, row);
    if (stream === undefined) return;
    const { message, level, metadata } = readRow(chunk, row);
    const own = metadataLabels(stream.has(LEVEL_LABEL) ? '' : level, metadata);
    const entry = this.#deps.tail.process(stream, placeOf(chunk, row).time, message, own);
    if (entry === undefined) return;
    this.#entries.push({ entry, since: this.#deps.clock.monotonic() });
    this.#entryBytes += bytesOf(entry);
    if (this.#entries.length <= MOST_ENTRIES && this.#entryBytes <= MOST_ENTRY_BYTES) return;
    // The oldest makes room: who follows wants to see what is new.
    const oldest = this.#entries.shift();
    if (oldest === undefined) return;
    this.#entryBytes -= bytesOf(oldest.entry);
    this.#name(oldest.entry.labels.stream, oldest.entry.timestamp);
    this.#deps.dropped(1);
  }

  #dropChunk(chunk: LineChunk): void {
    let dropped = 0;
    for (let row = 0; row < chunk.rows; row++) {
      const stream = this.#stream(chunk, row);
      if (stream === undefined) continue;
      dropped++;
      this.#name(stream, placeOf(chunk, row).time);
    }
    this.#deps.dropped(dropped);
  }

  #name(labels: Labels, timestamp: bigint): void {
    if (this.#named.length < MOST_NAMED) this.#named.push({ labels, timestamp });
  }

  #flush(): void {
    const { clock, delayMs, hasRoom, send } = this.#deps;
    if (!this.#started) return;
    if (clock.monotonic() > this.#forgetAt) this.#known.clear();
    while (hasRoom()) {
      const ripe = clock.monotonic() - delayMs;
      const end = this.#entries.findIndex(({ since }) => since > ripe);
      const count = Math.min(end === -1 ? this.#entries.length : end, MOST_IN_FRAME);
      const taken = this.#entries.splice(0, count);
      for (const { entry } of taken) this.#entryBytes -= bytesOf(entry);
      const entries = taken
        .map(({ entry }) => entry)
        .filter((entry) => this.#known.size === 0 || !this.#known.has(keyOf(entry)))
        .sort((a, b) => (a.timestamp === b.timestamp ? 0 : a.timestamp < b.timestamp ? -1 : 1));
      const dropped = this.#named.splice(0);
      if (entries.length === 0 && dropped.length === 0) return;
      send({ entries, dropped });
    }
  }
}

/** What an entry takes beside its texts, about. */
const ENTRY_BYTES = 200;

/** Memory of an entry, about: its stream's labels are there anyway. */
function bytesOf({ line, labels: { metadata, parsed } }: LogEntry): number {
  let bytes = ENTRY_BYTES + line.length;
  for (const { pairs } of [metadata, parsed]) for (const text of pairs) bytes += text.length;
  return bytes;
}

function keyOf({ timestamp, line, labels }: LogEntry): string {
  return `${timestamp} ${labels.stream.key} ${line}`;
}
