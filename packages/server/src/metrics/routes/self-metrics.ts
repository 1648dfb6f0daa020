import type { MetricFamily } from '../../kernel/telemetry.ts';

/**
 * Our own metrics as the JSON mapping of `io.prometheus.client.MetricFamily` (the protobuf JSON rules: 64-bit integers are
 * strings, infinities are words).
 */
export function familyJson(family: MetricFamily): object {
  const { name, help, type } = family;
  const metric = type === 'histogram' ? histograms(family) : family.samples.map(single(type));
  return { name, help, type: type.toUpperCase(), metric };
}

const single =
  (type: 'counter' | 'gauge') =>
  ({ labels, value }: MetricFamily['samples'][number]): object => ({
    label: pairs(labels),
    [type]: { value: number(value) },
  });

interface Gathered {
  readonly labels: Readonly<Record<string, string>>;
  count: string;
  sum: number | string;
  readonly bucket: object[];
}

/** The flat samples `x_bucket`, `x_sum`, `x_count` gathered by their labels without `le`. */
function histograms({ name, samples }: MetricFamily): object[] {
  const byLabels = new Map<string, Gathered>();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...own } = labels;
    const key = JSON.stringify(own);
    let one = byLabels.get(key);
    if (one === undefined) byLabels.set(key, (one = { labels: own, count: '0', sum: 0, bucket: [] }));
    if (sample === `${name}_count`) one.count = String(value);
    else if (sample === `${name}_sum`) one.sum = number(value);
    else if (le !== undefined)
      one.bucket.push({
        cumulativeCount: String(value),
        upperBound: number(le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)),
      });
  }
  return [...byLabels.values()].map(({ labels, count, sum, bucket }) => ({
    label: pairs(labels),
    histogram: { sampleCount: count, sampleSum: sum, bucket },
  }));
}

function pairs(labels: Readonly<Record<string, string>>): object[] {
  return Object.entries(labels).map(([name, value]) => ({ name, value }));
}

function number(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
