import type { MetricMetadata } from '../../sink.ts';

type LabelPairs = readonly (readonly [name: string, value: string])[];

/** `# HELP` and `# TYPE` of a family in Prometheus text 0.0.4. */
export function familyHead(family: string, { type, help }: Pick<MetricMetadata, 'type' | 'help'>): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${family} ${text}\n# TYPE ${family} ${type === 'unknown' ? 'untyped' : type}\n`;
}

/** One sample line in Prometheus text 0.0.4. */
export function sampleLine(name: string, labels: LabelPairs, value: number): string {
  const inner = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(',');
  return `${name}${inner === '' ? '' : `{${inner}}`} ${valueText(value)}\n`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
