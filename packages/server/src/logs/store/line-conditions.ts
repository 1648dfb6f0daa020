import { type LineFilter as LogqlLineFilter, requiredText } from '@pharos/logql';
import { join, type Sql, sql } from '../../engine/index.ts';
import type { SoughtText } from './texts.ts';

/** Conditions that hold for every line a filter keeps; `exact` where they hold for no other. */
export interface Conditions {
  readonly sql: readonly Sql[];
  readonly exact: boolean;
}

export interface LineConditions extends Conditions {
  /** Every line holds them that the filters keep. */
  readonly texts: readonly SoughtText[];
}

export const NEVER: Sql = sql`1 = 0`;
/** What the engine can tell of LogQL's line filters. */
export function lineConditions(filters: readonly Pick<LogqlLineFilter, 'op' | 'terms'>[]): LineConditions {
  const all = filters.map(conditionsOf);
  return {
    sql: all.flatMap((one) => one.sql),
    exact: all.every(({ exact }) => exact),
    texts: all.flatMap((one) => one.texts),
  };
}

/** Whether all of these words, in lower case, are in the message as whole words. */
export function hasWords(words: readonly string[]): Sql {
  const [longest = ''] = [...words].sort((a, b) => b.length - a.length);
  // Cutting a line into words costs more than finding that it does not hold the text of one; of two conditions side by side the engine
  // evaluates both, or the dearer one first.
  return sql`if(position(lower(message), ${longest}) > 0, hasAllTokens(lower(message), ${[...words]}), 0)`;
}

function conditionsOf({ op, terms }: Pick<LogqlLineFilter, 'op' | 'terms'>): LineConditions {
  const texts = terms.flatMap((term) => (term.kind === 'text' ? [term.value] : []));
  const negative = op.startsWith('!');
  // Of terms side by side one is enough: what cannot be told of one cannot be told of all.
  const tests = texts.map((text) => testOf(op, text));
  if (texts.length < terms.length || tests.includes(null)) return prefilter(op, terms.length, texts);
  const known = tests.filter((test) => test !== null);
  if (negative) return { sql: known.map((test) => sql`NOT (${test})`), exact: true, texts: [] };
  const required = requiredBy(op, texts);
  const isPattern = op !== '|=' && required !== '';
  return {
    sql: [join2(known), ...(isPattern ? [sql`position(message, ${required}) > 0`] : [])],
    exact: true,
    texts: [inLine(required)],
  };
}

const inLine = (text: string): SoughtText => ({ text, isWord: false });

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
function prefilter(op: LogqlLineFilter['op'], terms: number, texts: readonly string[]): LineConditions {
  const [text] = texts;
  if (op.startsWith('!') || terms !== 1 || text === undefined) return { sql: [], exact: false, texts: [] };
  const required =
    op === '|~' ? [requiredText(text)] : op === '|>' ? text.split('<_>').filter((part) => part !== '') : [];
  const found = required.filter((part) => part !== '' && isWellFormed(part));
  return {
    sql: found.map((part) => sql`position(message, ${part}) > 0`),
    exact: false,
    texts: found.map(inLine),
  };
}

/** What every line holds that a filter keeps; empty where that is nothing. Of several terms none need be there. */
function requiredBy(op: LogqlLineFilter['op'], texts: readonly string[]): string {
  const [text] = texts;
  if (texts.length !== 1 || text === undefined) return '';
  return op === '|=' ? text : requiredText(text);
}

/**
 * Whether the engine's RE2 and ours read a pattern alike: no classes of Unicode, whose tables are of a version, no single bytes, no
 * case folding beyond ASCII, and flags only where they stand first.
 */
export function isPortable(pattern: string): boolean {
  if (/\\[pPC]/.test(pattern) || /\(\?(?!:|i\))/.test(pattern) || pattern.includes('\0')) return false;
  const flagged = pattern.lastIndexOf('(?i)');
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  return flagged <= 0 && (flagged === -1 || /^[\x00-\x7f]*$/.test(pattern));
}

function join2(tests: readonly Sql[]): Sql {
  return tests.length === 1 && tests[0] !== undefined ? tests[0] : sql`(${join(tests, ' OR ')})`;
}
