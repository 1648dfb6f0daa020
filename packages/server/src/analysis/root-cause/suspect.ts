/** What kind of thing may be the cause. */
type SuspectKind = 'service' | 'endpoint' | 'dependency' | 'change';

export const EVIDENCE_KINDS = [
  'health',
  'dependency',
  'order',
  'error',
  'breaker',
  'deviation',
  'endpoint',
  'deployment',
] as const;
type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** One thing that speaks for a suspect. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** The service it was seen at. */
  readonly service: string;
  /** Epoch ms; null for what holds for the whole window. */
  readonly at: number | null;
  /** How much it speaks for the suspect by itself, 0..1. */
  readonly weight: number;
  readonly message: string;
  /** Where it can be looked at, as a path of the API or the dashboard. */
  readonly link: string;
  /** What to do about it; empty for nothing by itself. */
  readonly action: string;
}

export interface Suspect {
  readonly kind: SuspectKind;
  readonly name: string;
  /** The service it is or belongs to; empty for a dependency that is none of the known services. */
  readonly service: string;
  /** 0..1. */
  readonly score: number;
  /** When the first of its evidence was seen. */
  readonly since: number | null;
  /** What makes it a suspect of its kind first, then the weightiest. */
  readonly evidence: readonly Evidence[];
  /** The services that suffer from it. */
  readonly affected: readonly string[];
}

/** Independent pieces of evidence together: each takes its share of the doubt that the others leave (noisy-or). */
export function together(weights: readonly number[]): number {
  return 1 - weights.reduce((doubt, weight) => doubt * (1 - weight), 1);
}

export function firstOf(evidence: readonly Evidence[]): number | null {
  const times = evidence.flatMap(({ at }) => (at === null ? [] : [at]));
  return times.length === 0 ? null : Math.min(...times);
}
