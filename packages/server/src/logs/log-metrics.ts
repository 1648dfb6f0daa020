import {
  type LogQueryEngine,
  type LogSample,
  type LogSeries,
  type LogStorage,
  parseExpr,
  selectorsOf,
} from '@pharos/logql';
import { Labels } from '@pharos/promql';
import type { LimitClass } from '../engine/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { QueryGate } from '../kernel/query-gate.ts';
import type { LogsConfig } from './config.ts';
import { logsErrors } from './errors.ts';
import { logQueryEngine } from './query-engine.ts';
import type { LogsTelemetry } from './telemetry.ts';

/** Where a range query is evaluated: from `start` to `end`, every `step`. In ms, times since the Unix epoch. */
interface LogSteps {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/**
 * LogQL's metric queries for rules and their back-tests. Two at a time are answered, all others wait their turn, and none of them takes a
 * place of who looks at lines. An answer is whole or none: without the engine, when only the newest lines are known, they reject. Rejects
 * with a QueryError, with an error of `logsErrors` or of the engine, or with the signal's reason.
 */
export interface LogMetrics {
  /** The samples at a time (epoch ms); a number is one without labels. */
  instant(query: string, time: number, signal: AbortSignal): Promise<readonly LogSample[]>;
  range(query: string, steps: LogSteps, signal: AbortSignal): Promise<readonly LogSeries[]>;
  /**
   * When the streams that a query reads have their first line within a time, whatever it filters lines by, epoch ms: infinity where they have
   * none, undefined for a query that reads no stream.
   */
  firstLine(query: string, within: LogTime, signal: AbortSignal): Promise<number | undefined>;
}

/** Epoch ms, from inclusive, to exclusive. */
interface LogTime {
  readonly from: number;
  readonly to: number;
}

/** The lines of a tenant, for one query; `warnings` says afterwards what it had to leave out. */
type Reader = LogStorage & { readonly warnings: readonly string[] };

interface LogMetricsDeps {
  readonly store: {
    reader(tenant: string, limits: LimitClass): Reader;
    readonly telemetry: Pick<LogsTelemetry, 'queries'>;
  };
  readonly clock: Clock;
  readonly config: LogsConfig;
  readonly tenant: string;
  readonly breathe: () => Promise<void>;
  /** Rules, which ask by themselves again and again, have the engine's background sessions; what a person waits for has those of searches. */
  readonly asker: Asker;
}

type Asker = 'rule' | 'back_test';
const LIMITS: Readonly<Record<Asker, LimitClass>> = { rule: 'background', back_test: 'interactive' };

const MOST_AT_ONCE = 2;

export function createLogMetrics(deps: LogMetricsDeps): LogMetrics {
  const engine = logQueryEngine(deps);
  const door = new CountingDoor(deps);
  return {
    instant: (query, time, signal) => door.ask(signal, (asked) => instant(engine, { query, time }, asked)),
    range: (query, steps, signal) => door.ask(signal, (asked) => range(engine, { query, steps }, asked)),
    firstLine: (query, within, signal) => door.ask(signal, (asked) => firstLine(query, within, asked)),
  };
}

interface Asking {
  readonly storage: LogStorage;
  readonly signal: AbortSignal;
}

async function instant(
  engine: LogQueryEngine,
  { query, time }: { readonly query: string; readonly time: number },
  asking: Asking,
): Promise<readonly LogSample[]> {
  const result = await engine.instant({ query, time: nanos(time), ...asking });
  return result.type === 'vector' ? result.samples : [{ labels: Labels.EMPTY, value: result.value }];
}

async function range(
  engine: LogQueryEngine,
  { query, steps: { start, end, step } }: { readonly query: string; readonly steps: LogSteps },
  asking: Asking,
): Promise<readonly LogSeries[]> {
  const result = await engine.range({
    query,
    start: nanos(start),
    end: nanos(end),
    stepNs: step * 1e6,
    // Of lines, which are none here.
    limit: 1,
    direction: 'forward',
    ...asking,
  });
  if (result.type === 'matrix') return result.series;
  throw logsErrors.make('badQuery', 'the query answers log lines, expected one that answers numbers');
}

/** All lines of their streams count, so the storage needs to find but one of each. */
const ANY_LINE = { lineFilters: [], labelFilters: [], exact: true, limit: 1, linesUnused: true };

async function firstLine(
  query: string,
  { from, to }: LogTime,
  { storage, signal }: Asking,
): Promise<number | undefined> {
  const selectors = selectorsOf(parseExpr(query));
  let first: bigint | undefined;
  for (const { matchers } of selectors) {
    const request = { matchers, start: nanos(from), end: first ?? nanos(to), hints: ANY_LINE };
    for await (const { timestamps } of storage.select({ ...request, direction: 'forward' }, signal))
      for (const time of timestamps) if (first === undefined || time < first) first = time;
  }
  if (selectors.length === 0) return undefined;
  return first === undefined ? Number.POSITIVE_INFINITY : Number(first / MS_NS);
}

/** One query after the other, each with its time and with all lines or none. */
class CountingDoor {
  readonly #deps: LogMetricsDeps;
  readonly #gate = new QueryGate(
    MOST_AT_ONCE,
    (message) => logsErrors.make('tooManyQueries', message),
    Number.POSITIVE_INFINITY,
  );

  constructor(deps: LogMetricsDeps) {
    this.#deps = deps;
  }

  ask<T>(signal: AbortSignal, run: (asking: Asking) => Promise<T>): Promise<T> {
    return this.#gate.run(() => this.#timed(signal, run), signal);
  }

  async #timed<T>(signal: AbortSignal, run: (asking: Asking) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const { store, clock, config, tenant, asker } = this.#deps;
    const { timeout } = config.query;
    const controller = new AbortController();
    const leave = (): void => controller.abort(signal.reason);
    let isLate = false;
    const timer = clock.after(timeout, () => {
      isLate = true;
      controller.abort();
    });
    signal.addEventListener('abort', leave, { once: true });
    const begun = clock.monotonic();
    const storage = store.reader(tenant, LIMITS[asker]);
    try {
      const answer = await run({ storage, signal: controller.signal });
      if (storage.warnings.length === 0) return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (isLate)
        throw logsErrors.make('queryTimeout', `the query took longer than ${timeout} ms`, { cause: error });
      throw error;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', leave);
      store.telemetry.queries.observe({ call: asker }, (clock.monotonic() - begun) / 1000);
    }
    throw logsErrors.make(
      'incomplete',
      'the engine is not available: without it only the lines of the last moments could be counted',
    );
  }
}

const MS_NS = 1_000_000n;

function nanos(ms: number): bigint {
  return BigInt(Math.round(ms)) * MS_NS;
}
