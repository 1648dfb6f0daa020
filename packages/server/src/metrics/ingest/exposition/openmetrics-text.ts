import type { Exemplar, MetricMetadata } from '../../sink.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

/** The TYPE, HELP and UNIT lines of a family, the latter two when there is something to say (OpenMetrics 1.0). */
export function familyLines(family: string, { type, help, unit }: MetricMetadata): string {
  const name = PLAIN_NAME.test(family) ? family : `"${escaped(family)}"`;
  const helpLine = help === '' ? '' : `# HELP ${name} ${escaped(help)}\n`;
  // OpenMetrics allows a unit only as the end of the name; protobuf says nothing about it.
  const unitLine =
    unit === '' || !family.endsWith(`_${unit}`) ? '' : `# UNIT ${name} ${unit.replaceAll('\n', ' ')}\n`;
  return `# TYPE ${name} ${type}\n${helpLine}${unitLine}`;
}

/** A series as it stands in a sample line; names beyond the classic alphabet are quoted. */
export function seriesText(name: string, labels: Pairs): string {
  const plain = PLAIN_NAME.test(name);
  const inner = labels.map(
    ([label, value]) => `${PLAIN_LABEL.test(label) ? label : `"${escaped(label)}"`}="${escaped(value)}"`,
  );
  if (!plain) inner.unshift(`"${escaped(name)}"`);
  const braces = inner.length === 0 ? '' : `{${inner.join(',')}}`;
  return plain ? `${name}${braces}` : braces;
}

/** One sample line. `timestamp` in ms, null for none; an exemplar without a time has NaN. */
export function sampleLine(
  series: string,
  value: number,
  timestamp: number | null,
  exemplar: Exemplar | null,
): string {
  const at = timestamp === null ? '' : ` ${seconds(timestamp)}`;
  return `${series} ${numberText(value)}${at}${exemplar === null ? '' : exemplarText(exemplar)}\n`;
}

export function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

const PLAIN_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function exemplarText({ labels, value, timestamp }: Exemplar): string {
  const inner = [...labels.toMap()].map(
    ([label, text]) => `${PLAIN_LABEL.test(label) ? label : `"${escaped(label)}"`}="${escaped(text)}"`,
  );
  const at = Number.isNaN(timestamp) ? '' : ` ${seconds(timestamp)}`;
  return ` # {${inner.join(',')}} ${numberText(value)}${at}`;
}

/** A quarter of a millisecond more than it says: readers cut to milliseconds, and the float below the text must not lose one. */
function seconds(ms: number): string {
  return ((ms + 0.25) / 1000).toFixed(5);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
