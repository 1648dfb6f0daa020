import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const MOST_BYTES = 16 * 1024 * 1024;

/** Where log lines go. */
export interface LogDestination {
  write(line: string): void;
}

/**
 * A file of log lines. When it is full it becomes `<path>.1`, and the one before it goes: two files at most. What cannot be written is
 * dropped; `failed` hears of the first time.
 */
export class LogFile implements LogDestination {
  readonly #path: string;
  readonly #most: number;
  readonly #failed: (error: unknown) => void;
  #file: { readonly fd: number; bytes: number } | null = null;
  #hasFailed = false;

  constructor(path: string, failed: (error: unknown) => void, most = MOST_BYTES) {
    this.#path = path;
    this.#failed = failed;
    this.#most = most;
  }

  write(line: string): void {
    try {
      this.#file ??= this.#open();
      if (this.#file.bytes > 0 && this.#file.bytes + line.length > this.#most) {
        this.close();
        renameSync(this.#path, `${this.#path}.1`);
        this.#file = this.#open();
      }
      this.#file.bytes += writeSync(this.#file.fd, line);
    } catch (error) {
      if (!this.#hasFailed) this.#failed(error);
      this.#hasFailed = true;
    }
  }

  close(): void {
    const file = this.#file;
    this.#file = null;
    if (file !== null) closeSync(file.fd);
  }

  #open(): { readonly fd: number; bytes: number } {
    mkdirSync(dirname(this.#path), { recursive: true });
    const fd = openSync(this.#path, 'a', 0o600);
    return { fd, bytes: fstatSync(fd).size };
  }
}

/** Writes every line to all of them. */
export function teed(destinations: readonly LogDestination[]): LogDestination {
  return {
    write: (line) => {
      for (const destination of destinations) destination.write(line);
    },
  };
}
