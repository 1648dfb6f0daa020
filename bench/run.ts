import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../packages/server/src/kernel/clock.ts';
import { peerBinary } from '../test/support/peers.ts';
import { SERIES, TARGETS } from './data.ts';
import { type Cost, costOf } from './process-cost.ts';
import { pharosSystem, prometheusSystem, type Running, type System } from './systems.ts';

/*
 * `npm run bench`: Pharos and Prometheus from Debian, one after another on the same data, in one run; ratios and medians.
 * Smaller with BENCH_SECONDS (of measured scraping, default 60) and BENCH_RUNS (of each query, default 7).
 */
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 60);
const WARM_SECONDS = 15;
const RUNS = Number(process.env['BENCH_RUNS'] ?? 7);
const STEPS = 240;
const STEP_MS = 15_000;

/** Off the scrape grid, so that Prometheus 2's closed ranges and Pharos' left-open ones hold the same samples. */
const OFF_GRID_MS = 7_000;

const QUERIES: readonly { readonly name: string; readonly query: string }[] = [
  { name: 'one series', query: 'bench_requests_1_total{instance="10.0.0.1:80",route="/api/v1/items/1"}' },
  { name: 'one metric, 100 series', query: 'bench_requests_2_total' },
  { name: 'rate of one metric', query: 'rate(bench_requests_3_total[5m])' },
  { name: 'sum of rates of one metric', query: 'sum by (job) (rate(bench_requests_4_total[5m]))' },
  {
    name: 'sum of rates of ten metrics',
    query: 'sum by (job) (rate({__name__=~"bench_requests_1._total"}[5m]))',
  },
  { name: 'sum of rates of all', query: 'sum by (job) (rate({__name__=~"bench_requests_.*"}[5m]))' },
  {
    name: 'error ratio of all',
    query:
      'sum(rate({__name__=~"bench_requests_.*",status="500"}[5m])) / sum(rate({__name__=~"bench_requests_.*"}[5m]))',
  },
  {
    name: 'max over time of all',
    query: 'max by (instance) (max_over_time({__name__=~"bench_requests_.*"}[10m]))',
  },
  { name: 'top 5 of all', query: 'topk(5, sum by (route) (rate({__name__=~"bench_requests_.*"}[5m])))' },
  { name: 'count by name', query: 'count by (__name__) ({__name__=~"bench_requests_.*"})' },
];

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function scraping(
  system: System,
  port: number,
): Promise<{ readonly cpuPerMillion: number; readonly memory: Cost }> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
  const jobs = Array.from(
    { length: TARGETS },
    (_, i) =>
      `  - job_name: bench${i}\n    scrape_interval: 1s\n    metrics_path: /t/${i}\n    static_configs: [{targets: ['127.0.0.1:${port}']}]`,
  );
  const running = await system.start(directory, `scrape_configs:\n${jobs.join('\n')}`);
  await systemClock.sleep(WARM_SECONDS * 1000);
  const [before, ingestedBefore] = [await costOf(running.pid), await ingested(running)];
  await systemClock.sleep(SECONDS * 1000);
  const [after, ingestedAfter] = [await costOf(running.pid), await ingested(running)];
  await running.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  const samples = ingestedAfter - ingestedBefore;
  return { cpuPerMillion: (after.cpuSeconds - before.cpuSeconds) / (samples / 1e6), memory: after };
}

/** Samples in the store by now, asked the same way of both. */
async function ingested(running: Running): Promise<number> {
  const query = new URLSearchParams({ query: 'sum(count_over_time(bench_requests_0_total[10m]))' });
  const answer = (await (await fetch(`${running.url}/api/v1/query?${query.toString()}`)).json()) as {
    data: { result: { value: [number, string] }[] };
  };
  return Number(answer.data.result[0]?.value[1] ?? 0) * 100;
}

interface Answer {
  readonly ms: number;
  readonly points: Map<string, string>;
}

async function ask(running: Running, query: string, start: number, end: number): Promise<Answer> {
  const body = new URLSearchParams({
    query,
    start: String(start / 1000),
    end: String(end / 1000),
    step: '60',
  });
  const before = performance.now();
  const text = await (await fetch(`${running.url}/api/v1/query_range`, { method: 'POST', body })).text();
  const ms = performance.now() - before;
  const parsed = JSON.parse(text) as {
    data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    error?: string;
  };
  if (parsed.data === undefined) throw new Error(`${query}: ${parsed.error}`);
  const points = new Map<string, string>();
  for (const { metric, values } of parsed.data.result) {
    const key = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const [time, value] of values) points.set(`${key}@${time}`, value);
  }
  return { ms, points };
}

