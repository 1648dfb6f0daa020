import {
  add,
  FAILED,
  type Grid,
  gridFor,
  type Line,
  linesBy,
  quantileOf,
  REQUESTS,
  rateOf,
  ratioLine,
  SATURATION,
} from '../overview/index.ts';
import { type Deviation, deviationOf, SIGNAL_NAMES, type SignalName } from './deviation.ts';
import type { AnalysisSources, Scope } from './sources.ts';

const POINTS = 300;
/** The past that a window is held against: four times as long, half an hour at least. */
const PAST_TIMES = 4;
const PAST_LEAST_MS = 1_800_000;
const RATE_LEAST_S = 60;

/** The lines of every service that has some, over a window and the past before it. */
export interface SignalLines {
  readonly grid: Grid;
  readonly services: ReadonlyMap<string, Readonly<Partial<Record<SignalName, Line>>>>;
}

export function pastOf({ from, to }: Pick<Scope, 'from' | 'to'>): number {
  return Math.max(PAST_LEAST_MS, PAST_TIMES * (to - from));
}

/** The points of a window and its past, and the range of rates at them, as PromQL writes it. */
export function gridOf({ from, to }: Pick<Scope, 'from' | 'to'>): {
  readonly grid: Grid;
  readonly rate: string;
} {
  const grid = gridFor(to, to - from + pastOf({ from, to }), POINTS);
  return { grid, rate: `${Math.max(RATE_LEAST_S, Math.ceil(grid.step / 1000))}s` };
}

/** Golden signals and resources of the wanted services, from the series that the SDK writes. */
export async function readSignals(
  { reader, names }: Pick<AnalysisSources, 'reader' | 'names'>,
  scope: Scope,
): Promise<SignalLines> {
  const { tenant, keep } = scope;
  const { grid, rate } = gridOf(scope);
  const lines = async (query: string, combine: (a: number, b: number) => number) =>
    linesBy(names, await reader.range(tenant, query, grid), grid, combine);
  const [requests, failed, p95, cpu, memory, lag] = await Promise.all([
    lines(rateOf(REQUESTS, rate), add),
    lines(rateOf(FAILED, rate), add),
    lines(quantileOf(0.95, rate), Math.max),
    lines(SATURATION.cpu, Math.max),
    lines(SATURATION.memory, add),
    lines(SATURATION.loopLag, Math.max),
  ]);
  const services = new Map<string, Partial<Record<SignalName, Line>>>();
  const put = (signal: SignalName, of: ReadonlyMap<string, Line>): void => {
    for (const [service, line] of of) {
      if (!keep(service)) continue;
      const known = services.get(service);
      if (known === undefined) services.set(service, { [signal]: line });
      else known[signal] = line;
    }
  };
  put('request_rate', requests);
  put('error_ratio', new Map([...requests].map(([name, line]) => [name, ratioLine(failed.get(name), line)])));
  put('latency_p95', p95);
  put('cpu_percent', cpu);
  put('memory_mb', memory);
  put('event_loop_lag', lag);
  return { grid, services };
}

/** What of each service was far from its own past in the window; the least likely first. */
export function deviationsIn(
  { grid, services }: SignalLines,
  from: number,
): (Deviation & { readonly service: string })[] {
  const found = [...services].flatMap(([service, signals]) =>
    SIGNAL_NAMES.flatMap((signal) => {
      const line = signals[signal];
      const deviation =
        line === undefined ? null : deviationOf(signal, { line, start: grid.start, step: grid.step }, from);
      return deviation === null ? [] : [{ service, ...deviation }];
    }),
  );
  return found.sort((a, b) => b.score - a.score);
}
