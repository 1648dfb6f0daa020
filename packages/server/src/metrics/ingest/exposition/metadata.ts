import type { MetricMetadata } from '../../sink.ts';
import { BYTE, decodeUtf8, isBlank, isNamePart, isNameStart, rangeIs } from './bytes.ts';
import { unescape } from './series.ts';

export type MetadataKind = 'type' | 'help' | 'unit';
export type MetricType = MetricMetadata['type'];

/** One `# TYPE`, `# HELP` or `# UNIT` line, decoded. `type` is set on TYPE lines, `text` on the others. */
export interface MetadataLine {
  readonly kind: MetadataKind;
  readonly metric: string;
  readonly type: MetricType;
  readonly text: string;
}

/** Every type a family can have. */
export const METRIC_TYPES: readonly MetricType[] = [
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
  'unknown',
];

const TEXT_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

const OPENMETRICS_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['gaugehistogram', 'gaugehistogram'],
  ['summary', 'summary'],
  ['info', 'info'],
  ['stateset', 'stateset'],
  ['unknown', 'unknown'],
]);

/**
 * Decodes the part of a metadata line after its keyword: `<metric> <text>`. A string answer is what is wrong with it.
 * The text is everything after one blank; it may be missing.
 */
function decodeMetadata(
  kind: MetadataKind,
  bytes: Uint8Array,
  start: number,
  end: number,
  openMetrics: boolean,
): MetadataLine | string {
  const nameEnd = metricEnd(bytes, start, end);
  if (nameEnd < 0) return `expected a metric name after ${kind.toUpperCase()}`;
  const line = decodeUtf8(bytes, start, end);
  const name = decodeUtf8(bytes, start, nameEnd);
  if (line === null || name === null) return `the ${kind.toUpperCase()} line is not valid UTF-8`;
  const rest = line.slice(name.length);
  if (rest !== '' && rest[0] !== ' ' && rest[0] !== '\t') return 'expected a blank after the metric name';
  if (openMetrics && rest === '') return `expected text in ${kind.toUpperCase()}`;
  const text = rest.slice(1);
  const metric = name.startsWith('"') ? unescape(name.slice(1, -1)) : name;
  if (metric === '') return 'the quoted metric name is empty';
  if (kind === 'type') {
    const type = (openMetrics ? OPENMETRICS_TYPES : TEXT_TYPES).get(text.trim());
    if (type === undefined) return `invalid metric type ${JSON.stringify(text)}`;
    return { kind, metric, type, text: '' };
  }
  if (kind === 'unit' && text !== '' && !metric.endsWith(`_${text}`)) {
    return `the unit ${JSON.stringify(text)} is not a suffix of the metric`;
  }
  return { kind, metric, type: 'unknown', text: openMetrics ? unescape(text) : unescapeHelp(text) };
}

function metricEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (bytes[at] === BYTE.QUOTE) {
    at++;
    while (at < end && bytes[at] !== BYTE.QUOTE) at += bytes[at] === BYTE.BACKSLASH ? 2 : 1;
    return at < end ? at + 1 : -1;
  }
  if (!isNameStart(bytes[at] ?? 0)) return -1;
  while (at < end && isNamePart(bytes[at] ?? 0)) at++;
  return at;
}

/** HELP in the Prometheus text format knows `\\` and `\n` only. */
function unescapeHelp(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\\n])/g, (_, c: string) => (c === 'n' ? '\n' : c)) : text;
}

/** The keyword at a position, if it is one of the metadata keywords. */
export function metadataKeyword(
  bytes: Uint8Array,
  start: number,
  end: number,
  openMetrics: boolean,
): MetadataKind | null {
  if (rangeIs(bytes, start, end, 'TYPE')) return 'type';
  if (rangeIs(bytes, start, end, 'HELP')) return 'help';
  return openMetrics && rangeIs(bytes, start, end, 'UNIT') ? 'unit' : null;
}

/** Where the word of a metadata line that starts here ends. */
export function wordStop(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isNameStart(bytes[at] ?? 0) || (at > from && isNamePart(bytes[at] ?? 0))) at++;
  return at;
}

/** Decodes a metadata line given by its range, from `#` to before the newline. */
export function readMetadata(
  bytes: Uint8Array,
  start: number,
  end: number,
  openMetrics: boolean,
): MetadataLine | string {
  let at = start + 1;
  while (isBlank(bytes[at] ?? 0)) at++;
  const wordEnd = wordStop(bytes, at);
  const kind = metadataKeyword(bytes, at, wordEnd, openMetrics);
  if (kind === null) return 'expected HELP, TYPE or UNIT';
  let name = wordEnd;
  while (name < end && isBlank(bytes[name] ?? 0)) name++;
  return decodeMetadata(kind, bytes, name, end, openMetrics);
}
