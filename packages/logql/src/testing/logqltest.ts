import type { Labels } from '@pharos/promql';
import { QueryError } from '@pharos/promql';
import { RE2JS } from 're2js';
import { createLogQueryEngine } from '../engine.ts';
import type { LogStorage } from '../storage.ts';
import type { EvalCommand, ExpectedSeries } from './logqltest-script.ts';
import { readScript } from './logqltest-script.ts';
import { MemoryLogStorage } from './memory-storage.ts';

export interface ScriptFailure {
  readonly line: number;
  readonly query: string;
  readonly reason: string;
}

export interface ScriptResult {
  readonly passed: number;
  readonly failed: readonly ScriptFailure[];
}

/** 2026-01-01T00:00:00Z: what the scripts' times are counted from. */
export const EPOCH = 1_767_225_600_000_000_000n;

/** Runs a script of the logqltest language against a memory storage; throws a SyntaxError for one it cannot read. */
export async function runLogqltest(text: string): Promise<ScriptResult> {
  const storage = new MemoryLogStorage();
  const failed: ScriptFailure[] = [];
  let passed = 0;
  for (const command of readScript(text)) {
    if (command.kind === 'clear') storage.clear();
    else if (command.kind === 'load') {
      for (const { labels, metadata, timeNs, line } of command.entries)
        storage.add(labels, EPOCH + BigInt(timeNs), line, metadata);
    } else {
      const reason = await check(storage, command);
      if (reason === undefined) passed++;
      else failed.push({ line: command.line, query: command.query, reason });
    }
  }
  return { passed, failed };
}

interface Point {
  readonly labels: Labels;
  readonly values: readonly (number | undefined)[];
}

export type Answer = { readonly scalar: number } | { readonly series: readonly Point[] };

/** Why an evaluation did not answer as expected; undefined when it did. */
async function check(storage: MemoryLogStorage, command: EvalCommand): Promise<string | undefined> {
  let answer: Answer;
  try {
    answer = await ask(storage, command);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return matchesFailure(command, error.message) ? undefined : `failed: ${error.message}`;
  }
  if (command.fail !== undefined) return `expected to fail: ${command.fail.text}`;
  return compare(command, answer);
}

function matchesFailure({ fail }: EvalCommand, message: string): boolean {
  if (fail === undefined) return false;
  if (fail.how === 'any') return true;
  return fail.how === 'msg' ? message.includes(fail.text) : RE2JS.compile(fail.text).matcher(message).find();
}

export async function ask(storage: LogStorage, command: EvalCommand): Promise<Answer> {
  const engine = createLogQueryEngine();
  const { query, stepNs } = command;
  const start = EPOCH + BigInt(command.startNs);
  if (stepNs === 0) {
    const result = await engine.instant({ query, storage, time: start });
    if (result.type === 'scalar') return { scalar: result.value };
    if (result.time !== start) throw new TypeError(`answered for ${result.time}`);
    return { series: result.samples.map(({ labels, value }) => ({ labels, values: [value] })) };
  }
  const end = EPOCH + BigInt(command.endNs);
  const result = await engine.range({
    query,
    storage,
    start,
    end,
    stepNs,
    limit: 100,
    direction: 'backward',
  });
  if (result.type === 'streams') throw new TypeError('a log query has no series');
  return {
    series: result.series.map(({ labels, values, present }) => ({
      labels,
      values: Array.from(present, (here, k) => (here === 1 ? values[k] : undefined)),
    })),
  };
}

function compare(command: EvalCommand, answer: Answer): string | undefined {
  if ('scalar' in answer) {
    if (command.scalar === undefined) return `got scalar ${answer.scalar}`;
    return close(command.scalar, answer.scalar)
      ? undefined
      : `got scalar ${answer.scalar}, expected ${command.scalar}`;
  }
  if (command.scalar !== undefined) return 'got a vector, expected a scalar';
  if (command.empty && answer.series.length > 0)
    return `expected nothing, got ${answer.series[0]?.labels.toString()}`;
  return compareSeries(command, answer.series);
}

function compareSeries(command: EvalCommand, series: readonly Point[]): string | undefined {
  const expected = new Map(command.series.map((one, place) => [one.labels.key, { one, place }]));
  for (const [place, { labels, values }] of series.entries()) {
    const known = expected.get(labels.key);
    if (known === undefined) return `unexpected ${labels.toString()} ${values.join(' ')}`;
    expected.delete(labels.key);
    if (command.ordered && known.place !== place)
      return `${labels.toString()} at place ${place}, expected ${known.place}`;
    const difference = comparePoints(known.one, values);
    if (difference !== undefined) return `${labels.toString()}: ${difference}`;
  }
  for (const { one } of expected.values())
    if (one.points.some((point) => point !== undefined)) return `missing ${one.labels.toString()}`;
  return undefined;
}

function comparePoints(
  { points }: ExpectedSeries,
  values: readonly (number | undefined)[],
): string | undefined {
  for (let k = 0; k < Math.max(points.length, values.length); k++) {
    const [wanted, got] = [points[k], values[k]];
    if (wanted === undefined ? got !== undefined : got === undefined || !close(wanted, got))
      return `at step ${k}: got ${got}, expected ${wanted}`;
  }
  return undefined;
}

/** Equal up to 1e-9, absolute or relative; NaN equals NaN. */
function close(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  const difference = Math.abs(a - b);
  return difference <= 1e-9 || difference / Math.max(Math.abs(a), Math.abs(b)) <= 1e-9;
}
