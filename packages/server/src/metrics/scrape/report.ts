import { Labels, METRIC_NAME } from '@pharos/promql';
import type { SampleAppender, SeriesRef } from '../sink.ts';

/** What is recorded about each scrape, as series of the target. */
const REPORT_METRICS = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;

export type ReportValues = Readonly<Record<(typeof REPORT_METRICS)[number], number>>;

const UNRESOLVED = -1;

/** Writes a target's report samples. */
export class ScrapeReport {
  readonly #labels: readonly Labels[];
  readonly #refs: SeriesRef[];

  constructor(target: Labels) {
    this.#labels = REPORT_METRICS.map((name) => target.with(METRIC_NAME, name));
    this.#refs = REPORT_METRICS.map(() => UNRESOLVED);
  }

  append(values: ReportValues, timestamp: number, appender: SampleAppender): void {
    REPORT_METRICS.forEach((name, i) => {
      this.#write(i, appender, (ref) => appender.append(ref, timestamp, values[name]));
    });
  }

  appendStale(timestamp: number, appender: SampleAppender): void {
    REPORT_METRICS.forEach((_, i) => {
      if (this.#refs[i] !== UNRESOLVED) {
        this.#write(i, appender, (ref) => appender.appendStale(ref, timestamp));
      }
    });
  }

  #write(index: number, appender: SampleAppender, append: (ref: SeriesRef) => boolean): void {
    const known = this.#refs[index] ?? UNRESOLVED;
    if (known !== UNRESOLVED && append(known)) return;
    const ref = appender.resolve(this.#labels[index] ?? Labels.EMPTY);
    this.#refs[index] = ref;
    if (ref !== UNRESOLVED) append(ref);
  }
}
