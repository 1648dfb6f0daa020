import type { Clock } from '../../../kernel/clock.ts';
import type { Waterfall } from '../../analysis/waterfall.ts';

/** A page of a trace with what its answer should warn of. */
export interface BuiltTrace {
  readonly waterfall: Waterfall;
  readonly warnings: readonly string[];
}

interface Kept {
  readonly built: BuiltTrace;
  readonly at: number;
  /** Whether spans of the trace came since it was read. */
  readonly isStale: () => boolean;
}

/** Long enough to ask for the pages of a trace one after the other. */
const KEPT_MS = 10_000;
/** Rows of all kept traces: some 200 bytes each, a segment of a critical path 80. */
const MOST_ROWS = 300_000;

/** The traces whose pages were asked for just now, so that each page does not read and build its trace again. */
export class Waterfalls {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #kept = new Map<string, Kept>();
  #rows = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Rows and segments that are kept. */
  get rows(): number {
    return this.#rows;
  }

  async get(
    key: string,
    build: () => Promise<{ readonly built: BuiltTrace; readonly isStale: () => boolean }>,
  ): Promise<BuiltTrace> {
    this.#dropOld();
    const kept = this.#kept.get(key);
    if (kept !== undefined && !kept.isStale()) return kept.built;
    const { built, isStale } = await build();
    this.#drop(key);
    // An answer that lacks something is not kept: the next may be whole.
    if (built.warnings.length > 0 || sizeOf(built) > MOST_ROWS) return built;
    for (const oldest of this.#kept.keys()) {
      if (this.#rows + sizeOf(built) <= MOST_ROWS) break;
      this.#drop(oldest);
    }
    this.#kept.set(key, { built, isStale, at: this.#clock.now() });
    this.#rows += sizeOf(built);
    return built;
  }

  #dropOld(): void {
    const now = this.#clock.now();
    for (const [key, { at }] of this.#kept) if (now - at >= KEPT_MS || now < at) this.#drop(key);
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#rows -= sizeOf(kept.built);
  }
}

function sizeOf({ waterfall: { rows, path } }: BuiltTrace): number {
  return rows.length + path.length;
}
