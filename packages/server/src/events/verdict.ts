import { DECISIONS, type Decision, type Status } from './event.ts';

/** How much a finding weighs: it warns, it breaks a rule, or it is critical by itself. */
export const WEIGHTS = ['caution', 'violation', 'critical'] as const;
export type Weight = (typeof WEIGHTS)[number];

/** What one rule found. */
export interface Finding {
  readonly rule: string;
  readonly weight: Weight;
  readonly decision: Decision;
  /** Where in the event: a name in `data`, or a path. */
  readonly field: string;
  readonly value: string | number | boolean | null;
  readonly limit: string | number | boolean | null;
  readonly message: string;
  readonly suggestion: string;
}

export interface Verdict {
  readonly status: Status;
  /** 0..1, two decimals. */
  readonly score: number;
  readonly decision: Decision;
  readonly reasoning: string;
  readonly findings: readonly Finding[];
}

/** Scores from which a status begins. */
export interface Bands {
  readonly warning: number;
  readonly critical: number;
}

interface Tally {
  readonly cautions: number;
  /** Fields with a violation: two rules that speak of the same field are one violation. */
  readonly violations: number;
  readonly criticals: number;
}

interface ScoreRow {
  readonly when: string;
  /** The score in words. */
  readonly scored: string;
  readonly applies: (tally: Tally) => boolean;
  readonly score: (tally: Tally) => number;
}

/** The table of docs/events.md: the first row that applies gives the score. */
const SCORES: readonly ScoreRow[] = [
  {
    when: 'a critical finding',
    scored: '0.90, and 0.02 for each further one and each violation, at most 1',
    applies: ({ criticals }) => criticals > 0,
    score: ({ criticals, violations }) => Math.min(1, 0.9 + 0.02 * (criticals - 1 + violations)),
  },
  {
    when: 'several violations',
    scored: '0.90, and 0.02 for each field beyond two, at most 1',
    applies: ({ violations }) => violations > 1,
    score: ({ violations }) => Math.min(1, 0.9 + 0.02 * (violations - 2)),
  },
  {
    when: 'one violation',
    scored: '0.75, and 0.02 for each caution, at most 0.85',
    applies: ({ violations }) => violations === 1,
    score: ({ cautions }) => Math.min(0.85, 0.75 + 0.02 * cautions),
  },
  {
    when: 'cautions only',
    scored: '0.70, and 0.01 for each beyond one, at most 0.74',
    applies: ({ cautions }) => cautions > 0,
    score: ({ cautions }) => Math.min(0.74, 0.7 + 0.01 * (cautions - 1)),
  },
];

const NORMAL: Verdict = {
  status: 'NORMAL',
  score: 0,
  decision: 'CONTINUE',
  reasoning: 'No rule found anything wrong.',
  findings: [],
};

type Weighed = Pick<Finding, 'weight' | 'field'>;

/** The rows of the table for people, the first that applies counts. */
export const SCORE_ROWS: readonly Pick<ScoreRow, 'when' | 'scored'>[] = [
  ...SCORES.map(({ when, scored }) => ({ when, scored })),
  { when: 'nothing', scored: '0' },
];

/** Which of {@link SCORE_ROWS} gave the score. */
export function scoreRowOf(findings: readonly Weighed[]): string {
  const tally = tallyOf(findings);
  return SCORES.find(({ applies }) => applies(tally))?.when ?? 'nothing';
}

/** Severity, status and decision of what the rules found. The same findings give the same verdict. */
export function verdictOf(findings: readonly Finding[], bands: Bands): Verdict {
  if (findings.length === 0) return NORMAL;
  const tally = tallyOf(findings);
  const row = SCORES.find(({ applies }) => applies(tally));
  const score = row === undefined ? 0 : Math.round(row.score(tally) * 100) / 100;
  const status = statusOf(score, bands);
  const decision = status === 'NORMAL' ? 'CONTINUE' : severest(findings);
  return { status, score, decision, reasoning: reasoningOf(findings, status, score, row?.when), findings };
}

export function statusOf(score: number, { warning, critical }: Bands): Status {
  return score >= critical ? 'CRITICAL' : score >= warning ? 'WARNING' : 'NORMAL';
}

function tallyOf(findings: readonly Weighed[]): Tally {
  const violated = new Set<string>();
  let cautions = 0;
  let criticals = 0;
  for (const { weight, field } of findings) {
    if (weight === 'caution') cautions++;
    else if (weight === 'critical') criticals++;
    else violated.add(field);
  }
  return { cautions, violations: violated.size, criticals };
}

function severest(findings: readonly Finding[]): Decision {
  let most = 0;
  for (const { decision } of findings) most = Math.max(most, DECISIONS.indexOf(decision));
  return DECISIONS[most];
}

function reasoningOf(
  findings: readonly Finding[],
  status: Status,
  score: number,
  when: string | undefined,
): string {
  const found = findings.map(({ message }) => message).join('; ');
  return `${status}: ${when ?? 'nothing that counts'} (score ${score}). ${found}`.slice(0, 2000);
}

/** What to do about it, each advice once, those of the heaviest findings first. */
export function suggestionsOf(findings: readonly Finding[]): readonly string[] {
  const sorted = [...findings].sort((a, b) => WEIGHTS.indexOf(b.weight) - WEIGHTS.indexOf(a.weight));
  return [...new Set(sorted.map(({ suggestion }) => suggestion).filter((text) => text !== ''))];
}
