import { Labels } from '@pharos/promql';
import { unescape } from '@pharos/promql/vectors';
import { parseGoDuration } from '../text/go-duration.ts';

/** compat §9.3: the commands of a `.logqltest` script. Times are ns after the epoch of the scripts. */
export type Command =
  | { readonly kind: 'clear' }
  | { readonly kind: 'load'; readonly entries: readonly LoadedEntry[] }
  | EvalCommand;

interface LoadedEntry {
  readonly labels: Labels;
  readonly metadata: Labels;
  readonly timeNs: number;
  readonly line: string;
}

export interface ExpectedSeries {
  readonly labels: Labels;
  /** Undefined is a gap. */
  readonly points: readonly (number | undefined)[];
}

interface TextExpectation {
  readonly how: 'any' | 'msg' | 'regex';
  readonly text: string;
}

export interface EvalCommand {
  readonly kind: 'eval';
  /** Of the header, from 1. */
  readonly line: number;
  readonly query: string;
  readonly startNs: number;
  readonly endNs: number;
  /** 0 for an instant evaluation. */
  readonly stepNs: number;
  readonly ordered: boolean;
  readonly empty: boolean;
  readonly fail: TextExpectation | undefined;
  readonly scalar: number | undefined;
  readonly series: readonly ExpectedSeries[];
}

