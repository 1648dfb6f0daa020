/** One condition on a label of the stream, or on what a line carries beside its text. */
export interface Term {
  readonly name: string;
  readonly op: '=' | '!=';
  readonly value: string;
}

/** What the filter bar says; it is written as LogQL, and read back from it. */
export interface Filters {
  readonly services: readonly string[];
  readonly levels: readonly string[];
  /** What the line contains, as it is written. */
  readonly text: string;
  readonly patterns: readonly PatternFilter[];
  /** What reads fields out of the lines. */
  readonly parser: Parser | '';
  readonly terms: readonly Term[];
}

/** Lines that are of a pattern (`<_>` stands for anything), or are not. */
export interface PatternFilter {
  readonly op: '|>' | '!>';
  readonly pattern: string;
}

export type Parser = 'json' | 'logfmt';

export const NO_FILTERS: Filters = {
  services: [],
  levels: [],
  text: '',
  patterns: [],
  parser: '',
  terms: [],
};

/** The levels of a line, the most urgent first, as `detected_level` names them. */
export const LEVELS = ['fatal', 'critical', 'error', 'warn', 'info', 'debug', 'trace', 'unknown'] as const;

const SERVICE = 'service_name';
const LEVEL = 'detected_level';

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Texts as one anchored pattern; null where a pattern would be more than alternatives. */
function alternatives(values: readonly string[]): string {
  return values.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
}

function oneOf(name: string, values: readonly string[]): string {
  const [first = ''] = values;
  return values.length === 1 ? `${name}=${quoted(first)}` : `${name}=~${quoted(alternatives(values))}`;
}

/** The LogQL of the filters: services choose the streams, then text and patterns, the parser, levels and the other terms. */
export function queryOf({ services, levels, text, patterns, parser, terms }: Filters): string {
  const selector = services.length === 0 ? `${SERVICE}=~".+"` : oneOf(SERVICE, services);
  return [
    `{${selector}}`,
    ...(text === '' ? [] : [`|= ${quoted(text)}`]),
    ...patterns.map(({ op, pattern }) => `${op} ${quoted(pattern)}`),
    ...(parser === '' ? [] : [`| ${parser}`]),
    ...(levels.length === 0 ? [] : [`| ${oneOf(LEVEL, levels)}`]),
    ...terms.map(({ name, op, value }) => `| ${name}${op}${quoted(value)}`),
  ].join(' ');
}

