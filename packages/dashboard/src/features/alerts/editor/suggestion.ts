import { parseDuration } from '../../../time/range.ts';
import { SUGGESTIONS } from '../search.ts';
import type { BackTest } from './contracts.ts';
import { type Draft, durationText, type Pair } from './draft.ts';

export interface Suggestion {
  readonly what: (typeof SUGGESTIONS)[number];
  /** The duration that is suggested; absent where it is about none. */
  readonly seconds?: number | undefined;
}

/** What a rule's text can answer of an advice; null for what is to be changed elsewhere. */
export function suggestionOf(advice: {
  readonly what: string;
  readonly duration_seconds: number | null;
}): Suggestion | null {
  const what = SUGGESTIONS.find((one) => one === advice.what);
  return what === undefined ? null : { what, seconds: advice.duration_seconds ?? undefined };
}

export interface Suggested {
  readonly draft: Draft;
  /** What was filled in, and what is left to the reader. */
  readonly said: string;
  /** The line that is to stand in the rule's file; empty where it is the reader's to find. */
  readonly line: string;
}

/** The rule with the suggestion filled in. */
export function suggestedOf(draft: Draft, { what, seconds = 0 }: Suggestion): Suggested {
  switch (what) {
    case 'longer_for': {
      const longer = durationText(((secondsOf(draft.for) ?? 0) + seconds) * 1000);
      const now = draft.for === '' ? 'firing at once' : draft.for;
      return {
        draft: { ...draft, for: longer },
        said: `“It holds for” is ${longer} here instead of ${now}.`,
        line: `for: ${longer}`,
      };
    }
    case 'hold_down': {
      const held = durationText(Math.max(secondsOf(draft.keep) ?? 0, seconds) * 1000);
      const now = draft.keep === '' ? 'ending at once' : draft.keep;
      return {
        draft: { ...draft, keep: held },
        said: `“Keeps firing for” is ${held} here instead of ${now}.`,
        line: `keep_firing_for: ${held}`,
      };
    }
    case 'raise_limit':
      return {
        draft,
        said: 'How far each firing went stands in the back-test: raise the limit to where somebody must act.',
        line: '',
      };
    case 'delete':
      return {
        draft: { ...draft, labels: withSeverity(draft.labels, 'info') },
        said: 'Its severity is info here: who is told is up to the routes then. Or delete it.',
        line: 'severity: info',
      };
  }
}

/** What one back-test looks at, at most. */
const MOST_EVALUATIONS = 50_000;
const SPANS = { '7d': 7 * 86_400, '24h': 86_400 } as const;

/** The longest time that can be looked at: noise shows itself over days. An interval that is not written is the configured one, rarely short. */
export function longestWindow({ interval }: Pick<Draft, 'interval'>): '7d' | '24h' | '1h' {
  const every = secondsOf(interval) || SPANS['7d'] / MOST_EVALUATIONS;
  if (SPANS['7d'] / every <= MOST_EVALUATIONS) return '7d';
  return SPANS['24h'] / every <= MOST_EVALUATIONS ? '24h' : '1h';
}

function secondsOf(text: string): number | null {
  return text === '' ? 0 : parseDuration(text);
}

function withSeverity(labels: readonly Pair[], text: string): readonly Pair[] {
  return labels.some(({ name }) => name === 'severity')
    ? labels.map((pair) => (pair.name === 'severity' ? { ...pair, text } : pair))
    : [...labels, { name: 'severity', text }];
}

export interface RaisedLimit {
  /** The expression with the other limit. */
  readonly expr: string;
  /** `> 0.12` */
  readonly limit: string;
  /** Firings of those looked at that would not have been. */
  readonly spares: number;
  readonly of: number;
}

const LIMIT_AT_END = /^([\s\S]*?(?:>=|<=|>|<)\s*)(-?\d[\d.]*(?:e[+-]?\d+)?)\s*$/i;
/** Of a limit nobody reads more. */
const DIGITS = 2;
const FEW = 3;

/**
 * The limit that spares at least half of the firings of the rule in force, by how far each of them went; null where the expression
 * does not end in its limit, or too little has fired.
 */
export function raisedLimit(
  expr: string,
  { firings, chart }: Pick<NonNullable<BackTest['compared']>['against'], 'firings' | 'chart'>,
): RaisedLimit | null {
  const [, before, written] = LIMIT_AT_END.exec(expr) ?? [];
  const { threshold } = chart;
  if (before === undefined || threshold === null || Number(written) !== threshold.value) return null;
  const isUpper = threshold.op.startsWith('>');
  const peaks = firings
    .map(({ peak }) => Number(peak))
    .filter(Number.isFinite)
    .sort((a, b) => (isUpper ? a - b : b - a));
  const middle = peaks[Math.floor((peaks.length - 1) / 2)];
  if (middle === undefined || peaks.length < FEW) return null;
  const value = rounded(middle, isUpper, threshold.op.endsWith('='));
  if (value === threshold.value) return null;
  const fires = (peak: number): boolean =>
    threshold.op.endsWith('=')
      ? peak === value || peak > value === isUpper
      : peak !== value && peak > value === isUpper;
  const spares = peaks.filter((peak) => !fires(peak)).length;
  return { expr: `${before}${value}`, limit: `${threshold.op} ${value}`, spares, of: peaks.length };
}

/** To two digits, to where the value itself does not fire; `beyond` where the limit itself fires. */
function rounded(value: number, up: boolean, beyond: boolean): number {
  const step = value === 0 ? 1 : 10 ** (Math.floor(Math.log10(Math.abs(value))) - DIGITS + 1);
  const steps = value / step;
  const next = up ? Math.ceil(steps - 1e-9) : Math.floor(steps + 1e-9);
  const isSame = Math.abs(next - steps) < 1e-9;
  const away = beyond && isSame ? next + (up ? 1 : -1) : next;
  return Number((away * step).toPrecision(DIGITS + 1));
}
