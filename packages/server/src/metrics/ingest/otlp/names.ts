import { unitWords } from './units.ts';

/** Prometheus' `otlp.translation_strategy`. */
export const TRANSLATION_STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const;

export type TranslationStrategy = (typeof TRANSLATION_STRATEGIES)[number];

/** How a name ends besides its unit. */
type NameKind = 'counter' | 'gauge' | 'other';

/** Names of metrics and labels as a strategy wants them. */
export interface Names {
  metric(name: string, unit: string, kind: NameKind): string;
  label(name: string): string;
  /** The unit as it stands in the name and in the metadata. */
  unit(unit: string): string;
}

export function createNames(strategy: TranslationStrategy): Names {
  const escape = strategy.startsWith('Underscore');
  const suffixes = strategy.endsWith('WithSuffixes');
  const metric = suffixes ? (escape ? escapedWithSuffixes : plainWithSuffixes) : escape ? escaped : asIs;
  return {
    metric,
    label: escape ? escapedLabel : asIs,
    unit: (unit) => words(unit).join('_'),
  };
}

const asIs = (name: string): string => name;

/** `http.server.duration` in `s` is `http_server_duration_seconds`; words that stand in the name already are not repeated. */
function escapedWithSuffixes(name: string, unit: string, kind: NameKind): string {
  let tokens = name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  for (const word of words(unit).flatMap((text) => (tokens.includes(lastWord(text)) ? [] : [text])))
    tokens.push(...word.split('_'));
  const ending = endingOf(unit, kind);
  if (ending !== '') tokens = [...tokens.filter((token) => token !== ending), ending];
  return withoutLeadingDigit(tokens.join('_'));
}

function plainWithSuffixes(name: string, unit: string, kind: NameKind): string {
  const ending = endingOf(unit, kind);
  let result = ending !== '' && name.endsWith(`_${ending}`) ? name.slice(0, -ending.length - 1) : name;
  for (const word of words(unit)) if (!result.endsWith(`_${word}`)) result += `_${word}`;
  return ending === '' ? result : `${result}_${ending}`;
}

function escaped(name: string): string {
  return withoutLeadingDigit(name.replaceAll(/[^a-zA-Z0-9:_]+/g, '_').replaceAll(/^_|_$/g, ''));
}

/** Counters end in `total`, gauges without dimension in `ratio`. */
function endingOf(unit: string, kind: NameKind): string {
  if (kind === 'counter') return 'total';
  return kind === 'gauge' && unit === '1' ? 'ratio' : '';
}

function words(unit: string): string[] {
  const { main, per } = unitWords(unit);
  return [main, per]
    .map((word) => word.replaceAll(/[^a-zA-Z0-9:]+/g, '_').replaceAll(/^_+|_+$/g, ''))
    .filter((word) => word !== '');
}

/** `per_second` stands in a name when `second` does. */
function lastWord(word: string): string {
  return word.startsWith('per_') ? word.slice(4) : word;
}

function withoutLeadingDigit(name: string): string {
  return /^\d/.test(name) ? `_${name}` : name;
}

function escapedLabel(name: string): string {
  const label = name.replaceAll(/[^a-zA-Z0-9_]/gu, '_');
  if (/^\d/.test(label)) return `key_${label}`;
  return label.startsWith('_') && !label.startsWith('__') ? `key${label}` : label;
}
