import type { Clock } from '../kernel/clock.ts';
import type { PharosError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { SpareMemory } from '../kernel/spare-memory.ts';
import { DiskGate, overloaded, reasonOf, unacceptable } from './admission.ts';
import { AgeMarks } from './age-marks.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { CommitQueue, type Waiting } from './commit-queue.ts';
import type { JournalConfig } from './config.ts';
import { journalErrors } from './errors.ts';
import { Followers } from './followers.ts';
import { encodeGroup, groupBytes } from './frames.ts';
import { type FileSystem, quietly } from './fs.ts';
import type { Quarantine } from './quarantine.ts';
import { readSegment, type SegmentEvent } from './reader.ts';
import { keepDamage, type Recovered, recover, type Segment } from './recovery.ts';
import type { JournalTelemetry } from './telemetry.ts';
import type {
  Cut,
  CutFrame,
  CutLimits,
  Frame,
  JournalFollower,
  JournalPressure,
  OpenJournal,
  Position,
  RecoveryReport,
} from './types.ts';
import { SegmentWriter } from './writer.ts';

export interface JournalOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: JournalTelemetry;
  readonly quarantine: Quarantine;
  readonly config: JournalConfig;
}

/*
 *  append ─> admission ─> queue ─> [ one write + one fsync ] ─> ack          segments on disk, oldest first
 *                                          │                                 ┌─────────┬─────────┬────────┐
 *                                          └──────────────────────────────>  │ flushed │ waiting │ active │
 *  flusher: readCut ─> engine ─> markFlushed ─> checkpoint ─> unlink  <───── └─────────┴─────────┴────────┘
 */

/**
 * Opens the journal of a directory, recovering what an earlier process left. Rejects with `journal.unusable` when the
 * disk does not let it; never because of what the files hold.
 */
export async function openJournal(options: JournalOptions): Promise<OpenJournal> {
  try {
    const recovered = await recover(options);
    const { report } = recovered;
    options.telemetry.recoveredFrames.inc(report.frames);
    options.telemetry.tornBytes.inc(report.tornBytes);
    options.log.info({ directory: options.directory, ...report }, 'journal opened');
    const journal = new DiskJournal(options, recovered);
    options.telemetry.watch(() => journal.pressure());
    return journal;
  } catch (cause) {
    throw journalErrors.make(
      'unusable',
      `cannot open the journal in ${options.directory}: ${reasonOf(cause)}`,
      { cause },
    );
  }
}

/** A segment up to where it was written. */
interface Stretch {
  readonly segment: Segment;
  readonly to: number;
}

interface Taken {
  readonly cut: Cut;
  readonly ends: ReadonlyMap<Segment, number>;
}

const READ_ATTEMPTS = 5;
/** A cut that took less leaves none of its memory to the next one. */
const LEAST_KEPT_BYTES = 4 * 1024 * 1024;

class DiskJournal implements OpenJournal {
  readonly #followers: Followers;
  readonly recovery: RecoveryReport;
  readonly #options: JournalOptions;
  readonly #gate: DiskGate;
  readonly #writer: SegmentWriter;
  readonly #queue: CommitQueue<readonly Frame[], Position>;
  readonly #segments: Segment[];
  readonly #recoveredUpTo: Position;
  readonly #ages: AgeMarks;
  readonly #flushedListeners = new Set<(position: Position) => void>();
  readonly #committedListeners = new Set<(pressure: JournalPressure) => void>();
  /** What the frames of the last cut lie in. */
  readonly #cutMemory: SpareMemory;
  #scratch: Buffer = Buffer.alloc(0);
  #nextPosition: Position;
  #flushed: Position;
  #pendingRows: number;
  #taken: Taken | null = null;
  #readFailures = 0;
  #stopped = false;

