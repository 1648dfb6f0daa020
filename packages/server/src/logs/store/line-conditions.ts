import { type LineFilter as LogqlLineFilter, requiredText } from '@pharos/logql';
import { join, type Sql, sql } from '../../engine/index.ts';

/** Conditions that hold for every line a filter keeps; `exact` where they hold for no other. */
export interface Conditions {
  readonly sql: readonly Sql[];
  readonly exact: boolean;
}

export const NEVER: Sql = sql`1 = 0`;
/** A statement with more words to look up is slower, not quicker. */
const MOST_WORDS = 8;

/** What the engine can tell of LogQL's line filters. */
export function lineConditions(filters: readonly Pick<LogqlLineFilter, 'op' | 'terms'>[]): Conditions {
  const all = filters.map(conditionsOf);
  return { sql: all.flatMap((one) => one.sql), exact: all.every(({ exact }) => exact) };
}

function conditionsOf({ op, terms }: Pick<LogqlLineFilter, 'op' | 'terms'>): Conditions {
  const texts = terms.flatMap((term) => (term.kind === 'text' ? [term.value] : []));
  const negative = op.startsWith('!');
  // Of terms side by side one is enough: what cannot be told of one cannot be told of all.
  const tests = texts.map((text) => testOf(op, text));
  if (texts.length < terms.length || tests.includes(null)) return prefilter(op, terms.length, texts);
  const known = tests.filter((test) => test !== null);
  if (negative) return { sql: known.map((test) => sql`NOT (${test})`), exact: true };
  return { sql: [join2(known), ...wordsFor(op, texts)], exact: true };
}

/** Whether a text has a form in UTF-8: no half of a surrogate pair stands alone in it. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** A term as a test of its own; null where the engine's answer could be another one. */
function testOf(op: LogqlLineFilter['op'], text: string): Sql | null {
  if (!isWellFormed(text)) return null;
  if (op === '|=' || op === '!=') return text === '' ? sql`1 = 1` : sql`position(message, ${text}) > 0`;
  if (op === '|~' || op === '!~') return isPortable(text) ? sql`match(message, ${`(?-s)${text}`})` : null;
  return null;
}

/** A condition that every line holds which the filter keeps, others too. */
function prefilter(op: LogqlLineFilter['op'], terms: number, texts: readonly string[]): Conditions {
  const [text] = texts;
  if (op.startsWith('!') || terms !== 1 || text === undefined) return { sql: [], exact: false };
  const required =
    op === '|~' ? [requiredText(text)] : op === '|>' ? text.split('<_>').filter((part) => part !== '') : [];
  const found = required.filter((part) => part !== '' && isWellFormed(part));
  return {
    sql: [...found.map((part) => sql`position(message, ${part}) > 0`), ...wordsIn(found)],
    exact: false,
  };
}

/** What the index over words can tell before any line is read. */
function wordsFor(op: LogqlLineFilter['op'], texts: readonly string[]): readonly Sql[] {
  const [text] = texts;
  if (texts.length !== 1 || text === undefined) return [];
  if (op === '|=') return wordsIn([text]);
  const required = requiredText(text);
  return required === '' ? [] : [sql`position(message, ${required}) > 0`, ...wordsIn([required])];
}

function wordsIn(texts: readonly string[]): readonly Sql[] {
  const words = [...new Set(texts.flatMap(wholeWords))]
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_WORDS);
  return words.length === 0 ? [] : [sql`hasAllTokens(message, ${words})`];
}

/**
 * The words of a text that are whole words of every line it stands in: those at its ends may go on there. Lower case as the index
 * keeps them, which is of ASCII letters only.
 */
function wholeWords(text: string): readonly string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/[A-Za-z0-9\u0080-\u{10ffff}]+/gu))
    if (match.index > 0 && match.index + match[0].length < text.length)
      found.push(match[0].replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  return found;
}

/**
 * Whether the engine's RE2 and ours read a pattern alike: no classes of Unicode, whose tables are of a version, no single bytes, no
 * case folding beyond ASCII, and flags only where they stand first.
 */
function isPortable(pattern: string): boolean {
  if (/\\[pPC]/.test(pattern) || /\(\?(?!:|i\))/.test(pattern) || pattern.includes('\0')) return false;
  const flagged = pattern.lastIndexOf('(?i)');
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  return flagged <= 0 && (flagged === -1 || /^[\x00-\x7f]*$/.test(pattern));
}

function join2(tests: readonly Sql[]): Sql {
  return tests.length === 1 && tests[0] !== undefined ? tests[0] : sql`(${join(tests, ' OR ')})`;
}
