import type { SeriesItem, SeriesLine } from '../notation/series.ts';
import { readSeriesLine } from '../notation/series.ts';
import { parseDuration } from '../text/duration.ts';
import { unescape } from '../text/quote.ts';

/** The promqltest scripting language (compat §9.1, T-1 to T-6) as data. */
export type Command = { readonly kind: 'clear' } | LoadCommand | EvalCommand;

export interface LoadCommand {
  readonly kind: 'load';
  readonly step: number;
  /** Classic histograms are stored as native ones too (`load_with_nhcb`). */
  readonly withNative: boolean;
  readonly series: readonly SeriesLine[];
}

export interface TextExpectation {
  readonly how: 'any' | 'msg' | 'regex';
  readonly text: string;
}

export interface ExpectedSeries {
  readonly labels: SeriesLine['labels'];
  readonly items: readonly SeriesItem[];
}

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly query: string;
  /** Instant when start equals end and `step` is 0. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly ordered: boolean;
  readonly fail: TextExpectation | undefined;
  readonly warns: readonly TextExpectation[];
  readonly infos: readonly TextExpectation[];
  readonly noWarn: boolean;
  readonly noInfo: boolean;
  readonly string: string | undefined;
  readonly scalar: number | undefined;
  /** The grid of an expected range vector of an instant query. */
  readonly rangeVector: { readonly start: number; readonly end: number; readonly step: number } | undefined;
  readonly series: readonly ExpectedSeries[];
}

type Draft = { -readonly [K in keyof EvalCommand]: EvalCommand[K] } & {
  warns: TextExpectation[];
  infos: TextExpectation[];
  series: ExpectedSeries[];
};

