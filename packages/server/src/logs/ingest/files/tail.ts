import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type FileCursor, type SavedFile, START } from './cursor.ts';

/** Bytes at the front, and before the offset, by which a file is known again. */
const MARK = 256;

/** What a look at an open file found. */
export interface FileLook {
  readonly size: number;
  /** Whole ms. */
  readonly modified: number;
}

/** Bytes behind the cursor. */
export interface TailChunk {
  readonly bytes: Buffer;
  /** What is to be remembered once it was read up to a cursor within these bytes. */
  readonly savedAt: (cursor: FileCursor) => SavedFile;
}

/** Device and inode, which make a file whatever it is called. */
export function fileKey(stat: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stat.dev}:${stat.ino}`;
}

/** One followed file: its place in the stream of bytes, and the handle while it is in use. */
export class FileTail {
  readonly key: string;
  /** Where it was found; its lines keep this name when it is renamed. */
  readonly path: string;
  cursor: FileCursor = START;
  head = 0;
  tail = 0;
  /** Whether the last round found it under one of the patterns. */
  listed = true;
  size = -1;
  modified = -1;
  /** Monotonic ms of the last look that found it changed. */
  changedAt: number;
  /** Wall clock of the last position that was written. */
  savedAt = 0;
  #real: string;
  #handle: FileHandle | null = null;

  constructor(key: string, path: string, real: string, now: number) {
    this.key = key;
    this.path = path;
    this.#real = real;
    this.changedAt = now;
  }

  get isOpen(): boolean {
    return this.#handle !== null;
  }

  get saved(): SavedFile {
    return { path: this.path, cursor: this.cursor, head: this.head, tail: this.tail };
  }

  /** It is called something else now. */
  renamed(real: string): void {
    this.#real = real;
  }

  restore({ cursor, head, tail }: Pick<SavedFile, 'cursor' | 'head' | 'tail'>): void {
    this.cursor = cursor;
    this.head = head;
    this.tail = tail;
  }

  /** Opens it unless it is; `isInside` judges where the name led to in the end. False when it is another file by now, or outside. */
  async open(isInside: (real: string) => boolean): Promise<boolean> {
    if (this.#handle !== null) return true;
    const handle = await open(this.#real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stat = await handle.stat({ bigint: true });
      const led = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => this.#real);
      if (stat.isFile() && fileKey(stat) === this.key && isInside(led)) {
        this.#handle = handle;
        return true;
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return false;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async look(): Promise<FileLook> {
    const stat = await this.#opened().stat();
    return { size: stat.size, modified: Math.floor(stat.mtimeMs) };
  }

  /** Whether it begins with what was read of another one: it is that file, or a copy of it. */
  async isLike(
    { cursor, head, tail }: Pick<SavedFile, 'cursor' | 'head' | 'tail'>,
    size: number,
  ): Promise<boolean> {
    const { offset } = cursor;
    if (size < offset) return false;
    if (offset === 0) return true;
    return (await this.#mark(0, offset)) === head && (await this.#markBefore(offset)) === tail;
  }

  async #bytes(offset: number, most: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(most);
    let length = 0;
    while (length < most) {
      const { bytesRead } = await this.#opened().read(buffer, length, most - length, offset + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  }

  /** What follows the cursor, at most so many bytes; null when what stands before it is not what was read: the file was cut off. */
  async next(most: number): Promise<TailChunk | null> {
    const { path, cursor, head, tail } = this;
    const start = Math.max(0, cursor.offset - MARK);
    const lead = cursor.offset - start;
    // One read for both, so that nothing can come between them.
    const buffer = await this.#bytes(start, lead + most);
    if (buffer.length < lead || (lead > 0 && crc32(buffer.subarray(0, lead)) !== tail)) return null;
    return {
      bytes: buffer.subarray(lead),
      savedAt: (to) => {
        const end = to.offset - start;
        return {
          path,
          cursor: to,
          head: cursor.offset >= MARK ? head : crc32(buffer.subarray(0, Math.min(MARK, end))),
          tail: crc32(buffer.subarray(Math.max(0, end - MARK), end)),
        };
      },
    };
  }

  /** Goes to an offset without reading. */
  async jump(offset: number): Promise<void> {
    const cursor = { ...START, offset };
    this.restore({ cursor, head: await this.#mark(0, offset), tail: await this.#markBefore(offset) });
  }

  async #mark(from: number, to: number): Promise<number> {
    const bytes = await this.#bytes(from, Math.min(MARK, to - from));
    return crc32(bytes);
  }

  #markBefore(offset: number): Promise<number> {
    return this.#mark(Math.max(0, offset - MARK), offset);
  }

  #opened(): FileHandle {
    if (this.#handle === null) throw new Error(`${this.path} is not open`);
    return this.#handle;
  }
}
