import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { difference, type Points, pointsOf } from './answers.ts';
import { TimedClient } from './client.ts';
import { type Dataset, STEP_MS, seriesOf } from './data.ts';
import { type BenchQuery, QUERIES } from './queries.ts';
import type { Running, System } from './systems/types.ts';
import { geometricMean, median, type Verdict } from './targets-met.ts';

/** One query on one data set: each system's median in ms, in the systems' order (Prometheus, VictoriaMetrics, Pharos). */
export interface QueryFigure {
  readonly dataset: string;
  readonly name: string;
  readonly kind: BenchQuery['kind'];
  readonly ms: readonly number[];
  /** Per system after the first: what differs from Prometheus' answer, or null. */
  readonly differs: readonly (string | null)[];
}

export interface QueryCost {
  readonly figures: readonly QueryFigure[];
  readonly bytesPerSample: readonly number[];
}

/** Queries of a data set: windows, step and edges such that no sample lies on the edge of any window. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly stepSeconds: number;
  readonly short: string;
  readonly long: string;
}

/** Prometheus 2's ranges are closed and Pharos' left-open: samples lie 7 s, evaluations 3 s off the whole minute. */
const SAMPLE_OFFSET_MS = 7_000;
const EVALUATION_OFFSET_MS = 3_000;
/** Tiny queries are asked more often, until this time is spent on one. */
const MOST_TURNS = 41;
const ENOUGH_MS = 600;
const WARM_TURNS = 100;
/** A query of some milliseconds is asked some eighty times: a process that compiles as it runs still gains from the twentieth to the fortieth. */
const WARM_MS = 600;

export function windowOf(dataset: Dataset, start: number): Window {
  const to = start + EVALUATION_OFFSET_MS + dataset.steps * STEP_MS;
  const hour = dataset.steps >= 120;
  const from = start + EVALUATION_OFFSET_MS + (hour ? 960_000 : 195_000);
  return { from, to, stepSeconds: hour ? 60 : 15, short: hour ? '5m' : '1m', long: hour ? '10m' : '2m' };
}

