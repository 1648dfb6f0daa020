import { Labels, METRIC_NAME } from '@pharos/promql';
import { canonicalFloatText, parseFloatText } from '../ingest/exposition/float.ts';
import type { MetricType } from '../ingest/exposition/metadata.ts';
import type { RawPairs } from '../ingest/exposition/series.ts';
import type { Relabeler } from '../relabel/relabel.ts';

/** Limits on the labels of one series after relabelling; 0 means none. Breaking one fails the whole scrape. */
export interface LabelLimits {
  readonly labels: number;
  readonly nameLength: number;
  readonly valueLength: number;
}

export interface LabelerOptions {
  readonly target: Labels;
  readonly honorLabels: boolean;
  readonly relabel: Relabeler | null;
  readonly limits: LabelLimits;
}

type LabelResult =
  | { readonly kind: 'series'; readonly labels: Labels }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'invalid'; readonly message: string };

/** Turns the labels a target exposed into those that are stored. */
export type Labeler = (exposed: RawPairs, type: MetricType | null) => LabelResult;

const DROPPED: LabelResult = { kind: 'dropped' };

/** Target labels win over exposed ones (which become `exported_<name>`), unless labels are honoured; then the metric relabelling. */
export function createLabeler(options: LabelerOptions): Labeler {
  return (exposed, type) => {
    const labels = new Map<string, string>();
    for (let i = 0; i < exposed.length; i += 2) {
      const name = exposed[i] ?? '';
      if (labels.has(name)) return invalid(`label name ${JSON.stringify(name)} is not unique`);
      labels.set(name, normalised(type, name, exposed[i + 1] ?? ''));
    }
    if (options.honorLabels) addMissing(labels, options.target);
    else override(labels, options.target);
    if (options.relabel !== null && !options.relabel(labels)) return DROPPED;
    const result = Labels.fromMap(labels);
    if (result.size === 0) return DROPPED;
    if (!result.has(METRIC_NAME)) return invalid('the metric name is missing after relabelling');
    return limited(result, options.limits);
  };
}

function invalid(message: string): LabelResult {
  return { kind: 'invalid', message };
}

/** `le` of histograms and `quantile` of summaries in one spelling, as Prometheus 3 does, so that `1` and `1.0` are one series. */
function normalised(type: MetricType | null, name: string, value: string): string {
  const bound = (type === 'histogram' && name === 'le') || (type === 'summary' && name === 'quantile');
  const number = bound ? parseFloatText(value) : null;
  return number === null ? value : canonicalFloatText(number);
}

/** An exposed empty value counts as present: `instance=""` asks for no instance label. */
function addMissing(labels: Map<string, string>, target: Labels): void {
  const { pairs } = target;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (!labels.has(name)) labels.set(name, pairs[i + 1] ?? '');
  }
}

function override(labels: Map<string, string>, target: Labels): void {
  const { pairs } = target;
  const conflicts: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    const exposed = labels.get(name) ?? '';
    if (exposed !== '') conflicts.push([name, exposed]);
    labels.set(name, pairs[i + 1] ?? '');
  }
  conflicts.sort((a, b) => a[0].length - b[0].length);
  for (const [name, value] of conflicts) {
    let renamed = name;
    do renamed = `exported_${renamed}`;
    while (labels.has(renamed));
    labels.set(renamed, value);
  }
}

function limited(labels: Labels, limits: LabelLimits): LabelResult {
  const metric = shorten(labels.metricName);
  if (limits.labels > 0 && labels.size > limits.labels) {
    return invalid(
      `label_limit exceeded (metric: ${metric}, number of labels: ${labels.size}, limit: ${limits.labels})`,
    );
  }
  if (limits.nameLength === 0 && limits.valueLength === 0) return { kind: 'series', labels };
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    const nameLength = Buffer.byteLength(pairs[i] ?? '');
    if (limits.nameLength > 0 && nameLength > limits.nameLength) {
      return invalid(
        `label_name_length_limit exceeded (metric: ${metric}, label name: ${shorten(pairs[i] ?? '')}, length: ${nameLength}, limit: ${limits.nameLength})`,
      );
    }
    const valueLength = Buffer.byteLength(pairs[i + 1] ?? '');
    if (limits.valueLength > 0 && valueLength > limits.valueLength) {
      return invalid(
        `label_value_length_limit exceeded (metric: ${metric}, label name: ${shorten(pairs[i] ?? '')}, length: ${valueLength}, limit: ${limits.valueLength})`,
      );
    }
  }
  return { kind: 'series', labels };
}

function shorten(text: string): string {
  return text.length > 50 ? text.slice(0, 50) : text;
}
