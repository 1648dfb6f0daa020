import type { QueryEngine } from '../engine.ts';
import { createQueryEngine } from '../engine.ts';
import { QueryError } from '../errors.ts';
import { asStored } from '../notation/reset-hints.ts';
import type { SeriesLine } from '../notation/series.ts';
import type { EngineOptions } from '../options.ts';
import type { Expr } from '../parse/ast.ts';
import { walk } from '../parse/ast.ts';
import { parseExpr } from '../parse/parser.ts';
import { formatExpr } from '../parse/printer.ts';
import type { Queryable } from '../storage.ts';
import { nativeFromClassic } from './classic-to-native.ts';
import type { TestSample, TestValue } from './memory-storage.ts';
import { MemoryStorage } from './memory-storage.ts';
import type { Difference } from './promqltest-compare.ts';
import {
  compareAnnotations,
  compareInstant,
  compareRange,
  compareStep,
  matchesText,
} from './promqltest-compare.ts';
import type { Command, EvalCommand, LoadCommand } from './promqltest-script.ts';
import { readScript } from './promqltest-script.ts';

/** A storage a script can fill; `clear` empties it. */
interface LoadableStorage extends Queryable {
  add(labels: SeriesLine['labels'], samples: readonly TestSample[]): void;
  clear(): void;
}

export interface ScriptFailure {
  readonly line: number;
  readonly query: string;
  readonly reason: string;
}

export interface ScriptResult {
  readonly passed: number;
  readonly failed: readonly ScriptFailure[];
}

export interface ScriptSettings {
  readonly storage?: () => LoadableStorage;
  readonly engine?: QueryEngine;
}

/** What the reference runs its scripts with: everything experimental on, names removed at the end, 10,000 samples. */
export const PROMQLTEST_OPTIONS: EngineOptions = {
  experimentalFunctions: true,
  durationExpressions: true,
  extendedRangeSelectors: true,
  fillModifiers: true,
  trimOperators: true,
  startTimestamps: true,
  delayedNameRemoval: true,
};

/** Runs a promqltest script (compat §9.1) and tells which evaluations failed and why. */
export async function runPromqltest(text: string, settings: ScriptSettings = {}): Promise<ScriptResult> {
  const storage = settings.storage?.() ?? new MemoryStorage();
  const engine =
    settings.engine ?? createQueryEngine({ options: PROMQLTEST_OPTIONS, limits: { maxSamples: 10_000 } });
  let loaded: Command[] = [];
  let passed = 0;
  const failed: ScriptFailure[] = [];
  for (const command of readScript(text)) {
    if (command.kind === 'eval') {
      const reason = await runEval(engine, storage, command);
      if (reason === undefined) passed++;
      else failed.push({ line: command.line, query: command.query, reason });
      continue;
    }
    loaded = command.kind === 'clear' ? [] : [...loaded, command];
    storage.clear();
    fill(storage, loaded);
  }
  return { passed, failed };
}

interface Loaded {
  readonly labels: SeriesLine['labels'];
  readonly samples: Map<number, TestValue>;
  /** Start times by the time of the sample. */
  readonly starts: Map<number, number>;
}

/** Loads add up; the same series twice at one time keeps the last (T-2). */
function fill(storage: LoadableStorage, commands: readonly Command[]): void {
  const bySeries = new Map<string, Loaded>();
  for (const command of commands) {
    if (command.kind !== 'load') continue;
    const loaded = loadSeries(command);
    if (command.withNative)
      for (const native of nativeFromClassic(loaded.values()))
        loaded.set(native.labels.key, { ...native, samples: new Map(native.samples), starts: new Map() });
    for (const [key, { labels, samples, starts }] of loaded) {
      const known = bySeries.get(key);
      bySeries.set(key, {
        labels,
        samples: new Map([...(known?.samples ?? []), ...samples]),
        starts: new Map([...(known?.starts ?? []), ...starts]),
      });
    }
  }
  for (const { labels, samples, starts } of bySeries.values()) {
    const inOrder = [...samples].sort(([a], [b]) => a - b);
    const stored = asStored(inOrder.map(([, value]) => (typeof value === 'object' ? value : undefined)));
    storage.add(
      labels,
      inOrder.map(([time, value], i) => [time, stored[i] ?? value, starts.get(time) ?? 0]),
    );
  }
}

function loadSeries(command: LoadCommand): Map<string, Loaded> {
  const loaded = new Map<string, Loaded>();
  for (const { labels, items, startTimes } of command.series) {
    const known = loaded.get(labels.key);
    const samples = new Map<number, TestValue>();
    const starts = new Map<number, number>();
    items.forEach((item, index) => {
      const time = index * command.step;
      if (item === 'gap') return;
      if (startTimes && typeof item === 'number') starts.set(time, time + item);
      else samples.set(time, typeof item === 'object' ? item.histogram : item);
    });
    loaded.set(labels.key, {
      labels,
      samples: startTimes ? (known?.samples ?? samples) : samples,
      starts: startTimes ? starts : (known?.starts ?? starts),
    });
  }
  return loaded;
}