export function pathOf(
  { kind, query }: BenchQuery,
  window: Window,
  uncached: Readonly<Record<string, string>>,
): string {
  const text = query.replaceAll('[W]', `[${window.short}]`).replace(/\[L\b/g, `[${window.long}`);
  const seconds = { start: String(window.from / 1000), end: String(window.to / 1000) };
  const match: Record<string, string> = query === '' ? {} : { 'match[]': text };
  const params: Record<BenchQuery['kind'], readonly [string, Record<string, string>]> = {
    instant: ['query', { query: text, time: seconds.end }],
    range: ['query_range', { query: text, ...seconds, step: String(window.stepSeconds) }],
    series: ['series', { ...match, ...seconds }],
    labels: ['labels', { ...match, ...seconds }],
    values: ['label/__name__/values', { ...match, ...seconds }],
  };
  const [path, own] = params[kind];
  return `/api/v1/${path}?${new URLSearchParams({ ...own, ...uncached }).toString()}`;
}

async function measure(
  query: BenchQuery,
  systems: readonly System[],
  clients: readonly TimedClient[],
  window: Window,
  runs: number,
): Promise<Omit<QueryFigure, 'dataset'>> {
  const paths = systems.map((system) => pathOf(query, window, system.uncached));
  const times: number[][] = systems.map(() => []);
  const answers: Points[] = [];
  for (const [i, client] of clients.entries())
    answers.push(pointsOf((await client.get(paths[i] ?? '')).body, query.query));
  const [expected, ...others] = answers;
  const differs = others.map((found) => difference(expected ?? new Map(), found) ?? null);
  await warmUp(clients, paths);
  let spent = 0;
  for (let turn = 0; turn < runs || (turn < MOST_TURNS && spent < ENOUGH_MS); turn++) {
    for (const [i, client] of clients.entries()) {
      const { ms } = await client.get(paths[i] ?? '');
      spent += ms;
      times[i]?.push(ms);
    }
  }
  return { name: query.name, kind: query.kind, ms: times.map(median), differs };
}

/** Nobody's first answers count: who compiles as it runs needs some, and a page cache too. */
async function warmUp(clients: readonly TimedClient[], paths: readonly string[]): Promise<void> {
  for (const [i, client] of clients.entries()) {
    let spent = 0;
    for (let turn = 0; turn < WARM_TURNS && spent < WARM_MS; turn++)
      spent += (await client.get(paths[i] ?? '')).ms;
  }
}

const unexpected = (query: BenchQuery, system: System | undefined, differs: string | null): boolean =>
  differs !== null && !(system?.name === 'VictoriaMetrics' && query.victoriaDiffers !== undefined);

function row(figure: Omit<QueryFigure, 'dataset'>, query: BenchQuery, systems: readonly System[]): string {
  const { ms, differs } = figure;
  const ours = ms.at(-1) ?? 0;
  const columns = ms.map((one) => one.toFixed(2).padStart(15)).join(' ');
  const ratios = ms
    .slice(0, -1)
    .map((one) => (ours / one).toFixed(2).padStart(6))
    .join(' ');
  const notes = differs.map((text, i) => {
    const name = systems[i + 1]?.name ?? '';
    if (text === null) return `${name} equal`;
    return unexpected(query, systems[i + 1], text) ? `${name} DIFFERS: ${text}` : `${name} differs by design`;
  });
  return `${`${query.kind}: ${query.name}`.padEnd(36)} ${columns} ${ratios}  ${notes.join(', ')}`;
}

export async function queryCost(
  systems: readonly System[],
  dataset: Dataset,
  runs: number,
): Promise<QueryCost> {
  const whole = Math.floor((Date.now() - 2.5 * 3_600_000) / 60_000) * 60_000;
  const window = windowOf(dataset, whole);
  const directories: string[] = [];
  const running: Running[] = [];
  const clients: TimedClient[] = [];
  const figures: QueryFigure[] = [];
  const bytesPerSample: number[] = [];
  try {
    for (const system of systems) {
      const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
      directories.push(directory);
      await system.load(directory, dataset, whole + SAMPLE_OFFSET_MS);
      running.push(await system.start(directory, 'scrape_configs: []'));
    }
    console.log(
      `\n${dataset.name}: median ms of each query, ratio of Pharos to each peer, answers compared with Prometheus'`,
    );
    console.log(`${''.padEnd(36)} ${systems.map(({ name }) => name.padStart(15)).join(' ')}`);
    for (const { url } of running) clients.push(await TimedClient.to(url));
    for (const query of QUERIES.filter(({ name }) => name.includes(process.env['BENCH_QUERY'] ?? ''))) {
      const figure = await measure(query, systems, clients, window, runs);
      figures.push({ dataset: dataset.name, ...figure });
      console.log(row(figure, query, systems));
      if (figure.differs.some((text, i) => unexpected(query, systems[i + 1], text))) process.exitCode = 1;
    }
    for (const client of clients.splice(0)) client.close();
    await Promise.all(running.splice(0).map((one) => one.stop()));
    for (const [i, system] of systems.entries())
      bytesPerSample.push(
        (await system.compactedBytes(directories[i] ?? '')) / (seriesOf(dataset) * dataset.steps),
      );
    console.log(
      `bytes per sample, compacted, series included: ${systems.map(({ name }, i) => `${name} ${bytesPerSample[i]?.toFixed(2)}`).join(', ')}`,
    );
  } finally {
    await Promise.all(running.map((one) => one.stop()));
    for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
  return { figures, bytesPerSample };
}

const OVER_MS = 20;

/** The goals of issue 3 on queries and disk. */
export function queryVerdicts(systems: readonly System[], costs: readonly QueryCost[]): Verdict[] {
  const figures = costs.flatMap(({ figures: each }) => each);
  const peer = (name: string): number => systems.findIndex((system) => system.name === name);
  const ratioTo = (name: string) => (figure: QueryFigure) =>
    (figure.ms.at(-1) ?? Number.NaN) / (figure.ms[peer(name)] ?? Number.NaN);
  const worst = (of: readonly QueryFigure[]): { measured: number; of: string } => {
    const [first] = of.toSorted((a, b) => ratioTo('Prometheus')(b) - ratioTo('Prometheus')(a));
    if (first === undefined) return { measured: 0, of: 'no such query' };
    return { measured: ratioTo('Prometheus')(first), of: `${first.dataset}, ${first.kind}: ${first.name}` };
  };
  const slow = figures.filter(({ ms }) => (ms[peer('Prometheus')] ?? 0) > OVER_MS);
  const mean = (name: string): number => geometricMean(figures.map(ratioTo(name)));
  const verdicts: Verdict[] = [
    {
      goal: `worst ratio to Prometheus of ${slow.length} queries over ${OVER_MS} ms`,
      most: 0.33,
      ...worst(slow),
    },
    { goal: `worst ratio to Prometheus of all ${figures.length} queries`, most: 3, ...worst(figures) },
    { goal: "geometric mean of all, of Prometheus'", most: 0.7, measured: mean('Prometheus') },
  ];
  const victoria = peer('VictoriaMetrics');
  if (victoria < 0) return verdicts;
  verdicts.push({
    goal: "geometric mean of all, of VictoriaMetrics'",
    most: 0.8,
    measured: mean('VictoriaMetrics'),
  });
  for (const [i, { bytesPerSample }] of costs.entries())
    verdicts.push({
      goal: "bytes per sample, of VictoriaMetrics'",
      most: 1,
      measured: (bytesPerSample.at(-1) ?? Number.NaN) / (bytesPerSample[victoria] ?? Number.NaN),
      of: figures.find((figure) => figure.dataset === costs[i]?.figures[0]?.dataset)?.dataset ?? '',
    });
  return verdicts;
}
