import type { AppendReport, MetricMetadata, Rejection, SampleAppender } from '../../sink.ts';

/** Work of one slice: a known series or a symbol costs 1, a series that must be decoded 20; a few milliseconds in all. */
const SLICE = 6000;
const UNKNOWN_COST = 20;
const PROBLEMS_SHOWN = 5;

/** What was wrong with a request: the first few in words, the others counted. */
class Problems {
  #count = 0;
  readonly #shown: string[] = [];

  add(text: string): void {
    if (this.#count++ < PROBLEMS_SHOWN) this.#shown.push(text);
  }

  get count(): number {
    return this.#count;
  }

  /** One line, since senders log the first line. */
  get text(): string {
    const more = this.#count - this.#shown.length;
    return `${this.#shown.join('; ')}${more > 0 ? ` (and ${more} more)` : ''}`;
  }
}

/** One request on its way into the store. */
export class WriteSession {
  readonly appender: SampleAppender;
  readonly problems = new Problems();
  /** Series beyond the tenant's limit: only their own samples are lost. */
  readonly limited = new Problems();
  /** Series without a usable label set, which 1.0 passes over in silence. */
  invalidSeries = 0;
  /** Staleness markers that came as histograms: the store counts them as samples. */
  staleHistograms = 0;
  samples = 0;
  histograms = 0;
  exemplars = 0;
  readonly #breathe: () => Promise<void>;
  readonly #describe: (metric: string, metadata: MetricMetadata) => void;
  #budget = SLICE;

  constructor(options: {
    readonly appender: SampleAppender;
    readonly breathe: () => Promise<void>;
    readonly describe: (metric: string, metadata: MetricMetadata) => void;
  }) {
    this.appender = options.appender;
    this.#breathe = options.breathe;
    this.#describe = options.describe;
  }

  describe(metric: string, metadata: MetricMetadata): void {
    this.#describe(metric, metadata);
  }

  spend(known: boolean): void {
    this.#budget -= known ? 1 : UNKNOWN_COST;
  }

  /** Whether it is time to let others run. */
  get tired(): boolean {
    return this.#budget <= 0;
  }

  async rest(): Promise<void> {
    this.#budget = SLICE;
    await this.#breathe();
  }
}

/** Why the store took something not, in words. Exemplars only matter where the protocol says so. */
export function rejectionText({ kind, reason, count, timestamp }: Rejection, series: string): string {
  const why = {
    duplicate_timestamp: 'another value is stored for that time',
    too_old: 'it is too old',
    too_far_ahead: 'it is too far in the future',
    out_of_order: 'a newer one is stored',
    labels_too_long: 'its labels are longer than 128 characters',
    unsupported: 'this kind of sample cannot be stored',
  }[reason];
  const more = count > 1 ? ` (and ${count - 1} more for that reason)` : '';
  return `${kind} of ${series} at ${timeText(timestamp)}: ${why}${more}`;
}

function timeText(timestamp: number): string {
  return Math.abs(timestamp) <= 8.64e15 ? new Date(timestamp).toISOString() : `${timestamp} ms`;
}

/** Samples, histograms and exemplars that a 2.0 sender is told were written: duplicates too, they are there (RW-3). */
export interface WrittenCounts {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

export const NOTHING_WRITTEN: WrittenCounts = { samples: 0, histograms: 0, exemplars: 0 };

export function writtenCounts(report: AppendReport, staleHistograms: number): WrittenCounts {
  const sum = ({ stored, duplicates }: AppendReport['samples']): number => stored + duplicates;
  const moved = Math.min(staleHistograms, sum(report.samples));
  return {
    samples: sum(report.samples) - moved,
    histograms: sum(report.histograms) + moved,
    exemplars: sum(report.exemplars),
  };
}