async function runEval(engine: QueryEngine, storage: Queryable, command: EvalCommand): Promise<Difference> {
  try {
    const result =
      command.step === 0
        ? await engine.instant({ query: command.query, queryable: storage, time: command.start })
        : await engine.range({ ...command, queryable: storage });
    if (command.fail !== undefined) return 'expected to fail';
    const difference = 'grid' in result ? compareRange(command, result) : compareInstant(command, result);
    return (
      difference ??
      compareAnnotations('warning', command.warns, command.noWarn, result.warnings) ??
      compareAnnotations('info', command.infos, command.noInfo, result.infos) ??
      (command.step === 0 ? await rerun(engine, storage, command) : undefined)
    );
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (command.fail === undefined) return `failed: ${error.message}`;
    const bare = error.message.replace(/^\d+:\d+: parse error: /, '');
    return matchesText(command.fail, bare) ? undefined : `failed with another message: ${bare}`;
  }
}

/** T-6: the same answer with every selector pinned by `@`, asked at other times, and as a step of a range. */
async function rerun(engine: QueryEngine, storage: Queryable, command: EvalCommand): Promise<Difference> {
  const expr = parseExpr(command.query, PROMQLTEST_OPTIONS);
  const nodes = [...walk(expr)];
  const time = command.start;
  if (!nodes.some(isTimeDependent)) {
    const query = formatExpr(pin(expr, time));
    const times = time === 0 ? [-1000, 0, 1000] : [-10 * time, 0, Math.floor(time / 5), time, 10 * time];
    for (const at of times) {
      const result = await engine.instant({ query, queryable: storage, time: at });
      const difference = compareInstant(command, result);
      if (difference !== undefined) return `pinned, at ${at}: ${difference}`;
    }
  }
  const single = command.ordered || command.string !== undefined || command.rangeVector !== undefined;
  if (single || nodes.some(isGridDependent)) return undefined;
  const range = { start: time - 60_000, end: time + 60_000, step: 60_000 };
  const result = await engine.range({ query: command.query, queryable: storage, ...range });
  return compareStep(command, result, 1);
}

const GRID_FUNCTIONS: ReadonlySet<string> = new Set(['start', 'end', 'step', 'range']);
const TIME_FUNCTIONS: ReadonlySet<string> = new Set([
  ...GRID_FUNCTIONS,
  'time',
  'timestamp',
  'predict_linear',
  'minute',
  'hour',
  'day_of_week',
  'day_of_month',
  'day_of_year',
  'days_in_month',
  'month',
  'year',
]);

function isTimeDependent(node: Expr): boolean {
  return (node.kind === 'call' && TIME_FUNCTIONS.has(node.func)) || isGridDependent(node);
}

function isGridDependent(node: Expr): boolean {
  if (node.kind === 'call') return GRID_FUNCTIONS.has(node.func);
  if (node.kind !== 'vector' && node.kind !== 'subquery' && node.kind !== 'matrix') return false;
  const times = node.kind === 'matrix' ? node.vector : node;
  const durations = node.kind === 'vector' ? [node.offset] : [times.offset, node.range];
  if (times.at?.kind === 'start' || times.at?.kind === 'end') return true;
  return durations
    .concat(node.kind === 'subquery' ? [node.step] : [])
    .some((one) => /"kind":"(?:step|range)"/.test(JSON.stringify(one)));
}

/** Selectors and subqueries without `@` get one; the inside of a subquery keeps its own times. */
function pin(expr: Expr, ms: number): Expr {
  const at = { kind: 'time', ms } as const;
  switch (expr.kind) {
    case 'vector':
    case 'subquery':
      return expr.at === undefined ? { ...expr, at } : expr;
    case 'matrix':
      return expr.vector.at === undefined ? { ...expr, vector: { ...expr.vector, at } } : expr;
    case 'paren':
    case 'unary':
      return { ...expr, expr: pin(expr.expr, ms) };
    case 'binary':
      return { ...expr, left: pin(expr.left, ms), right: pin(expr.right, ms) };
    case 'call':
      return { ...expr, args: expr.args.map((arg) => pin(arg, ms)) };
    case 'aggregate': {
      const param = expr.param === undefined ? undefined : pin(expr.param, ms);
      return { ...expr, expr: pin(expr.expr, ms), param };
    }
    case 'number':
    case 'string':
      return expr;
  }
}