/** The selector of one stream by all its labels. */
export function selectorOf(stream: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(stream).map(([name, value]) => `${name}=${quoted(value)}`);
  return `{${matchers.join(', ')}}`;
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const SHAPE = new RegExp(
  String.raw`^\{\s*service_name\s*(=~|=)\s*(${STRING})\s*\}((?:\s*\|=\s*${STRING})?)((?:\s*(?:\|>|!>)\s*${STRING})*)((?:\s*\|\s*(?:json|logfmt)(?=\s*(?:\||$)))?)((?:\s*\|\s*[A-Za-z_]\w*\s*(?:=~|!=|=)\s*${STRING})*)\s*$`,
);
const PATTERN = new RegExp(String.raw`(\|>|!>)\s*(${STRING})`, 'g');
const STAGE = new RegExp(String.raw`\|\s*([A-Za-z_]\w*)\s*(=~|!=|=)\s*(${STRING})`, 'g');

/** The text of a double-quoted string; null where it has an escape that only Go knows. */
function textOf(literal: string): string | null {
  try {
    const text: unknown = JSON.parse(literal);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

/** The texts of an anchored pattern of plain alternatives; null where it is more than that. */
function valuesOf(op: string, text: string): readonly string[] | null {
  if (op === '=') return [text];
  const values: string[] = [''];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '|') {
      values.push('');
      continue;
    }
    if (sign !== '\\' && /[\^$.*+?()[\]{}]/.test(sign)) return null;
    if (sign === '\\') at++;
    const plain = text[at] ?? '';
    // \d and its like are classes, not the letter.
    if (sign === '\\' && !/[\\^$.*+?()[\]{}|]/.test(plain)) return null;
    values.push(`${values.pop() ?? ''}${plain}`);
  }
  return values.length > 1 && values.every((value) => value !== '') ? values : null;
}

/**
 * The filters that a query stands for; null where it says more than they can, so that nobody's LogQL is rewritten into something else:
 * what comes back always means the same as the query.
 */
export function filtersOf(query: string): Filters | null {
  const shape = SHAPE.exec(query.trim());
  if (shape === null) return null;
  const [, op = '', selected = '', search = '', lines = '', parsing = '', stages = ''] = shape;
  const named = textOf(selected);
  const text = search === '' ? '' : textOf(search.slice(search.indexOf('"')));
  if (named === null || text === null || (search !== '' && text === '')) return null;
  const services = op === '=~' && named === '.+' ? [] : valuesOf(op, named);
  if (services === null || services.includes('')) return null;
  const patterns = patternsOf(lines);
  const rest = termsOf(stages);
  if (rest === null || patterns === null) return null;
  return { services, text, patterns, parser: parserOf(parsing), ...rest };
}

function parserOf(stage: string): Filters['parser'] {
  if (stage.includes('json')) return 'json';
  return stage.includes('logfmt') ? 'logfmt' : '';
}

function patternsOf(text: string): readonly PatternFilter[] | null {
  const patterns: PatternFilter[] = [];
  for (const [, op, literal = ''] of text.matchAll(PATTERN)) {
    const pattern = textOf(literal);
    if (pattern === null) return null;
    patterns.push({ op: op === '!>' ? '!>' : '|>', pattern });
  }
  return patterns;
}

function termsOf(stages: string): Pick<Filters, 'levels' | 'terms'> | null {
  let levels: readonly string[] = [];
  const terms: Term[] = [];
  for (const [, name = '', op = '', literal = ''] of stages.matchAll(STAGE)) {
    const value = textOf(literal);
    if (value === null) return null;
    if (name === LEVEL && op !== '!=' && levels.length === 0 && terms.length === 0) {
      const found = valuesOf(op, value);
      if (found === null || found.includes('')) return null;
      levels = found;
    } else if (op === '=' || op === '!=') terms.push({ name, op, value });
    else return null;
  }
  return { levels, terms };
}

/** The query with one more condition; one that says the opposite of the same value, or the same, makes room. */
export function withTerm(query: string, term: Term): string {
  const filters = filtersOf(query);
  if (filters === null) return `${query.trimEnd()}\n| ${term.name}${term.op}${quoted(term.value)}`;
  if (term.op === '=' && term.name === SERVICE) return queryOf({ ...filters, services: [term.value] });
  if (term.op === '=' && term.name === LEVEL) return queryOf({ ...filters, levels: [term.value] });
  const others = filters.terms.filter(({ name, value }) => name !== term.name || value !== term.value);
  return queryOf({ ...filters, terms: [...others, term] });
}

/** The query with only the lines of a pattern, or without them. */
export function withPattern(query: string, { op, pattern }: PatternFilter): string {
  const filters = filtersOf(query);
  if (filters === null) return `${query.trimEnd()}\n${op} ${quoted(pattern)}`;
  const others = filters.patterns.filter(
    (other) => other.pattern !== pattern && !(op === '|>' && other.op === op),
  );
  return queryOf({ ...filters, patterns: [...others, { op, pattern }] });
}

/** The query with a condition on a field that a parser reads out of the lines. */
export function withParsed(query: string, parser: Parser, term: Term): string {
  const filters = filtersOf(query);
  return filters === null
    ? withTerm(`${query.trimEnd()}\n| ${parser}`, term)
    : withTerm(queryOf({ ...filters, parser }), term);
}

/** How many lines there are by level in every step of the range. */
export function countQuery(query: string, stepSeconds: number): string {
  return `sum by (${LEVEL}) (count_over_time(${query}\n[${stepSeconds}s]))`;
}

/** Where LogQL stopped understanding, in words and as a place in the text; null for errors without a place. */
export function placeOf(
  message: string,
  query: string,
): { readonly words: string; readonly at: number; readonly reason: string } | null {
  const match = /parse error at line (\d+), col (\d+): (.*)/s.exec(message);
  if (match === null) return null;
  const [, line = '1', column = '1', reason = ''] = match;
  const lines = query.split('\n');
  const above = lines.slice(0, Number(line) - 1).reduce((sum, text) => sum + text.length + 1, 0);
  // The column counts characters, the text code units.
  const characters = Array.from(lines[Number(line) - 1] ?? '');
  const own = characters.slice(0, Number(column) - 1).join('').length;
  const at = Math.min(query.length, above + own);
  const where = at >= query.length ? 'at its end' : `at character ${column}`;
  const row = lines.length > 1 ? ` of line ${line}` : '';
  return { at, reason: reason.trim(), words: `The query cannot be read ${where}${row}` };
}
