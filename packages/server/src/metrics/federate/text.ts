import { formatValue } from '@pharos/promql';
import type { FederateFormat } from './formats.ts';
import { federatedPairs, type LastSample } from './last-samples.ts';

/** Characters gathered before they are handed on. */
const PIECE = 64 * 1024;
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export interface TextOptions {
  readonly format: FederateFormat;
  readonly external: Readonly<Record<string, string>>;
  /** `counter` or `gauge` where the type of exactly this name is known. */
  typeOf(metric: string): 'counter' | 'gauge' | undefined;
}

/** Exposition text of floats, family by family; native histograms have no text form and are left out. */
export function* federateText(samples: readonly LastSample[], options: TextOptions): Generator<string> {
  const { format } = options;
  const openMetrics = format.kind === 'openmetrics';
  let text = '';
  let family: string | undefined;
  for (const { labels, timestamp, value, histogram } of samples) {
    if (histogram !== undefined) continue;
    const name = metricText(labels.metricName, format.utf8);
    if (name !== family) {
      family = name;
      text += `# TYPE ${name} ${openMetrics ? 'unknown' : (options.typeOf(labels.metricName) ?? 'untyped')}\n`;
    }
    const pairs = federatedPairs(labels, options.external)
      .map(([label, own]) => `${labelText(label, format.utf8)}="${escaped(own)}"`)
      .join(',');
    const start = name.startsWith('"') ? `{${name},${pairs}}` : `${name}{${pairs}}`;
    text += `${start} ${formatValue(value)} ${openMetrics ? timestamp / 1000 : timestamp}\n`;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  yield openMetrics ? `${text}# EOF\n` : text;
}

/** A name as it stands in the answer: in quotes when only UTF-8 can spell it, else with `_` for what is not allowed. */
function metricText(name: string, utf8: boolean): string {
  if (METRIC.test(name)) return name;
  return utf8 ? `"${escaped(name)}"` : underscored(name, /[^a-zA-Z0-9_:]/gu);
}

function labelText(name: string, utf8: boolean): string {
  if (LABEL.test(name)) return name;
  return utf8 ? `"${escaped(name)}"` : underscored(name, /[^a-zA-Z0-9_]/gu);
}

export function underscored(name: string, foreign: RegExp): string {
  const text = name.replace(foreign, '_');
  return /^\d/.test(text) ? `_${text}` : text;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
