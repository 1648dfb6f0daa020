import { TimedClient } from '../client.ts';
import { costOf } from '../process-cost.ts';
import type { Running } from '../systems/types.ts';
import { median, type Verdict } from '../targets-met.ts';

/** A question in several wordings, so that no answer is one that was asked for before. */
export interface TimedQuery {
  readonly name: string;
  readonly paths: readonly string[];
  /** What is wrong with the answer to the n-th path; null when it is as expected. */
  readonly check: (body: string, at: number) => string | null;
  /** Most ms that the median may be, where there is a goal. */
  readonly goalMs?: number;
}

export interface TimedFigure {
  readonly name: string;
  readonly medianMs: number;
  readonly worstMs: number;
  /** Of server and engine, per question: what a busy machine changes least. */
  readonly cpuMs: number;
  readonly wrong: string | null;
}

/** Asks everything once, in turn, after a first round of other questions that warms the server up. */
export async function timeQueries(
  running: Running,
  warmUp: readonly string[],
  queries: readonly TimedQuery[],
  verdicts: Verdict[],
): Promise<TimedFigure[]> {
  const client = await TimedClient.to(running.url);
  const figures: TimedFigure[] = [];
  try {
    for (const path of warmUp) await client.get(path);
    for (const query of queries) {
      const before = await costOf(running.pid);
      const timed = await measure(client, query);
      const used = (await costOf(running.pid)).cpuSeconds - before.cpuSeconds;
      const figure = { ...timed, cpuMs: (used * 1000) / query.paths.length };
      figures.push(figure);
      const { name, medianMs, worstMs, cpuMs, wrong } = figure;
      console.log(
        `${name.padEnd(60)} ${medianMs.toFixed(1).padStart(8)} ms median, ${worstMs.toFixed(1).padStart(8)} worst, CPU ${cpuMs.toFixed(0).padStart(3)} ms${wrong === null ? '' : `  WRONG: ${wrong}`}`,
      );
      if (wrong !== null) process.exitCode = 1;
      if (query.goalMs !== undefined)
        verdicts.push({ goal: `ms: ${name}`, most: query.goalMs, measured: medianMs });
    }
  } finally {
    client.close();
  }
  return figures;
}

async function measure(
  client: TimedClient,
  { name, paths, check }: TimedQuery,
): Promise<Omit<TimedFigure, 'cpuMs'>> {
  const times: number[] = [];
  let wrong: string | null = null;
  for (const [at, path] of paths.entries()) {
    const { ms, status, body } = await client.get(path);
    times.push(ms);
    wrong ??=
      status === 200 ? check(body.toString(), at) : `status ${status}: ${body.toString().slice(0, 300)}`;
  }
  return { name, medianMs: median(times), worstMs: Math.max(...times), wrong };
}
