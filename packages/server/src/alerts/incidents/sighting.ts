import type { LabelSet } from '../labels/label-set.ts';
import type { Alert } from '../received/alert.ts';
import { bounded, type Severity, type Sighting } from './incident.ts';

/** What names of services mean. */
export interface Naming {
  canonical(raw: string): string;
  of(get: (label: string) => string | undefined): string | undefined;
}

/** Words of severity in use. */
const WORDS: readonly (readonly [Severity, readonly string[]])[] = [
  ['critical', ['critical', 'page', 'fatal', 'emergency', 'disaster', 'p1']],
  ['high', ['error', 'high', 'major', 'p2']],
  ['info', ['info', 'information', 'notice', 'low', 'none', 'debug', 'p4', 'p5']],
];
/** Labels that name other services than the one that an alert is about. */
const OTHERS = ['upstream', 'dependency', 'target_service', 'peer_service'];
const TRACES = ['trace_id', 'traceID', 'traceId'];
const SUMMARIES = ['summary', 'title', 'message', 'description'];

/** How bad an alert says that it is; one that says nothing we know is a warning. */
export function severityWord(labels: LabelSet): Severity {
  const word = (labels.get('severity') ?? labels.get('level') ?? '').toLowerCase();
  return WORDS.find(([, words]) => words.includes(word))?.[0] ?? 'warning';
}

/**
 * An alert as incidents see it.
 * @param signAt since when its condition holds, epoch ms; undefined where only its sender knows
 */
export function sightingOf(
  { fingerprint, labels, annotations, startsAt }: Alert,
  names: Naming,
  { now, signAt }: { readonly now: number; readonly signAt: number | undefined },
): Sighting {
  const own = names.of((label) => labels.get(label)) ?? firstOf(labels, ['app']);
  const others = OTHERS.flatMap((label) => labels.get(label) ?? []).map((name) => names.canonical(name));
  const texts = TRACES.flatMap((name) => [labels.get(name) ?? '', annotations.get(name) ?? '']);
  return bounded({
    fingerprint,
    labels,
    summary: firstOf(annotations, SUMMARIES) ?? '',
    severity: severityWord(labels),
    services: own === undefined ? [] : [...new Set([own, ...others])],
    traces: [...new Set(texts.flatMap((text) => text.toLowerCase().match(/[0-9a-f]{16,32}/g) ?? []))],
    startsAt,
    signAt: Math.min(startsAt, now, signAt ?? now),
  });
}

function firstOf(texts: LabelSet, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = texts.get(name);
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}
