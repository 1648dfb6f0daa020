import type { LogDestination } from './log-file.ts';

type LineLevel = 'debug' | 'info' | 'warn' | 'error';

const RANK: Readonly<Record<LineLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One line of the log. */
export interface KeptLine {
  /** Epoch ms; NaN where the line says none. */
  readonly at: number;
  readonly level: LineLevel;
  /** The line as it was written, or its beginning when it is very long. */
  readonly text: string;
}

const MOST_LINES = 2000;
const MOST_CHARACTERS = 1024 * 1024;
/** Of one line: a stack with all its causes is shorter. */
const LONGEST_LINE = 32 * 1024;

export interface LineFilter {
  readonly most: number;
  readonly atLeast: LineLevel;
  /** Epoch ms, both included. Lines that say no time are in any window. */
  readonly from: number;
  readonly to: number;
}

/** How `createLog` begins its lines. */
const HEAD = /^\{"level":"(debug|info|warn|error)","time":"([^"]{1,40})"/;

/** The newest lines of a log, bounded in number and size, for those who cannot look at its file. */
export class LogRing implements LogDestination {
  #lines: string[] = [];
  /** Lines before this one are gone; they are cut off now and then. */
  #first = 0;
  #characters = 0;
  #dropped = 0;

  /** Lines that had to go for newer ones. */
  get dropped(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#lines.length - this.#first;
  }

  write(line: string): void {
    const kept = line.length > LONGEST_LINE ? line.slice(0, LONGEST_LINE) : line;
    this.#lines.push(kept);
    this.#characters += kept.length;
    while (this.size > MOST_LINES || this.#characters > MOST_CHARACTERS) {
      this.#characters -= this.#lines[this.#first]?.length ?? 0;
      this.#lines[this.#first] = '';
      this.#first++;
      this.#dropped++;
    }
    if (this.#first <= MOST_LINES) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }

  /** Newest first. */
  newest({ most, atLeast, from, to }: LineFilter): KeptLine[] {
    const found: KeptLine[] = [];
    for (let i = this.#lines.length - 1; i >= this.#first && found.length < most; i--) {
      const line = lineOf(this.#lines[i] ?? '');
      const isOutside = line.at < from || line.at > to;
      if (RANK[line.level] >= RANK[atLeast] && !isOutside) found.push(line);
    }
    return found;
  }
}

function lineOf(text: string): KeptLine {
  const head = HEAD.exec(text);
  const level = head?.[1];
  return {
    at: Date.parse(head?.[2] ?? ''),
    level: level === 'debug' || level === 'warn' || level === 'error' ? level : 'info',
    text,
  };
}
