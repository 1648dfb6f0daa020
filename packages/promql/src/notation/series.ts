import { QueryError } from '../errors.ts';
import { HistogramSum } from '../histogram/sum.ts';
import { Labels, METRIC_NAME } from '../labels.ts';
import { Cursor } from '../parse/cursor.ts';
import { stringValue } from '../parse/literals.ts';
import { parseDuration, readDuration } from '../text/duration.ts';
import type { NotedHistogram } from './histogram.ts';
import { readHistogram } from './histogram.ts';

/** A value of a series line, a gap, or a histogram with what it says about itself. */
export type SeriesItem = number | 'stale' | 'gap' | NotedHistogram;

export interface SeriesLine {
  readonly labels: Labels;
  /** The line gives start times for the series, in ms from the time of each sample; `gap` where there is none. */
  readonly startTimes: boolean;
  readonly items: readonly SeriesItem[];
}

/** Reads `name{labels} item item ...` (compat §9.1). Throws a SyntaxError naming what it cannot read. */
export function readSeriesLine(line: string): SeriesLine {
  const { labels, rest } = readMetric(line);
  const startTimes = /^@st(?:\s|$)/.test(rest);
  return startTimes
    ? { labels, startTimes, items: readStarts(rest.slice('@st'.length)) }
    : { labels, startTimes, items: readItems(rest) };
}

/** Reads `name{labels}` and nothing after it; empty for no labels at all. Throws a SyntaxError naming what it cannot read. */
export function readSeriesName(text: string): Labels {
  if (text.trim() === '') return Labels.EMPTY;
  const { labels, rest } = readMetric(text.trim());
  if (rest !== '') throw new SyntaxError(`unexpected ${JSON.stringify(rest)} after ${labels.toString()}`);
  return labels;
}

function readMetric(line: string): { labels: Labels; rest: string } {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? '';
  const map = new Map<string, string>();
  if (name !== '') map.set(METRIC_NAME, name);
  const after = line.slice(name.length).trimStart();
  if (!after.startsWith('{') || after.startsWith('{{')) {
    if (name === '') throw new SyntaxError(`no metric in ${JSON.stringify(line)}`);
    return { labels: Labels.fromMap(map), rest: after.trim() };
  }
  try {
    return { rest: after.slice(readLabels(new Cursor(after, {}), map)).trim(), labels: Labels.fromMap(map) };
  } catch (cause) {
    if (cause instanceof QueryError) throw new SyntaxError(cause.message, { cause });
    throw cause;
  }
}

/** Adds the labels between braces; answers where they end. */
function readLabels(cursor: Cursor, labels: Map<string, string>): number {
  const set = (name: string, value: string): void => {
    if (labels.has(name)) throw new SyntaxError(`label ${JSON.stringify(name)} is there twice`);
    labels.set(name, value);
  };
  cursor.next();
  while (cursor.accept('}') === undefined) {
    const token = cursor.next();
    const isText = token.type === 'string';
    const label = isText ? stringValue(cursor, token) : token.text;
    if (cursor.accept('=') !== undefined)
      set(label, stringValue(cursor, cursor.expect('string', 'label set', 'string')));
    else if (isText) set(METRIC_NAME, label);
    else throw cursor.unexpected('label set', '"="');
    if (cursor.accept(',') !== undefined) continue;
    cursor.expect('}', 'label set', '"}"');
    break;
  }
  return cursor.lastEnd;
}

/** More repetitions than this are a typing mistake, and would fill the memory: a year of samples each four seconds. */
const MOST_ITEMS = 10_000_000;

function repeats(text: string | undefined): number {
  const count = Number(text ?? 0);
  if (count > MOST_ITEMS) throw new SyntaxError(`more than ${MOST_ITEMS} repetitions: ${text}`);
  return count;
}

const HISTOGRAM = /^(\{\{.*?\}\})(?:([+-])(\{\{.*?\}\}))?(?:x(\d+))?(?=\s|$)/;
const NUMBER =
  '(?:(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][+-]?\\d+)?|[iI][nN][fF]|[nN][aA][nN]|(?:\\d+(?:ms|[smhdwy]))+)';
const VALUE = new RegExp(`^([+-]?${NUMBER})(?:([+-]${NUMBER}))?(?:x(\\d+))?$`);

function readItems(text: string): readonly SeriesItem[] {
  const items: SeriesItem[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const histogram = HISTOGRAM.exec(rest);
    const word = histogram?.[0] ?? /^\S+/.exec(rest)?.[0] ?? '';
    for (const item of histogram === null ? readItem(word) : readHistograms(histogram)) items.push(item);
    rest = rest.slice(word.length).trim();
  }
  return items;
}

function readHistograms([, first = '', sign, change, times]: RegExpExecArray): readonly SeriesItem[] {
  const start = readHistogram(first);
  const items = [start];
  const step = change === undefined ? undefined : readHistogram(change).histogram;
  const factor = sign === '-' ? -1 : 1;
  let { histogram } = start;
  for (let i = 0; i < repeats(times); i++) {
    if (step !== undefined) {
      if (histogram.schema > step.schema)
        throw new SyntaxError(`cannot merge from schema ${step.schema} to ${histogram.schema}`);
      const sum = new HistogramSum(histogram);
      if (sum.add(step, factor) === 'incompatible') throw new SyntaxError('histograms do not fit each other');
      histogram = sum.toHistogram(start.histogram.resetHint);
    }
    items.push({ histogram, hintNamed: start.hintNamed });
  }
  return items;
}

/** Start times: `_`, `_xN`, a duration, `dxN`, `d±dxN`; N more of them, as with values. */
function readStarts(text: string): readonly SeriesItem[] {
  const items: SeriesItem[] = [];
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const gap = /^_(?:x(\d+))?$/.exec(word);
    const series = /^([+-]?)(\w+?)(?:([+-])(\w+?))?(?:x(\d+))?$/.exec(word);
    if (gap !== null) {
      for (let i = 0; i < repeats(gap[1] ?? '1'); i++) items.push('gap');
    } else if (series !== null) {
      const [, sign, start = '', changeSign, change, times] = series;
      let ms = (sign === '-' ? -1 : 1) * parseDuration(start);
      const step = change === undefined ? 0 : (changeSign === '-' ? -1 : 1) * parseDuration(change);
      for (let i = 0; i <= repeats(times); i++, ms += step) items.push(ms);
    } else throw new SyntaxError(`no start time: ${JSON.stringify(word)}`);
  }
  return items;
}

function readItem(word: string): readonly SeriesItem[] {
  const gap = /^_(?:x(\d+))?$/.exec(word);
  if (gap !== null) return Array.from({ length: repeats(gap[1] ?? '1') }, () => 'gap' as const);
  const stale = /^stale(?:x(\d+))?$/.exec(word);
  if (stale !== null) return Array.from({ length: repeats(stale[1]) + 1 }, () => 'stale' as const);
  const match = VALUE.exec(word);
  if (match === null) throw new SyntaxError(`no value: ${JSON.stringify(word)}`);
  const start = readNumber(match[1] ?? '');
  const change = match[2] === undefined ? 0 : readNumber(match[2]);
  // As the reference does, the sequence is summed up, not multiplied out.
  const values: number[] = [];
  let value = start;
  for (let i = 0; i <= repeats(match[3]); i++) {
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
