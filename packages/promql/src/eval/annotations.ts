import { formatGeneral } from '../text/format-value.ts';
import type { Span } from '../text/position.ts';
import { lineColumn } from '../text/position.ts';
import { quote } from '../text/quote.ts';

const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;

/**
 * Warnings and infos of one query, each text once, in Prometheus' wording: `PromQL info: text (line:column)`.
 */
export class Annotations {
  readonly #query: string;
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();
  #askedName = '';
  #askedAt = -1;

  constructor(query: string) {
    this.#query = query;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get infos(): readonly string[] {
    return [...this.#infos];
  }

  warn(span: Span, text: string): void {
    this.#warnings.add(`PromQL warning: ${text} (${lineColumn(this.#query, span.start)})`);
  }

  info(span: Span, text: string): void {
    this.#infos.add(`PromQL info: ${text} (${lineColumn(this.#query, span.start)})`);
  }

  /** A text from outside the evaluator (the storage), as it is. */
  foreignWarning(text: string): void {
    this.#warnings.add(text);
  }

  invalidQuantile(span: Span, quantile: number): void {
    this.warn(span, `quantile value should be between 0 and 1, got ${formatGeneral(quantile)}`);
  }

  invalidRatio(span: Span, ratio: number, capped: number): void {
    this.warn(
      span,
      `ratio value should be between -1 and 1, got ${formatGeneral(ratio)}, capping to ${formatGeneral(capped)}`,
    );
  }

  badBucketLabel(span: Span, metricName: string, label: string): void {
    this.warn(
      span,
      forMetric(`bucket label "le" is missing or has a malformed value of ${quote(label)}`, metricName),
    );
  }

  /** Nothing for a name with a counter's suffix, or none. Asked once per series: remembers what it was told. */
  possibleNonCounter(span: Span, metricName: string): void {
    if (this.#askedName === metricName && this.#askedAt === span.start) return;
    this.#askedName = metricName;
    this.#askedAt = span.start;
    if (metricName === '' || COUNTER_SUFFIX.test(metricName)) return;
    this.info(
      span,
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(metricName)}`,
    );
  }

  forcedMonotonicity(span: Span, metricName: string): void {
    this.info(
      span,
      forMetric(
        'input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)',
        metricName,
      ),
    );
  }
}

function forMetric(text: string, metricName: string): string {
  return metricName === '' ? text : `${text} for metric name ${quote(metricName)}`;
}
