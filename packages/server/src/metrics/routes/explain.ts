import {
  type Downsampled,
  type DownsampleRequest,
  type Matcher,
  METRIC_NAME,
  type Queryable,
  type SelectRequest,
  type SeriesScan,
} from '@pharos/promql';
import { recordStatements, StatementRecorder } from '../../engine/index.ts';
import type { Clock } from '../../kernel/clock.ts';

/** What one selector read. */
interface Selection {
  readonly selector: string;
  /** Epoch seconds; the start is not included. */
  readonly start: number;
  readonly end: number;
  /** Memory alone, also the engine for what is older than memory, or downsampled buckets. */
  readonly from: 'head' | 'head and engine' | 'buckets';
  /** Which buckets and why, where there are any. */
  note: string;
  series: number;
  samples: number;
  /** Spent selecting and reading. */
  seconds: number;
}

/** As a reader writes it: the metric's name before the braces. */
function selectorOf(matchers: readonly Matcher[]): string {
  const named = matchers.find(({ name, op }) => name === METRIC_NAME && op === '=');
  const others = matchers
    .filter((matcher) => matcher !== named)
    .map(({ name, op, value }) => `${name}${op}${JSON.stringify(value)}`);
  return `${named?.value ?? ''}${others.length === 0 && named !== undefined ? '' : `{${others.join(', ')}}`}`;
}

const MOST_SELECTIONS = 50;
let asked = 0;

/**
 * Watches one query at work, for `explain=true`: what its selectors read from where and how long that took, and the statements
 * the engine ran for it, each tagged with the query's id.
 */
export class Explain {
  readonly #clock: Clock;
  readonly #floor: () => number;
  readonly #recorder: StatementRecorder;
  readonly #selections: Selection[] = [];

  /** @param floor the oldest instant that memory holds in full, epoch ms */
  constructor(clock: Clock, floor: () => number) {
    this.#clock = clock;
    this.#floor = floor;
    this.#recorder = new StatementRecorder(`q-${++asked}`);
  }

  run<T>(evaluate: () => Promise<T>): Promise<T> {
    return recordStatements(this.#recorder, evaluate);
  }

  /** The same storage, watched. */
  watch(inner: Queryable): Queryable {
    return {
      select: async (request, signal) => {
        const note = this.#begin(request);
        const started = this.#clock.monotonic();
        const result = await inner.select(request, signal);
        note.seconds += (this.#clock.monotonic() - started) / 1000;
        note.series = result.series.length;
        note.samples = result.series.reduce((sum, { from, to }) => sum + to - from, 0);
        return result;
      },
      scan: (request) => {
        const started = this.#clock.monotonic();
        const scan = inner.scan?.(request) ?? null;
        if (scan === null) return null;
        const note = this.#begin(request);
        note.seconds += (this.#clock.monotonic() - started) / 1000;
        note.series = scan.set.count;
        return this.#watchScan(scan, note);
      },
      ...(inner.downsampled === undefined
        ? {}
        : { downsampled: (request, signal) => this.#watchBuckets(inner, request, signal) }),
      ...(inner.pushdown === undefined
        ? {}
        : { pushdown: (request, signal) => inner.pushdown?.(request, signal) ?? Promise.resolve(null) }),
    };
  }

  /** For the answer's statistics. */
  facts(): object {
    const { id, statements, dropped } = this.#recorder;
    return {
      id,
      selections: this.#selections,
      statements: statements.map(({ purpose, text, durationMs, bytes, result }) => ({
        purpose,
        sql: text,
        seconds: durationMs / 1000,
        bytes,
        result,
      })),
      statementsLeftOut: dropped,
    };
  }

  async #watchBuckets(
    inner: Queryable,
    request: DownsampleRequest,
    signal: AbortSignal | undefined,
  ): Promise<Downsampled | null> {
    const started = this.#clock.monotonic();
    const answer = (await inner.downsampled?.(request, signal)) ?? null;
    if (answer === null) return null;
    const selection = this.#begin(request, 'buckets');
    selection.seconds = (this.#clock.monotonic() - started) / 1000;
    selection.series = Math.max(answer.raw.length, ...answer.pieces.map(({ series }) => series.length));
    selection.samples = [...answer.raw, ...answer.pieces.flatMap(({ series }) => series)].reduce(
      (sum, { from, to }) => sum + to - from,
      0,
    );
    selection.note = answer.note ?? '';
    return answer;
  }

  #begin({ matchers, startExclusive, end }: SelectRequest, from?: Selection['from']): Selection {
    const note: Selection = {
      selector: selectorOf(matchers),
      start: startExclusive / 1000,
      end: end / 1000,
      from: from ?? (startExclusive + 1 < this.#floor() ? 'head and engine' : 'head'),
      note: '',
      series: 0,
      samples: 0,
      seconds: 0,
    };
    if (this.#selections.length < MOST_SELECTIONS) this.#selections.push(note);
    return note;
  }

  #watchScan(scan: SeriesScan, note: Selection): SeriesScan {
    return {
      set: scan.set,
      read: (index) => {
        const started = this.#clock.monotonic();
        const columns = scan.read(index);
        note.seconds += (this.#clock.monotonic() - started) / 1000;
        if (columns !== null) note.samples += columns.to - columns.from;
        return columns;
      },
      isWhole: () => scan.isWhole(),
    };
  }
}