/** Reads a script; throws a SyntaxError with the line for anything outside the grammar. */
export function readScript(text: string): readonly Command[] {
  const lines = text.split('\n').map((line) => line.trim());
  const blank = (line: string | undefined): boolean =>
    line === undefined || line === '' || line.startsWith('#');
  const commands: Command[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (blank(line)) continue;
    const body: string[] = [];
    const at = i + 1;
    while (!blank(lines[i + 1])) body.push(lines[++i] ?? '');
    try {
      commands.push(...readCommand(line, body, at));
    } catch (cause) {
      throw new SyntaxError(`line ${at}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
  return commands;
}

function readCommand(line: string, body: readonly string[], at: number): readonly Command[] {
  if (/^clear\b/i.test(line))
    return [{ kind: 'clear' }, ...(body[0] === undefined ? [] : readCommand(body[0], body.slice(1), at + 1))];
  const load = /^load(_with_nhcb)?\s+(\S+)$/i.exec(line);
  if (load !== null) {
    const step = parseDuration(load[2] ?? '');
    const withNative = load[1] !== undefined;
    return [{ kind: 'load', step, withNative, series: body.map(readSeriesLine) }];
  }
  return [readEval(line, body, at)];
}

const INSTANT = /^eval(_fail|_warn|_ordered|_info)?\s+instant\s+(?:at\s+(\S+)\s+)?(.*)$/i;
const RANGE = /^eval(_fail|_warn|_info)?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.*)$/i;

type Header = Pick<EvalCommand, 'query' | 'start' | 'end' | 'step'> & { readonly suffix: string };

function readHeader(line: string): Header {
  const range = RANGE.exec(line);
  if (range !== null) {
    const [start, end, step] = [range[2], range[3], range[4]].map((part) => parseDuration(part ?? ''));
    return {
      suffix: range[1] ?? '',
      query: range[5] ?? '',
      start: start ?? 0,
      end: end ?? 0,
      step: step ?? 0,
    };
  }
  const instant = INSTANT.exec(line);
  if (instant === null) throw new SyntaxError(`no command: ${JSON.stringify(line)}`);
  const at = parseDuration(instant[2] ?? '0');
  return { suffix: instant[1] ?? '', query: instant[3] ?? '', start: at, end: at, step: 0 };
}

function readEval(line: string, body: readonly string[], at: number): EvalCommand {
  const { suffix, ...header } = readHeader(line);
  const expects = (word: string): TextExpectation[] =>
    suffix.toLowerCase() === word ? [{ how: 'any', text: '' }] : [];
  const draft: Draft = {
    kind: 'eval',
    line: at,
    ...header,
    ordered: suffix.toLowerCase() === '_ordered',
    fail: expects('_fail')[0],
    warns: expects('_warn'),
    infos: expects('_info'),
    noWarn: false,
    noInfo: false,
    string: undefined,
    scalar: undefined,
    rangeVector: undefined,
    series: [],
  };
  for (const text of body) readExpectation(draft, text);
  if (draft.noWarn && draft.warns.length > 0) throw new SyntaxError('expects both a warning and none');
  if (draft.noInfo && draft.infos.length > 0) throw new SyntaxError('expects both an info and none');
  if (draft.string === undefined && draft.rangeVector === undefined && header.step === 0) {
    const long = draft.series.find(({ items }) => items.length !== 1);
    if (long !== undefined)
      throw new SyntaxError(`an instant evaluation expects one value for ${long.labels.toString()}`);
  }
  return draft;
}

function readExpectation(draft: Draft, text: string): void {
  const legacy = /^expected_fail_(message|regexp)\s+(.*)$/.exec(text);
  if (legacy !== null) {
    draft.fail = { how: legacy[1] === 'message' ? 'msg' : 'regex', text: (legacy[2] ?? '').trim() };
  } else if (/^expect\s/.test(text)) {
    readExpectLine(draft, text.replace(/^expect\s+/, ''));
  } else if (/^[+-]?(?:[\d.]|inf|nan)\S*$/i.test(text)) {
    const [item] = readSeriesLine(`x ${text}`).items;
    draft.scalar = typeof item === 'number' ? item : Number.NaN;
  } else {
    const { labels, items } = readSeriesLine(text);
    draft.series.push({ labels, items });
  }
}

function readExpectLine(draft: Draft, text: string): void {
  const range = /^range vector from (\S+) to (\S+) step (\S+)$/.exec(text);
  if (range !== null) {
    const [start, end, step] = [range[1], range[2], range[3]].map((part) => parseDuration(part ?? ''));
    draft.rangeVector = { start: start ?? 0, end: end ?? 0, step: step ?? 1 };
    return;
  }
  const string = /^string\s+(.*)$/s.exec(text);
  if (string !== null) {
    const quoted = string[1] ?? '';
    const result = unescape(quoted.slice(1, -1), quoted[0] ?? '"');
    if (!result.ok) throw new SyntaxError(result.reason);
    draft.string = result.value;
    return;
  }
  const match = /^(ordered|fail|warn|no_warn|info|no_info)(?:\s+(msg|regex)\s*:\s*(.*))?$/s.exec(text);
  if (match === null) throw new SyntaxError(`no expectation: ${JSON.stringify(text)}`);
  const how = match[2] === 'msg' ? 'msg' : match[2] === 'regex' ? 'regex' : 'any';
  applyExpectation(draft, match[1] ?? '', { how, text: (match[3] ?? '').trim() });
}

function applyExpectation(draft: Draft, kind: string, expectation: TextExpectation): void {
  if (kind === 'ordered') draft.ordered = true;
  else if (kind === 'fail') draft.fail = expectation;
  else if (kind === 'warn') draft.warns.push(expectation);
  else if (kind === 'info') draft.infos.push(expectation);
  else if (kind === 'no_warn') draft.noWarn = true;
  else draft.noInfo = true;
}

/** How many evaluations a script holds, also one that cannot be read. */
export function countEvaluations(text: string): number {
  return text.split('\n').filter((line) => /^\s*eval/i.test(line)).length;
}
