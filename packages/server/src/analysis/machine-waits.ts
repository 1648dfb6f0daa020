import { quantileOf } from '@pharos/promql';
import { isKeptWaiting, TURNS_OF_REQUEST } from '../health/index.ts';
import { type Line, linesBy } from '../overview/index.ts';
import { gridOf, type SignalLines } from './signal-lines.ts';
import type { AnalysisSources, Scope } from './sources.ts';

/** By service: percent of a core that its busiest process took, and the most that a loop of its lagged, s. */
export interface Waits {
  readonly busy: ReadonlyMap<string, Line>;
  readonly lag: ReadonlyMap<string, Line>;
}

const CPU = 'process_cpu_seconds_total';
/** As health measures it: the 90th percentile is that of no single pause. */
const LAG = 'nodejs_eventloop_lag_p90_seconds';

/** What says of services whether they waited for their machine, at the points of their signals. */
export async function readWaits(
  { reader, names, mayHold }: Pick<AnalysisSources, 'reader' | 'names' | 'mayHold'>,
  scope: Scope,
): Promise<Waits> {
  const { tenant, from } = scope;
  const { grid, rate } = gridOf(scope);
  const lines = async (metric: string, query: string): Promise<ReadonlyMap<string, Line>> =>
    mayHold(tenant, metric, from)
      ? linesBy(names, await reader.range(tenant, query, grid), grid, Math.max)
      : new Map<string, Line>();
  const [busy, lag] = await Promise.all([
    lines(CPU, `max by (service, job) (rate(${CPU}[${rate}])) * 100`),
    lines(LAG, `max by (service, job) (max_over_time(${LAG}[${rate}]))`),
  ]);
  return { busy, lag };
}

/**
 * Signals without what services only had to wait for their machine for: where one took too little of a processor in the window to be late by
 * itself, by health's rule, its lag, and requests that were no later than that explains, count as usual.
 */
export function withoutWaits(lines: SignalLines, { busy, lag }: Waits, from: number): SignalLines {
  const { grid } = lines;
  const split = Math.max(0, Math.ceil((from - grid.start) / grid.step));
  const services = new Map(lines.services);
  for (const [service, signals] of lines.services) {
    const cpu = busy.get(service);
    if (cpu === undefined) continue;
    const usual = median(cpu.slice(0, split));
    const waited = cpu.map((value, at) => at >= split && isKeptWaiting(value, usual));
    const { event_loop_lag: late, latency_p95: slow } = signals;
    const turns = lag.get(service) ?? [];
    services.set(service, {
      ...signals,
      ...(late !== undefined && { event_loop_lag: asUsual(late, split, (at) => waited[at] === true) }),
      ...(slow !== undefined && {
        latency_p95: asUsual(
          slow,
          split,
          (at, value) => waited[at] === true && value < TURNS_OF_REQUEST * (turns[at] ?? 0),
        ),
      }),
    });
  }
  return { grid, services };
}

/** A line that is no worse than its past at some of its points. */
function asUsual(line: Line, split: number, isOfMachine: (at: number, value: number) => boolean): Line {
  const usual = median(line.slice(0, split));
  return line.map((value, at) =>
    value === null || usual === null || !isOfMachine(at, value) ? value : Math.min(value, usual),
  );
}

/** Null where nothing is known. */
function median(line: Line): number | null {
  const known = line.filter((value) => value !== null);
  return known.length === 0 ? null : quantileOf(0.5, Float64Array.from(known));
}