/** Reads a script; throws a SyntaxError with the line for anything outside the grammar. */
export function readScript(text: string): readonly Command[] {
  const lines = text.split('\n');
  const commands: Command[] = [];
  for (let i = 0; i < lines.length; i++) {
    const header = withoutComment(lines[i] ?? '');
    if (header === '') continue;
    const at = i + 1;
    const body: string[] = [];
    // A block goes on while lines are indented; comments between are passed over.
    while (i + 1 < lines.length && /^(?:\s+\S|#)/.test(lines[i + 1] ?? '')) {
      const next = lines[i + 1] ?? '';
      if (next.startsWith('#') && !continues(lines, i + 2)) break;
      i++;
      const line = withoutComment(next);
      if (line !== '') body.push(line);
    }
    try {
      commands.push(readCommand(header, body, at));
    } catch (cause) {
      throw new SyntaxError(`line ${at}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
  return commands;
}

/** Whether the next line that is no comment belongs to the block. */
function continues(lines: readonly string[], from: number): boolean {
  let at = from;
  while (/^\s*#/.test(lines[at] ?? '')) at++;
  return /^\s+\S/.test(lines[at] ?? '');
}

/** A line without what follows a `#` that stands outside quotes. */
function withoutComment(line: string): string {
  let mark = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? '';
    if (mark === '') {
      if (char === '#') return line.slice(0, i).trim();
      if (char === '"' || char === '`') mark = char;
    } else if (char === '\\' && mark === '"') i++;
    else if (char === mark) mark = '';
  }
  return line.trim();
}

function readCommand(header: string, body: readonly string[], at: number): Command {
  if (header === 'clear') return { kind: 'clear' };
  if (header === 'load') return { kind: 'load', entries: body.flatMap(readLoadLine) };
  return readEval(header, body, at);
}

function readDuration(text: string): number {
  const result = parseGoDuration(text);
  if (!result.ok) throw new SyntaxError(result.reason);
  return result.value;
}

/** Label pairs in any order, braces left out; labels without a value count. */
function readPairs(text: string): Labels {
  const pairs: (readonly [string, string])[] = [];
  const pattern = /\s*([a-zA-Z_][\w]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const match = pattern.exec(text);
    if (match === null) throw new SyntaxError(`no labels: ${text}`);
    const value = unescape(match[2] ?? '', '"');
    if (!value.ok) throw new SyntaxError(value.reason);
    pairs.push([match[1] ?? '', value.value]);
  }
  return Labels.fromSortedPairs(pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat());
}

const LOAD = /^\{(.*?)\}\s+(?:"([^"]*)"|`([^`]*)`)\s+@\s*(\S+?)(?:\s+\[(.*)\])?\s*$/;

function readLoadLine(text: string): readonly LoadedEntry[] {
  const match = LOAD.exec(text);
  if (match === null) throw new SyntaxError(`no entry: ${text}`);
  const [, selector = '', quoted, raw, at = '', extra = ''] = match;
  const line = quoted ?? raw ?? '';
  const all = readPairs(selector);
  // A stream has no labels without a value: they are dropped when it is written.
  const labels = Labels.fromMap(all.toMap());
  let every = 0;
  let count = 1;
  let metadata = Labels.EMPTY;
  for (const part of extra.split(/\]\s*\[/)) {
    if (part === '') continue;
    const repeat = /^repeat\s+every\s+(\S+)\s+for\s+(\d+)$/.exec(part.trim());
    const pairs = /^metadata\s+(.*)$/.exec(part.trim());
    if (repeat !== null) {
      every = readDuration(repeat[1] ?? '');
      count = Number(repeat[2]);
    } else if (pairs !== null) metadata = readPairs(pairs[1] ?? '');
    else throw new SyntaxError(`no modifier: [${part}]`);
  }
  const first = readDuration(at);
  return Array.from({ length: count }, (_, i) => ({
    labels,
    metadata,
    timeNs: first + i * every,
    line: line.replaceAll('{{.i}}', String(i)),
  }));
}

const INSTANT = /^eval instant at (\S+) (.*)$/s;
const RANGE = /^eval range from (\S+) to (\S+) step (\S+) (.*)$/s;

type Draft = { -readonly [K in keyof EvalCommand]: EvalCommand[K] } & { series: ExpectedSeries[] };

function readHeader(header: string): Pick<EvalCommand, 'query' | 'startNs' | 'endNs' | 'stepNs'> {
  const range = RANGE.exec(header);
  if (range !== null) {
    const [, from = '', to = '', step = '', query = ''] = range;
    return { query, startNs: readDuration(from), endNs: readDuration(to), stepNs: readDuration(step) };
  }
  const instant = INSTANT.exec(header);
  if (instant === null) throw new SyntaxError(`no command: ${header}`);
  const at = readDuration(instant[1] ?? '');
  return { query: instant[2] ?? '', startNs: at, endNs: at, stepNs: 0 };
}

function readEval(header: string, body: readonly string[], at: number): EvalCommand {
  const draft: Draft = {
    kind: 'eval',
    line: at,
    ...readHeader(header),
    ordered: false,
    empty: false,
    fail: undefined,
    scalar: undefined,
    series: [],
  };
  for (const text of body) readExpectation(draft, text);
  return draft;
}

function readExpectation(draft: Draft, text: string): void {
  const expect = /^expect (ordered|empty|fail)(?:\s+(msg|regex):\s*(.*))?$/s.exec(text);
  if (expect !== null) {
    if (expect[1] === 'ordered') draft.ordered = true;
    else if (expect[1] === 'empty') draft.empty = true;
    else {
      const how = expect[2] === 'msg' ? 'msg' : expect[2] === 'regex' ? 'regex' : 'any';
      draft.fail = { how, text: expect[3] ?? '' };
    }
    return;
  }
  // Concerns a way of running the reference that is not ours: values are compared here.
  if (text.startsWith('skip values-comparison on ')) return;
  if (text.startsWith('{')) draft.series.push(readSeries(text));
  else draft.scalar = readPoint(text);
}

function readSeries(text: string): ExpectedSeries {
  let mark = false;
  let close = -1;
  for (let i = 0; i < text.length && close === -1; i++) {
    if (text[i] === '\\' && mark) i++;
    else if (text[i] === '"') mark = !mark;
    else if (text[i] === '}' && !mark) close = i;
  }
  if (close === -1) throw new SyntaxError(`no series: ${text}`);
  const points = text
    .slice(close + 1)
    .trim()
    .split(/\s+/)
    .flatMap(readPoints);
  return { labels: readPairs(text.slice(1, close)), points };
}

/** `_`, a number, or `a±bxN`: N+1 numbers. */
function readPoints(text: string): readonly (number | undefined)[] {
  if (text === '_') return [undefined];
  const gaps = /^_x(\d+)$/.exec(text);
  if (gaps !== null) return Array.from({ length: Number(gaps[1]) }, () => undefined);
  const run = /^([+-]?[\d.]+(?:e[+-]?\d+)?)(?:([+-][\d.]+(?:e[+-]?\d+)?))?x(\d+)$/i.exec(text);
  if (run === null) return [readPoint(text)];
  const [, first, step = '0', times] = run;
  return Array.from({ length: Number(times) + 1 }, (_, i) => Number(first) + i * Number(step));
}

function readPoint(text: string): number {
  if (/^[+-]?inf$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) throw new SyntaxError(`no value: ${JSON.stringify(text)}`);
  return value;
}

/** How many evaluations a script holds, also one that cannot be read. */
export function countEvaluations(text: string): number {
  return text.split('\n').filter((line) => /^eval\b/.test(line)).length;
}
