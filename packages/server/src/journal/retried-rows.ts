import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Frame, Journal } from './types.ts';

export interface RetriedRowsDeps<Row> {
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly framesOf: (rows: readonly Row[]) => readonly Frame[];
  /** What they are, for the log: "health transitions". */
  readonly what: string;
  /** Rows that may wait; beyond them the oldest are given up. */
  readonly most: number;
}

const RETRY_MS = 5_000;

/**
 * Rows that answers have from memory, on their way to the disk: the journal gets them at once, and what it refuses again after 5 s, until it
 * takes them. For what nobody sends again, such as changes of state that we saw ourselves.
 */
export class RetriedRows<Row> {
  readonly #deps: RetriedRowsDeps<Row>;
  #waiting: Row[] = [];
  #retry: Timer | null = null;
  #stopped = false;

  constructor(deps: RetriedRowsDeps<Row>) {
    this.#deps = deps;
  }

  /** Resolves when the rows are durable, or wait to be tried again. Never rejects. */
  async add(rows: readonly Row[]): Promise<void> {
    this.#waiting = [...this.#waiting, ...rows];
    await this.save();
  }

  /** Hands what waits to the journal. Never rejects. */
  async save(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = null;
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    try {
      await this.#deps.journal.append([...this.#deps.framesOf(batch)]);
    } catch (error) {
      this.#keep([...batch, ...this.#waiting], error);
    }
  }

  /** One last try. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.save();
  }

  #keep(rows: readonly Row[], err: unknown): void {
    const { clock, log, most, what } = this.#deps;
    this.#waiting = rows.slice(-most);
    const lost = rows.length - this.#waiting.length;
    log.warn({ err, waiting: this.#waiting.length, lost }, `${what} are not durable yet`);
    if (!this.#stopped) this.#retry ??= clock.after(RETRY_MS, () => void this.save());
  }
}
