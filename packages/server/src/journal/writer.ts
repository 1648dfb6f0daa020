import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type FileSystem, type OpenFile, quietly } from './fs.ts';
import type { Segment } from './recovery.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentFileName } from './segment.ts';
import type { Position } from './types.ts';

export interface WriterOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly identity: number;
  readonly segmentBytes: number;
  readonly nextId: number;
  /** The last segment that recovery kept. */
  readonly previous: Segment | undefined;
}

/**
 * The one writer of segment files. A file that saw a failed write or fsync is cut back, closed and never written
 * again; the next segment's header seals it at its last acknowledged byte, in case cutting back failed too.
 */
export class SegmentWriter {
  readonly #options: WriterOptions;
  #nextId: number;
  #previous: Segment | undefined;
  #active: { readonly segment: Segment; readonly file: OpenFile } | null = null;
  #rotate = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#nextId = options.nextId;
    this.#previous = options.previous;
  }

  isActive(segment: Segment): boolean {
    return this.#active?.segment === segment;
  }

  /** The next write goes to a new segment. */
  rotate(): void {
    this.#rotate = true;
  }

  /** The segment to write to; `opened` says that it is a new one. Rejects when no file can be made. */
  async ready(firstPosition: Position): Promise<{ readonly segment: Segment; readonly opened: boolean }> {
    if (this.#active !== null && (this.#rotate || this.#active.segment.end >= this.#options.segmentBytes))
      await this.close();
    if (this.#active !== null) return { segment: this.#active.segment, opened: false };
    return { segment: await this.#open(firstPosition), opened: true };
  }

  /** Appends to the segment of the last `ready`, durably. After a rejection the caller must `abandon`. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#active === null) throw new Error('no segment is open');
    const { segment, file } = this.#active;
    await file.writeSynced(bytes, segment.end);
    segment.end += bytes.length;
  }

  /**
   * Gives the file up after a failed write, cutting back what was not acknowledged as far as the disk lets us. After a
   * failed fsync that is not to be trusted: only the next segment's header voids it for sure, so open one soon.
   */
  async abandon(): Promise<void> {
    if (this.#active === null) return;
    const { segment, file } = this.#active;
    this.#active = null;
    await quietly(file.truncate(segment.end).then(() => file.sync()));
    await quietly(file.close());
  }

  async close(): Promise<void> {
    const active = this.#active;
    this.#active = null;
    this.#rotate = false;
    if (active !== null) await quietly(active.file.close());
  }

  async #open(firstPosition: Position): Promise<Segment> {
    const { fs, directory, identity } = this.#options;
    const id = this.#nextId++;
    const salt = randomBytes(4).readUInt32LE();
    const path = join(directory, segmentFileName({ id, salt }));
    const file = await fs.open(path, 'create');
    try {
      const header = {
        id,
        salt,
        identity,
        firstPosition,
        previousId: this.#previous?.id ?? 0,
        previousLength: this.#previous?.end ?? 0,
      };
      await file.write(encodeSegmentHeader(header), 0);
      await file.sync();
      await fs.syncDirectory(directory);
    } catch (error) {
      await quietly(file.close());
      await quietly(fs.unlink(path));
      throw error;
    }
    const segment: Segment = {
      id,
      salt,
      path,
      end: SEGMENT_HEADER_BYTES,
      flushedTo: SEGMENT_HEADER_BYTES,
      lastPosition: firstPosition - 1,
      damageKept: new Set(),
    };
    this.#active = { segment, file };
    this.#previous = segment;
    this.#rotate = false;
    return segment;
  }
}
