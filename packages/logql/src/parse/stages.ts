import { checkStage } from '../stages/registry.ts';
import type { Extraction, LabelChoice, LabelFormat, LineFilter, LineFilterTerm, Stage } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { isMatchOperator, parseIp, parseLabelFilter, readMatcher } from './label-filter.ts';

type DraftStage = Stage extends infer S ? (S extends Stage ? Omit<S, 'span'> : never) : never;

const LINE_FILTERS = ['|=', '!=', '|~', '!~', '|>', '!>'] as const;

/** The stages after a selector, up to what is none. `unwrap` stays ahead, with its pipe consumed: told by the answer. */
export function parseStages(cursor: Cursor, stages: Stage[]): 'end' | 'unwrap' {
  for (;;) {
    const filter = LINE_FILTERS.find((op) => cursor.is('operator', op));
    if (filter !== undefined)
      stages.push(checked(cursor, cursor.peek().start, parseLineFilter(cursor, filter)));
    else if (cursor.is('operator', '|')) {
      const { start } = cursor.next();
      if (cursor.is('keyword', 'unwrap')) return 'unwrap';
      const draft = parseStage(cursor);
      stages.push(checked(cursor, start, { ...draft, span: { start, end: cursor.lastEnd } }));
    } else return 'end';
  }
}

/** What cannot be compiled is refused while its place is known. */
function checked(cursor: Cursor, at: number, stage: Stage): Stage {
  cursor.countStages(stage.kind === 'line_filter' ? stage.terms.length : 1);
  cursor.build(at, () => checkStage(stage));
  return stage;
}

function parseLineFilter(cursor: Cursor, op: LineFilter['op']): LineFilter {
  const { start } = cursor.next();
  const terms: LineFilterTerm[] = [];
  do {
    if (cursor.is('function', 'ip')) terms.push({ kind: 'ip', value: parseIp(cursor) });
    else
      terms.push({ kind: 'text', value: cursor.expectString(...(op === '|=' || op === '!=' ? ['ip'] : [])) });
  } while (cursor.accept('keyword', 'or') !== undefined);
  return { kind: 'line_filter', op, terms, span: { start, end: cursor.lastEnd } };
}

function parseStage(cursor: Cursor): DraftStage {
  const token = cursor.peek();
  if (token.type !== 'keyword') {
    if (token.type === 'identifier' || (token.type === 'operator' && token.text === '('))
      return { kind: 'label_filter', filter: parseLabelFilter(cursor) };
    throw cursor.unexpected();
  }
  switch (token.text) {
    case 'json':
      cursor.next();
      return { kind: 'json', extractions: parseExtractions(cursor) };
    case 'logfmt':
      cursor.next();
      return { kind: 'logfmt', ...parseFlags(cursor), extractions: parseExtractions(cursor) };
    case 'regexp':
    case 'pattern':
      cursor.next();
      return { kind: token.text, pattern: cursor.expectString() };
    case 'unpack':
    case 'decolorize':
      cursor.next();
      return { kind: token.text };
    case 'line_format':
      cursor.next();
      return { kind: 'line_format', template: cursor.expectString() };
    case 'label_format':
      cursor.next();
      return { kind: 'label_format', formats: parseFormats(cursor) };
    case 'drop':
    case 'keep':
      cursor.next();
      return { kind: token.text, choices: parseChoices(cursor) };
    default:
      throw cursor.unexpected();
  }
}

function parseFlags(cursor: Cursor): { strict: boolean; keepEmpty: boolean } {
  const flags = { strict: false, keepEmpty: false };
  while (cursor.is('flag')) {
    const { text, start } = cursor.next();
    if (text === '--strict') flags.strict = true;
    else if (text === '--keep-empty') flags.keepEmpty = true;
    else throw cursor.fail(start, `unknown parser flag ${text}, expected --strict or --keep-empty`);
  }
  return flags;
}

function parseExtractions(cursor: Cursor): readonly Extraction[] {
  const extractions: Extraction[] = [];
  if (!cursor.is('identifier')) return extractions;
  do {
    const name = cursor.expectName().raw;
    const expression = cursor.accept('operator', '=') === undefined ? name : cursor.expectString();
    extractions.push({ name, expression });
  } while (cursor.accept('operator', ',') !== undefined);
  return extractions;
}

function parseFormats(cursor: Cursor): readonly LabelFormat[] {
  const formats: LabelFormat[] = [];
  do {
    const name = cursor.expectName().raw;
    cursor.expectSign('=');
    if (cursor.is('string')) formats.push({ kind: 'template', name, template: cursor.expectString() });
    else formats.push({ kind: 'rename', name, source: cursor.expectName('STRING').raw });
  } while (cursor.accept('operator', ',') !== undefined);
  return formats;
}

function parseChoices(cursor: Cursor): readonly LabelChoice[] {
  const choices: LabelChoice[] = [];
  do {
    const name = cursor.expectName().raw;
    const { type, text } = cursor.peek();
    // Also `!=`: behind a name it is a condition, not a filter of lines.
    if (type === 'operator' && isMatchOperator(text)) {
      cursor.next();
      choices.push({ name, matcher: readMatcher(cursor, name, text) });
    } else choices.push({ name, matcher: undefined });
  } while (cursor.accept('operator', ',') !== undefined);
  return choices;
}