  constructor(options: JournalOptions, recovered: Recovered) {
    const { fs, directory, clock, config } = options;
    this.#options = options;
    this.recovery = recovered.report;
    this.#segments = recovered.segments;
    this.#followers = new Followers({
      fs,
      segments: this.#segments,
      retainBytes: config.retainBytes,
      keepDamage: (at, event) => keepDamage(options.quarantine, at, event),
    });
    this.#nextPosition = recovered.nextPosition;
    this.#recoveredUpTo = recovered.nextPosition - 1;
    this.#flushed = recovered.flushed;
    this.#pendingRows = recovered.report.rows;
    this.#ages = new AgeMarks(clock);
    // As large as a full cut: made anew each time, it would be collected as often.
    this.#cutMemory = new SpareMemory({ least: LEAST_KEPT_BYTES, most: 2 * config.cutBytes });
    if (recovered.oldestWrittenAt !== undefined)
      this.#ages.add(recovered.flushed + 1, clock.now() - recovered.oldestWrittenAt * 1000);
    this.#gate = new DiskGate({ fs, directory, floor: config.freeDiskBytes, clock });
    this.#writer = new SegmentWriter({
      fs,
      directory,
      identity: recovered.identity,
      segmentBytes: config.segmentBytes,
      nextId: recovered.nextId,
      previous: recovered.segments.at(-1),
    });
    this.#queue = new CommitQueue({
      batchBytes: config.batchBytes,
      clock,
      commit: (batch) => this.#commit(batch),
    });
  }

  async append(frames: readonly Frame[], patienceMs = 0): Promise<Position> {
    const { config, telemetry } = this.#options;
    if (frames.length === 0) return this.#nextPosition - 1;
    const bytes = groupBytes(frames);
    const load = { pendingBytes: this.#pendingBytes(), queuedBytes: this.#queue.bytes };
    const refusal = this.#stopped
      ? journalErrors.make('stopped', 'the journal is closed')
      : (unacceptable(frames, bytes, config) ?? overloaded(bytes, load, config));
    if (refusal !== null) {
      telemetry.refused.inc({ reason: reasonLabel(refusal) });
      throw refusal;
    }
    return await this.#queue.add(frames, bytes, patienceMs);
  }

  flushedPosition(): Position {
    return this.#flushed;
  }

  onFlushed(listener: (position: Position) => void): () => void {
    this.#flushedListeners.add(listener);
    return () => this.#flushedListeners.delete(listener);
  }

  onCommitted(listener: (pressure: JournalPressure) => void): () => void {
    this.#committedListeners.add(listener);
    return () => this.#committedListeners.delete(listener);
  }

  pressure(): JournalPressure {
    return {
      bytes: this.#pendingBytes(),
      limit: this.#options.config.limitBytes,
      rows: this.#pendingRows,
      oldestAgeMs: this.#ages.oldestMs(),
      closed: this.#gate.lastRefusal(),
    };
  }

  async replay(consume: (frame: Frame, position: Position) => void): Promise<void> {
    for (const stretch of this.#written()) {
      for await (const event of this.#read(stretch, this.#flushed)) {
        if (event.kind !== 'group') continue;
        for (const frame of event.group.frames) consume(frame, event.group.position);
      }
    }
  }

  follow(after: Position): JournalFollower {
    return this.#followers.open(after);
  }

  async readCut(limits: CutLimits): Promise<Cut | null> {
    const cut = { frames: [] as CutFrame[], rows: 0, bytes: 0, upTo: this.#flushed, recovered: false };
    const ends = new Map<Segment, number>();
    this.#cutMemory.release();
    for (const stretch of this.#written()) {
      const full = await this.#readInto(cut, ends, stretch, limits);
      if (full) break;
    }
    if (ends.size === 0) return null;
    this.#taken = { cut, ends };
    return cut;
  }

  /** True when the cut is full. */
  async #readInto(
    cut: { frames: CutFrame[]; rows: number; bytes: number; upTo: Position; recovered: boolean },
    ends: Map<Segment, number>,
    stretch: Stretch,
    limits: CutLimits,
  ): Promise<boolean> {
    const { segment } = stretch;
    try {
      for await (const event of this.#read(stretch, cut.upTo, this.#cutMemory)) {
        if (event.kind === 'group') {
          const { group } = event;
          const size = event.to - event.from;
          const recovered = group.position <= this.#recoveredUpTo;
          const over = cut.rows + group.rows > limits.rows || cut.bytes + size > limits.bytes;
          if (cut.frames.length > 0 && (over || recovered !== cut.recovered)) return true;
          for (const [index, { table, schemaVersion, tenant, day, rows, payload }] of group.frames.entries())
            cut.frames.push({
              table,
              schemaVersion,
              tenant,
              day,
              rows,
              payload,
              position: group.position,
              index,
            });
          cut.rows += group.rows;
          cut.bytes += size;
          cut.upTo = group.position;
          cut.recovered = recovered;
        }
        ends.set(segment, event.to);
      }
      this.#readFailures = 0;
      return false;
    } catch (cause) {
      await this.#unreadable(segment, cause);
      throw journalErrors.make('unusable', `cannot read ${segment.path}: ${reasonOf(cause)}`, { cause });
    }
  }

  async markFlushed(cut: Cut): Promise<void> {
    const { fs, directory } = this.#options;
    if (this.#taken?.cut !== cut) throw new Error('markFlushed needs the cut of the last readCut');
    for (const [segment, end] of this.#taken.ends) segment.flushedTo = Math.max(segment.flushedTo, end);
    this.#taken = null;
    this.#flushed = cut.upTo;
    const rows = cut.frames.reduce((sum, frame) => sum + frame.rows, 0);
    this.#pendingRows = this.#pendingBytes() === 0 ? 0 : Math.max(0, this.#pendingRows - rows);
    this.#ages.flushed(cut.upTo, this.#pendingBytes() > 0);
    try {
      await writeCheckpoint(fs, directory, cut.upTo);
    } catch (error) {
      // Without the record the rows are reconciled once more after a restart; with a full disk the segments must still go.
      this.#diskError('checkpoint', error);
    }
    await this.#removeFlushed();
    for (const listener of this.#flushedListeners) {
      try {
        listener(cut.upTo);
      } catch (error) {
        this.#options.log.error(
          { position: cut.upTo, err: reasonOf(error) },
          'a listener of the journal failed',
        );
      }
    }
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#queue.idle();
    await this.#writer.close();
  }

  async #commit(batch: readonly Waiting<readonly Frame[], Position>[]): Promise<void> {
    const { clock, telemetry } = this.#options;
    const closed = await this.#gate.closed();
    if (closed !== null) return this.#refuse(batch, closed);
    const started = clock.monotonic();
    const first = this.#nextPosition;
    // Spent even when the write fails: a refused request's number is never given to another.
    this.#nextPosition += batch.length;
    let written = false;
    try {
      const segment = await this.#openSegment(first);
      const bytes = this.#encode(batch, first, segment.salt);
      written = true;
      await this.#writer.write(bytes);
      segment.lastPosition = first + batch.length - 1;
      telemetry.appendedBytes.inc(bytes.length);
    } catch (cause) {
      this.#diskError('append', cause);
      await this.#writer.abandon();
      if (written) await quietly(this.#openSegment(this.#nextPosition));
      return this.#refuse(batch, this.#gate.failed(cause));
    }
    this.#gate.succeeded();
    const rows = batch.reduce((sum, { item }) => sum + item.reduce((n, frame) => n + frame.rows, 0), 0);
    this.#pendingRows += rows;
    this.#ages.add(first, 0);
    telemetry.commits.inc();
    telemetry.requests.inc(batch.length);
    telemetry.appendedRows.inc(rows);
    telemetry.commitDuration.observe((clock.monotonic() - started) / 1000);
    for (const [index, waiting] of batch.entries()) waiting.resolve(first + index);
    for (const listener of this.#committedListeners) listener(this.pressure());
  }

  async #openSegment(firstPosition: Position): Promise<Segment> {
    const { segment, opened } = await this.#writer.ready(firstPosition);
    if (opened) this.#segments.push(segment);
    return segment;
  }

  #encode(batch: readonly Waiting<readonly Frame[], Position>[], first: Position, salt: number): Buffer {
    const total = batch.reduce((sum, { bytes }) => sum + bytes, 0);
    const reuse = total <= this.#options.config.batchBytes;
    if (reuse && this.#scratch.length < total) this.#scratch = Buffer.allocUnsafeSlow(nextPowerOfTwo(total));
    const target = reuse ? this.#scratch : Buffer.allocUnsafeSlow(total);
    const writtenAt = Math.floor(this.#options.clock.now() / 1000);
    let end = 0;
    for (const [index, { item }] of batch.entries())
      end = encodeGroup(target, end, item, { position: first + index, writtenAt, salt });
    return target.subarray(0, end);
  }

  #refuse(batch: readonly Waiting<readonly Frame[], Position>[], error: PharosError): void {
    this.#options.telemetry.refused.inc({ reason: reasonLabel(error) }, batch.length);
    for (const waiting of batch) waiting.reject(error);
  }

  #pendingBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + Math.max(0, segment.end - segment.flushedTo), 0);
  }

  /**
   * What is in the segments now. To be taken in one step before reading: a segment that grows meanwhile would be read short,
   * and the next one then from the middle of what is waiting.
   */
  #written(): Stretch[] {
    return this.#segments.map((segment) => ({ segment, to: segment.end }));
  }

  /** The unflushed requests of a segment, damage put aside on the way. */
  async *#read(
    { segment, to }: Stretch,
    after: Position,
    memory?: SpareMemory,
  ): AsyncGenerator<SegmentEvent, void, void> {
    const { fs, quarantine } = this.#options;
    if (segment.flushedTo >= to) return;
    const file = await fs.open(segment.path, 'read');
    try {
      const range = { file, salt: segment.salt, from: segment.flushedTo, to, sealed: true, after, memory };
      for await (const event of readSegment(range)) {
        if (event.kind === 'damage') await keepDamage(quarantine, { file, segment }, event);
        yield event;
      }
    } finally {
      await file.close();
    }
  }

  /** After several failed reads a segment is moved aside as a whole, so that it does not block the others. */
  async #unreadable(segment: Segment, cause: unknown): Promise<void> {
    this.#diskError('read', cause);
    this.#readFailures++;
    if (this.#readFailures < READ_ATTEMPTS) return;
    if (this.#writer.isActive(segment)) {
      this.#writer.rotate();
      return;
    }
    await this.#options.quarantine.keepFile(segment.path, {
      reason: 'unreadable',
      message: `${segment.path} cannot be read: ${reasonOf(cause)}`,
      facts: { segment: segment.path, from: segment.flushedTo, to: segment.end },
    });
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.#readFailures = 0;
  }

  /** Strictly oldest first, so that a segment's seal in the next one's header is there as long as it is. */
  async #removeFlushed(): Promise<void> {
    const { fs } = this.#options;
    for (let oldest = this.#segments[0]; oldest !== undefined; oldest = this.#segments[0]) {
      if (oldest.flushedTo < oldest.end || this.#writer.isActive(oldest)) return;
      if (this.#followers.needs(oldest)) return;
      try {
        await fs.unlink(oldest.path);
      } catch (error) {
        this.#diskError('unlink', error);
        return;
      }
      this.#segments.shift();
    }
  }

  #diskError(operation: string, error: unknown): void {
    const { telemetry, log, directory } = this.#options;
    telemetry.diskErrors.inc({ operation });
    log.error({ directory, operation, err: reasonOf(error) }, 'the journal met a disk error');
  }
}

function reasonLabel(error: PharosError): string {
  const reason = error.details?.['reason'];
  return typeof reason === 'string' ? reason : error.code.slice('journal.'.length);
}

function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(4096, value)));
}
