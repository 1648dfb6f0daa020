import { formatGeneral } from '../text/format-value.ts';
import type { Span } from '../text/position.ts';
import { lineColumn } from '../text/position.ts';
import { quote } from '../text/quote.ts';

const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;

/** Whether a name has a counter's suffix; no name is no other name. */
export function isNamedAsCounter(metricName: string): boolean {
  return metricName === '' || COUNTER_SUFFIX.test(metricName);
}

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
    if (isNamedAsCounter(metricName)) return;
    this.info(
      span,
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(metricName)}`,
    );
  }

  /** Floats and histograms where only one kind can be. */
  mixedKinds(span: Span, metricName: string): void {
    this.warn(span, `encountered a mix of histograms and floats for metric name ${quote(metricName)}`);
  }

  mixedKindsInAggregation(span: Span): void {
    this.warn(span, 'encountered a mix of histograms and floats for aggregation');
  }

  mixedClassicAndNative(span: Span, metricName: string): void {
    this.warn(span, forMetric('vector contains a mix of classic and native histograms', metricName));
  }

  /** Exponential and custom buckets cannot be told in one another. */
  mixedBuckets(span: Span, metricName: string): void {
    this.warn(
      span,
      forMetric(
        'vector contains a mix of histograms with exponential and custom buckets schemas',
        metricName,
      ),
    );
  }

  incompatibleBuckets(span: Span, operator: string): void {
    this.warn(span, `incompatible bucket layout encountered for binary operator ${operator}`);
  }

  notCounter(span: Span, metricName: string): void {
    this.warn(span, `this native histogram metric is not a counter: ${quote(metricName)}`);
  }

  notGauge(span: Span, metricName: string): void {
    this.warn(span, `this native histogram metric is not a gauge: ${quote(metricName)}`);
  }

  conflictingResets(span: Span, operation: HistogramOperation): void {
    this.warn(span, `conflicting counter resets during histogram ${operation}`);
  }

  reconciledBuckets(span: Span, operation: HistogramOperation): void {
    this.info(span, `mismatched custom buckets were reconciled during ${operation}`);
  }

  overlappingStart(span: Span, metricName: string): void {
    this.warn(
      span,
      `sample has start time that overlaps with previous sample timestamp for metric ${quote(metricName)}`,
    );
  }

  ignoredInAggregation(span: Span, operator: string): void {
    this.info(span, `ignored histogram in ${operator} aggregation`);
  }

  ignoredInRange(span: Span, metricName: string): void {
    this.info(
      span,
      `ignored histograms in a range containing both floats and histograms for metric name ${quote(metricName)}`,
    );
  }

  incompatibleTypes(span: Span, operator: string, left: string, right: string): void {
    this.info(
      span,
      `incompatible sample types encountered for binary operator ${quote(operator)}: ${left} ${operator} ${right}`,
    );
  }

  nanObservations(span: Span, metricName: string, effect: 'reached' | 'skewed' | 'excluded'): void {
    this.info(span, forMetric(NAN_TEXTS[effect], metricName));
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

/** What histograms were being put together for. */
export type HistogramOperation = 'aggregation' | 'addition' | 'subtraction';

const NAN_TEXTS = {
  reached: 'input to histogram_quantile has NaN observations, result is NaN',
  skewed: 'input to histogram_quantile has NaN observations, result is skewed higher',
  excluded: 'input to histogram_fraction has NaN observations, which are excluded from all fractions',
} as const;

function forMetric(text: string, metricName: string): string {
  return metricName === '' ? text : `${text} for metric name ${quote(metricName)}`;
}
