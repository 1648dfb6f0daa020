import { StringDecoder } from 'node:string_decoder';
import type { PharosError } from '../../kernel/errors.ts';
import { engineErrors } from '../errors.ts';

const KEEP_LINES = 20;
const MAX_LINE = 2_000;
/** Lines logged per engine process; a crashing engine prints stack traces of hundreds. */
const MAX_LOGGED = 100;

/** CANNOT_OPEN_FILE: another process holds the lock of the directory. */
const LOCKED_CODE = 76;

/** The last lines of what the engine wrote to stderr: the only place where it says why it cannot open its data. */
export class StderrTail {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #lines: string[] = [];
  #logged = 0;

  /** Complete lines to log, within the limit per process. */
  push(chunk: Uint8Array): string[] {
    const parts = (this.#rest + this.#decoder.write(Buffer.from(chunk))).split('\n');
    this.#rest = (parts.pop() ?? '').slice(-MAX_LINE);
    const lines = parts.map((line) => line.slice(0, MAX_LINE).trim()).filter((line) => line !== '');
    this.#lines = [...this.#lines, ...lines].slice(-KEEP_LINES);
    const fresh = lines.slice(0, Math.max(0, MAX_LOGGED - this.#logged));
    this.#logged += fresh.length;
    return fresh;
  }

  last(): string {
    return this.#lines.at(-1) ?? this.#rest;
  }

  /** An open failure with the engine's own reason, by its code when it printed one. */
  explain(failure: PharosError): PharosError {
    if (!engineErrors.is(failure, 'corrupt')) return failure;
    const line = [...this.#lines, this.#rest].findLast((text) => /^Code: \d+\./.test(text));
    if (line === undefined) return failure;
    const code = Number(/^Code: (\d+)\./.exec(line)?.[1]);
    return engineErrors.make(code === LOCKED_CODE ? 'locked' : 'corrupt', `${failure.message}: ${line}`, {
      details: { code },
      hint:
        code === LOCKED_CODE
          ? (engineErrors.specs.locked.hint ?? '')
          : 'Restore the files that the message names from a backup, or move the data directory away.',
    });
  }
}
