import {
  compareLabels,
  type Histogram,
  isStaleMarker,
  type Labels,
  type SeriesColumns,
} from '@pharos/promql';

/** The newest sample of one series: a float or a native histogram. */
export interface LastSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number;
  readonly histogram: Histogram | undefined;
}

/** The last sample of every series, once per label set, by metric name and then labels; a series that ended with a staleness marker is left out. */
export function lastSamples(selections: readonly (readonly SeriesColumns[])[]): LastSample[] {
  const byKey = new Map<string, LastSample>();
  for (const series of selections) {
    for (const { labels, timestamps, values, histograms, to, from } of series) {
      if (to <= from || byKey.has(labels.key)) continue;
      const at = to - 1;
      const histogram = histograms?.[at];
      if (histogram === undefined && isStaleMarker(values[at])) continue;
      byKey.set(labels.key, { labels, timestamp: timestamps[at], value: values[at], histogram });
    }
  }
  return [...byKey.values()].sort(byName);
}

function byName(a: LastSample, b: LastSample): number {
  const left = a.labels.metricName;
  const right = b.labels.metricName;
  return left < right ? -1 : left > right ? 1 : compareLabels(a.labels, b.labels);
}

/** Labels as a federating server wants them: ours for the whole server where the series has none, and `instance` at least empty. */
export function federatedPairs(
  labels: Labels,
  external: Readonly<Record<string, string>>,
): (readonly [name: string, value: string])[] {
  const pairs = new Map<string, string>();
  for (const [name, value] of Object.entries(external)) if (value !== '') pairs.set(name, value);
  for (const [name, value] of labels.toMap()) if (name !== '__name__') pairs.set(name, value);
  // An absent instance would get the federating job's own address.
  if (!pairs.has('instance')) pairs.set('instance', '');
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
}