function sameAnswer(a: Answer, b: Answer): boolean {
  if (a.points.size !== b.points.size) return false;
  for (const [key, value] of a.points) {
    const other = b.points.get(key);
    if (other === undefined) return false;
    const [x, y] = [Number(value), Number(other)];
    if (Math.abs(x - y) > 1e-9 * Math.max(Math.abs(x), Math.abs(y))) return false;
  }
  return true;
}

async function queries(systems: readonly System[]): Promise<void> {
  const start = Math.floor((Date.now() - 3 * 3_600_000) / 60_000) * 60_000;
  const window = { start, stepMs: STEP_MS, steps: STEPS };
  const directories: string[] = [];
  const running: Running[] = [];
  for (const system of systems) {
    const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
    directories.push(directory);
    await system.load(directory, window);
    running.push(await system.start(directory, 'scrape_configs: []'));
  }
  const [end, from] = [start + STEPS * STEP_MS - OFF_GRID_MS, start + 600_000 - OFF_GRID_MS];
  const ratios: number[] = [];
  console.log(`\nrange queries, ${SERIES} series × ${STEPS} points, step 60 s, median of ${RUNS} (ms)`);
  console.log(`${'query'.padEnd(30)} ${systems.map((s) => s.name.padStart(11)).join(' ')}   ratio  answers`);
  for (const { name, query } of QUERIES) {
    const times: number[][] = systems.map(() => []);
    let agree = true;
    for (let turn = 0; turn < RUNS; turn++) {
      const answers = [];
      for (const [i, one] of running.entries()) {
        const answer = await ask(one, query, from, end);
        times[i]?.push(answer.ms);
        answers.push(answer);
      }
      const [a, b] = answers;
      if (a !== undefined && b !== undefined) agree = agree && a.points.size > 0 && sameAnswer(a, b);
    }
    const [theirs, ours] = times.map(median);
    const ratio = (ours ?? 0) / (theirs ?? 1);
    ratios.push(ratio);
    console.log(
      `${name.padEnd(30)} ${times.map((t) => median(t).toFixed(1).padStart(11)).join(' ')} ${ratio.toFixed(2).padStart(7)}  ${agree ? 'equal' : 'DIFFER'}`,
    );
    if (!agree) process.exitCode = 1;
  }
  console.log(
    `geometric mean of the ratios ${Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length).toFixed(2)}`,
  );
  await Promise.all(running.map((one) => one.stop()));
  const bytes: number[] = [];
  for (const [i, system] of systems.entries())
    bytes.push((await system.compactedBytes(directories[i] ?? '')) / (SERIES * STEPS));
  console.log(
    `\nbytes per sample, compacted, series included: ${systems.map((s, i) => `${s.name} ${bytes[i]?.toFixed(2)}`).join(', ')}, ratio ${((bytes[1] ?? 0) / (bytes[0] ?? 1)).toFixed(2)}`,
  );
  for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

const [prometheus, promtool] = [await peerBinary('prometheus'), await peerBinary('promtool')];
if (prometheus.path === null || promtool.path === null) {
  console.log(`bench: nothing to compare with: ${prometheus.reason ?? promtool.reason}`);
  process.exit(0);
}
const systems = [prometheusSystem(prometheus.path, promtool.path), pharosSystem];
const simulator = fork(fileURLToPath(new URL('targets.ts', import.meta.url)), {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const port = await new Promise<number>((resolve) =>
  simulator.stdout?.on('data', (chunk: Buffer) =>
    resolve(Number(/listening (\d+)/.exec(chunk.toString())?.[1])),
  ),
);
console.log(`scraping ${TARGETS} targets, ${SERIES} series each second, for ${SECONDS} s`);
const costs = [];
for (const system of systems) {
  const cost = await scraping(system, port);
  costs.push(cost);
  console.log(
    `${system.name.padEnd(11)} ${cost.cpuPerMillion.toFixed(2)} CPU s per million samples, resident ${cost.memory.residentMb.toFixed(0)} MB (own ${cost.memory.anonymousMb.toFixed(0)} MB)`,
  );
}
console.log(
  `ratio       ${((costs[1]?.cpuPerMillion ?? 0) / (costs[0]?.cpuPerMillion ?? 1)).toFixed(2)} CPU, ${((costs[1]?.memory.residentMb ?? 0) / (costs[0]?.memory.residentMb ?? 1)).toFixed(2)} resident memory`,
);
simulator.disconnect();
await queries(systems);
