import type { FileSystem, OpenFile } from './fs.ts';
import { readSegment, type SegmentEvent } from './reader.ts';
import type { Segment } from './recovery.ts';
import { SEGMENT_HEADER_BYTES } from './segment.ts';
import type { CutFrame, CutLimits, Followed, JournalFollower, Position } from './types.ts';

interface FollowersOptions {
  readonly fs: FileSystem;
  /** The journal's own list, oldest first; it takes segments off its front. */
  readonly segments: readonly Segment[];
  /** Flushed bytes that are kept for followers. */
  readonly retainBytes: number;
  readonly keepDamage: (
    at: { readonly file: OpenFile; readonly segment: Segment },
    event: Extract<SegmentEvent, { kind: 'damage' }>,
  ) => Promise<unknown>;
}

interface Cursor {
  read: Position;
  released: Position;
  /** The segment it reads in, and where it goes on there. */
  segment: Segment | null;
  offset: number;
}

/** The journal's readers beside the flusher. */
export class Followers {
  readonly #options: FollowersOptions;
  readonly #cursors = new Set<Cursor>();

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  open(after: Position): JournalFollower {
    const cursor: Cursor = { read: after, released: after, segment: null, offset: SEGMENT_HEADER_BYTES };
    this.#cursors.add(cursor);
    return {
      next: (limits, upTo) => this.#next(cursor, limits, upTo),
      rewind: () => {
        cursor.read = cursor.released;
        cursor.segment = null;
      },
      release: (upTo) => {
        cursor.released = Math.max(cursor.released, upTo);
      },
      close: () => this.#cursors.delete(cursor),
    };
  }

  /** Whether a flushed segment must stay. */
  needs(segment: Segment): boolean {
    const wanted = [...this.#cursors].some(({ released }) => released < segment.lastPosition);
    if (!wanted) return false;
    const flushed = this.#options.segments.reduce((sum, { flushedTo }) => sum + flushedTo, 0);
    return flushed <= this.#options.retainBytes;
  }

  async #next(cursor: Cursor, limits: CutLimits, upTo?: Position): Promise<Followed | null> {
    const { segments } = this.#options;
    const at = cursor.segment === null ? -1 : segments.indexOf(cursor.segment);
    // The segment it was in went before it was read to its end.
    const skipped = cursor.segment !== null && at < 0 && cursor.read < cursor.segment.lastPosition;
    const frames: CutFrame[] = [];
    let rows = 0;
    let bytes = 0;
    for (const segment of segments.slice(Math.max(0, at))) {
      if (segment.lastPosition <= cursor.read) continue;
      if (segment !== cursor.segment) {
        cursor.segment = segment;
        cursor.offset = SEGMENT_HEADER_BYTES;
      }
      for await (const event of this.#read(segment, cursor)) {
        if (event.kind === 'group') {
          const { group } = event;
          const size = event.to - event.from;
          const full = rows + group.rows > limits.rows || bytes + size > limits.bytes;
          if (upTo === undefined ? frames.length > 0 && full : group.position > upTo)
            return frames.length === 0 ? null : { frames, upTo: cursor.read, skipped };
          for (const [index, frame] of group.frames.entries())
            frames.push({ ...frame, position: group.position, index });
          rows += group.rows;
          bytes += size;
          cursor.read = group.position;
        }
        cursor.offset = event.to;
      }
    }
    return frames.length === 0 ? null : { frames, upTo: cursor.read, skipped };
  }

  async *#read(segment: Segment, cursor: Cursor): AsyncGenerator<SegmentEvent, void, void> {
    const { fs, keepDamage } = this.#options;
    const to = segment.end;
    if (cursor.offset >= to) return;
    const file = await fs.open(segment.path, 'read');
    try {
      const range = { file, salt: segment.salt, from: cursor.offset, to, sealed: true, after: cursor.read };
      for await (const event of readSegment(range)) {
        if (event.kind === 'damage') await keepDamage({ file, segment }, event);
        yield event;
      }
    } finally {
      await file.close();
    }
  }
}
