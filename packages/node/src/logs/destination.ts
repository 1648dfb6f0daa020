import { mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import pino, { type DestinationStream } from 'pino';

/** A log file is renamed to `<file>.1` at this size, so that a service's logs never fill its disk. */
const MAX_FILE_BYTES = 20 * 1024 * 1024;
/** Lines wait in memory for a slow disk up to here, then are dropped. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

type Sonic = ReturnType<typeof pino.destination>;

export interface LogDestination extends DestinationStream {
  /** Writes out what is buffered and closes the file; resolves once that is done, or failed. */
  close(): Promise<void>;
}

export interface DestinationOptions {
  /** Null: nothing goes to stdout. */
  readonly stdout: DestinationStream | null;
  /** Null: no file. */
  readonly file: string | null;
  /** Takes every line as well. */
  readonly shipper?: DestinationStream | null | undefined;
  readonly maxFileBytes?: number | undefined;
}

/** Stdout and a file together; a file that cannot be written is given up after one line about it, never an error for the host. */
export function logDestination(options: DestinationOptions): LogDestination {
  const { stdout } = options;
  const file =
    options.file === null ? null : new LogFile(options.file, options.maxFileBytes ?? MAX_FILE_BYTES);
  let told = false;
  const write = (line: string): void => {
    stdout?.write(line);
    file?.write(line);
    options.shipper?.write(line);
    if (told || file === null || file.failure === null) return;
    told = true;
    const message = `log file ${options.file} cannot be written: ${file.failure}`;
    stdout?.write(`${JSON.stringify({ level: 'warn', message })}\n`);
  };
  return { write, close: async () => file?.close() };
}

/** Standard output, written at once like console does; a closed pipe is ignored. */
export function stdoutStream(): DestinationStream {
  const stream = pino.destination({ dest: 1, sync: true });
  stream.on('error', () => {});
  return stream;
}

/** One appended file with one predecessor, opened at the first line. */
class LogFile {
  failure: string | null = null;
  readonly #path: string;
  readonly #maxBytes: number;
  #stream: Sonic | null = null;
  #bytes = 0;
  readonly #ending = new Set<Promise<void>>();

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  write(line: string): void {
    if (this.failure !== null) return;
    try {
      this.#stream ??= this.#open();
      if (this.#bytes > 0 && this.#bytes + line.length > this.#maxBytes)
        this.#stream = this.#rotate(this.#stream);
      this.#bytes += Buffer.byteLength(line);
      this.#stream.write(line);
    } catch (error) {
      this.#fail(error);
    }
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    if (stream !== null) this.#end(stream);
    await Promise.all(this.#ending);
  }

  /** Opened synchronously, so that lines written just before the end can still be flushed. */
  #open(): Sonic {
    mkdirSync(dirname(this.#path), { recursive: true });
    const stream = pino.destination({
      dest: openSync(this.#path, 'a'),
      sync: false,
      maxLength: MAX_BUFFERED_BYTES,
    });
    this.#bytes = statSync(this.#path).size;
    stream.on('error', (error: unknown) => this.#fail(error));
    return stream;
  }

  #rotate(full: Sonic): Sonic {
    this.#end(full);
    renameSync(this.#path, `${this.#path}.1`);
    return this.#open();
  }

  /** What is still buffered follows the write on its way: flushed beside it, lines could land before older ones. */
  #end(stream: Sonic): void {
    const ended = new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.once('error', () => resolve());
    }).finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
    stream.end();
  }

  #fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error.message : String(error);
  }
}
