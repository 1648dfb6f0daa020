import { Labels, METRIC_NAME } from '../labels.ts';
import { Cursor } from '../parse/cursor.ts';
import { stringValue } from '../parse/literals.ts';
import { readDuration } from '../text/duration.ts';
import type { TestValue } from './memory-storage.ts';

/** A value of a series line; `histogram` is a native histogram, which this runner counts but cannot load. */
export type SeriesItem = TestValue | 'gap' | 'histogram';

export interface SeriesLine {
  readonly labels: Labels;
  /** The line gives start timestamps for the series, not samples. */
  readonly startTimes: boolean;
  readonly items: readonly SeriesItem[];
}

/** Reads `name{labels} item item ...` (compat §9.1). Throws a SyntaxError naming what it cannot read. */
export function readSeriesLine(line: string): SeriesLine {
  const { labels, rest } = readMetric(line);
  const startTimes = rest.startsWith('@st');
  const text = startTimes ? rest.slice('@st'.length) : rest;
  return { labels, startTimes, items: startTimes ? [] : readItems(text) };
}

function readMetric(line: string): { labels: Labels; rest: string } {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? '';
  const map = new Map<string, string>();
  if (name !== '') map.set(METRIC_NAME, name);
  const after = line.slice(name.length);
  if (!after.startsWith('{') || after.startsWith('{{')) {
    if (name === '') throw new SyntaxError(`no metric in ${JSON.stringify(line)}`);
    return { labels: Labels.fromMap(map), rest: after.trim() };
  }
  const cursor = new Cursor(after, {});
  cursor.next();
  while (cursor.accept('}') === undefined) {
    const token = cursor.next();
    const label = token.type === 'string' ? stringValue(cursor, token) : token.text;
    if (cursor.accept('=') === undefined) map.set(METRIC_NAME, label);
    else map.set(label, stringValue(cursor, cursor.expect('string', 'label set', 'string')));
    if (cursor.accept(',') === undefined) {
      cursor.expect('}', 'label set', '"}"');
      break;
    }
  }
  return { labels: Labels.fromMap(map), rest: after.slice(cursor.lastEnd).trim() };
}

const HISTOGRAM = /^\{\{.*?\}\}(?:[+-]\{\{.*?\}\})?(?:x(\d+))?/;
const NUMBER =
  '(?:(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?|[iI][nN][fF]|[nN][aA][nN]|(?:\\d+(?:ms|[smhdwy]))+)';
const VALUE = new RegExp(`^([+-]?${NUMBER})(?:([+-]${NUMBER}))?(?:x(\\d+))?$`);

function readItems(text: string): readonly SeriesItem[] {
  const items: SeriesItem[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const histogram = HISTOGRAM.exec(rest);
    const word = histogram?.[0] ?? /^\S+/.exec(rest)?.[0] ?? '';
    if (histogram === null) items.push(...readItem(word));
    else for (let i = 0; i <= Number(histogram[1] ?? 0); i++) items.push('histogram');
    rest = rest.slice(word.length).trim();
  }
  return items;
}

function readItem(word: string): readonly SeriesItem[] {
  const gap = /^_(?:x(\d+))?$/.exec(word);
  if (gap !== null) return Array.from({ length: Number(gap[1] ?? 1) }, () => 'gap' as const);
  const stale = /^stale(?:x(\d+))?$/.exec(word);
  if (stale !== null) return Array.from({ length: Number(stale[1] ?? 0) + 1 }, () => 'stale' as const);
  const match = VALUE.exec(word);
  if (match === null) throw new SyntaxError(`no value: ${JSON.stringify(word)}`);
  const start = readNumber(match[1] ?? '');
  const change = match[2] === undefined ? 0 : readNumber(match[2]);
  // As the reference does, the sequence is summed up, not multiplied out.
  const values: number[] = [];
  let value = start;
  for (let i = 0; i <= Number(match[3] ?? 0); i++) {
    values.push(value);
    if (change !== 0) value += change;
  }
  return values;
}

function readNumber(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '').toLowerCase();
  if (body === 'inf') return sign * Number.POSITIVE_INFINITY;
  if (body === 'nan') return Number.NaN;
  const duration = /[a-z]$/.test(body) ? readDuration(body) : undefined;
  return sign * (duration?.ok === true ? duration.ms / 1000 : Number(body));
}
