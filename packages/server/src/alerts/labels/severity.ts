import type { LabelSet } from './label-set.ts';

/** The words in use, the worst first; what nobody knows stands between. */
const SEVERITIES: readonly (readonly string[])[] = [
  ['critical', 'page', 'fatal', 'emergency', 'p1'],
  ['error', 'high', 'major', 'p2'],
  ['warning', 'warn', 'medium', 'minor', 'p3'],
  [],
  ['info', 'information', 'notice', 'low', 'none', 'debug', 'p4', 'p5'],
];
const UNKNOWN_SEVERITY = 3;

/** From 0, the worst. */
export function severityRank(labels: LabelSet): number {
  const rank = SEVERITIES.findIndex((words) => words.includes(wordOf(labels)));
  return rank < 0 ? UNKNOWN_SEVERITY : rank;
}

/** How loud alerts are: what needs a person now, what can wait, and what is only told. */
export const LOUDNESS = ['critical', 'warning', 'info'] as const;
export type Loudness = (typeof LOUDNESS)[number];

/** One whose word nobody knows is loud. */
export function loudnessOf(labels: LabelSet): Loudness {
  const rank = severityRank(labels);
  if (rank === SEVERITIES.length - 1) return 'info';
  return rank === SEVERITIES.findIndex((words) => words.includes('warning')) ? 'warning' : 'critical';
}

/** Whether alerts are as urgent as others, or more; nobody knows that of two words of which one is unknown. */
export function isAsUrgent(labels: LabelSet, as: LabelSet): boolean {
  if (wordOf(labels) === wordOf(as)) return true;
  const [own, other] = [severityRank(labels), severityRank(as)];
  return own !== UNKNOWN_SEVERITY && other !== UNKNOWN_SEVERITY && own <= other;
}

function wordOf(labels: LabelSet): string {
  return (labels.get('severity') ?? '').toLowerCase();
}
