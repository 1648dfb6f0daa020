import { formatValue, quote } from '@pharos/promql';
import type { Indicator } from './definition.ts';

/** What stands for the range; the second is how Sloth writes it. */
const PLACEHOLDERS = ['$window', '{{.window}}', '{{ .window }}'];

export function hasPlaceholder(query: string): boolean {
  return PLACEHOLDERS.some((one) => query.includes(one));
}

export function withRange(query: string, range: string): string {
  return PLACEHOLDERS.reduce((text, one) => text.replaceAll(one, range), query);
}

/** One series of whatever a query answers. A comment at its end must not take in what closes it. */
export function summed(query: string): string {
  return `sum(${query}${query.includes('#') ? '\n' : ''})`;
}

/** PromQL: one series each, events per second within a range. */
export interface EventRates {
  readonly bad: string;
  readonly total: string;
}

/**
 * Rates of an indicator. A counter of failures that does not exist yet means that nothing failed; a bucket that does not exist means that
 * the threshold is none of the histogram's, and nothing is answered.
 */
export function eventRates(indicator: Indicator, range: string): EventRates {
  if (indicator.kind === 'ratio') {
    const total = summed(withRange(indicator.total, range));
    const part = `(${summed(withRange(indicator.part, range))} or ${total} * 0)`;
    return { total, bad: indicator.of === 'bad' ? part : `clamp_min(${total} - ${part}, 0)` };
  }
  const { histogram, matchers, threshold, isNative } = indicator;
  if (isNative) {
    const rate = `sum(rate(${histogram}{${matchers}}[${range}]))`;
    const total = `histogram_count(${rate})`;
    const limit = formatValue(threshold);
    return { total, bad: `clamp_min((1 - histogram_fraction(-Inf, ${limit}, ${rate})) * ${total}, 0)` };
  }
  const total = `sum(rate(${histogram}_count{${matchers}}[${range}]))`;
  const inBucket = [...(matchers === '' ? [] : [matchers]), `le=~${quote(bucketPattern(threshold))}`].join(
    ',',
  );
  return { total, bad: `clamp_min(${total} - sum(rate(${histogram}_bucket{${inBucket}}[${range}])), 0)` };
}

/** Clients write a bucket of one second as `1` or `1.0`. */
function bucketPattern(threshold: number): string {
  const text = formatValue(threshold).replaceAll('.', '\\.').replaceAll('+', '\\+');
  return Number.isInteger(threshold) ? `${text}|${text}\\.0` : `${text}0*`;
}

/** What it counts, for people. */
export function indicatorText(indicator: Indicator): string {
  if (indicator.kind === 'ratio') return `${indicator.of}: ${indicator.part}; total: ${indicator.total}`;
  const { histogram, matchers, threshold } = indicator;
  return `${histogram}${matchers === '' ? '' : `{${matchers}}`} up to ${formatValue(threshold)}`;
}
