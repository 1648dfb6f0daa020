import { writeFile } from 'node:fs/promises';
import { peerBinary } from '../test/support/peers.ts';
import { type BreakerCost, breakerCost } from './breaker/cost.ts';
import type { Dataset } from './data.ts';
import {
  type IngestCost,
  remoteWriteCost,
  scrapeCost,
  startTargets,
  takesRemoteWrite,
} from './ingest-cost.ts';
import { type QueryCost, queryCost, queryVerdicts } from './query-cost.ts';
import { type RulesCost, rulesCost } from './rules/cost.ts';
import { type EventCost, eventCostApart } from './signals/event-cost.ts';
import { type LogCost, logCost } from './signals/log-cost.ts';
import { type TraceCost, traceCost } from './signals/trace-cost.ts';
import { pharosSystem } from './systems/pharos.ts';
import { prometheusSystem } from './systems/prometheus.ts';
import type { System } from './systems/types.ts';
import { victoriaSystem } from './systems/victoria.ts';
import { printVerdicts, type Verdict } from './targets-met.ts';
import { diskAtRest } from './wait.ts';

/*
 * `npm run bench`: Pharos, Prometheus and VictoriaMetrics from Debian, on the same data, in one run; ratios and medians.
 *
 *   BENCH_PARTS    scrape,memory,write,query,rules,logs,traces,events,breaker (default all); logs, traces and events have no peer in Debian or npm
 *   BENCH_SECONDS  of measured scraping, and of measured rules, default 120
 *   BENCH_RUNS     of each query at least, default 7
 *   BENCH_LINES    of the logs part, default 5000000
 *   BENCH_SPANS    of the traces part, default 1000000
 *   BENCH_EVENT_SECONDS  of each load of the events part, default 15
 *   BENCH_DATA     10k,100k (default both)
 *   BENCH_QUERY    only queries whose name holds this text
 *   BENCH_JSON     file for everything measured
 */
const text = (name: string, fallback: string): string => process.env[name] ?? fallback;
const PARTS = new Set(
  text('BENCH_PARTS', 'scrape,memory,write,query,rules,logs,traces,events,breaker').split(','),
);
const SECONDS = Number(text('BENCH_SECONDS', '120'));
const RUNS = Number(text('BENCH_RUNS', '7'));
const LINES = Number(text('BENCH_LINES', '5000000'));
const EVENT_SECONDS = Number(text('BENCH_EVENT_SECONDS', '15'));
const SPANS = Number(text('BENCH_SPANS', '1000000'));

const SIZES = {
  '10k': { name: '10,000 series × 240', targets: 10, steps: 240 },
  '100k': { name: '100,000 series × 20', targets: 100, steps: 20 },
} as const satisfies Record<string, Dataset>;
const chosen = text('BENCH_DATA', '10k,100k').split(',');
const DATASETS = Object.entries(SIZES)
  .filter(([key]) => chosen.includes(key))
  .map(([, dataset]) => dataset);

/** Wordings of each question of the logs and traces parts. */
const SIGNAL_TURNS = 15;

/** Scrapes of the memory part: 100 targets of 1,000 series. */
const MANY_TARGETS = 100;
const MANY_INTERVAL_SECONDS = 10;
const WRITE_ROUNDS = { 10: 100, 100: 20 } as const;
/** Goals on remote write by number of targets: at 10,000 series the fixed costs weigh more. */
const WRITE_GOALS = { 10: 0.5, 100: 0.35 } as const;

interface Measured {
  readonly name: string;
  readonly costs: readonly { readonly system: string; readonly cost: IngestCost }[];
}

async function measureAll(
  name: string,
  systems: readonly System[],
  measure: (system: System) => Promise<IngestCost>,
): Promise<Measured> {
  console.log(`\n${name}`);
  const costs = [];
  for (const system of systems) {
    const cost = await measure(system);
    costs.push({ system: system.name, cost });
    const { residentMb, anonymousMb } = cost.memory;
    console.log(
      `${system.name.padEnd(15)} ${cost.cpuPerMillion.toFixed(2)} CPU s per million samples, resident ${residentMb.toFixed(0)} MB (anonymous ${anonymousMb.toFixed(0)} MB)`,
    );
  }
  return { name, costs };
}

function costIn({ costs }: Measured, system: string): IngestCost {
  const found = costs.find((one) => one.system === system);
  if (found === undefined) throw new Error(`${system} was not measured`);
  return found.cost;
}

const cpuRatio = (measured: Measured): number =>
  costIn(measured, 'Pharos').cpuPerMillion / costIn(measured, 'Prometheus').cpuPerMillion;

async function ingest(systems: readonly System[], verdicts: Verdict[]): Promise<Measured[]> {
  const all: Measured[] = [];
  if (PARTS.has('scrape')) {
    const simulator = await startTargets(10);
    const options = { port: simulator.port, targets: 10, intervalSeconds: 1, seconds: SECONDS };
    const name = `scraping 10 targets, 10,000 series each second, for ${SECONDS} s`;
    const measured = await measureAll(name, systems, (system) => scrapeCost(system, options));
    simulator.stop();
    all.push(measured);
    verdicts.push({ goal: "scrape CPU, of Prometheus'", most: 0.9, measured: cpuRatio(measured) });
  }
  if (PARTS.has('memory')) {
    const simulator = await startTargets(MANY_TARGETS);
    const options = {
      port: simulator.port,
      targets: MANY_TARGETS,
      intervalSeconds: MANY_INTERVAL_SECONDS,
      seconds: SECONDS,
    };
    const name = `scraping 100 targets, 100,000 series every ${MANY_INTERVAL_SECONDS} s, for ${SECONDS} s`;
    const measured = await measureAll(name, systems, (system) => scrapeCost(system, options));
    simulator.stop();
    all.push(measured);
    const ratio =
      costIn(measured, 'Pharos').memory.anonymousMb / costIn(measured, 'Prometheus').memory.residentMb;
    const goal = "anonymous memory with 100,000 active series, of Prometheus' resident memory";
    verdicts.push({ goal, most: 1, measured: ratio });
  }
  if (PARTS.has('write')) all.push(...(await writes(systems, verdicts)));
  return all;
}

async function writes(systems: readonly System[], verdicts: Verdict[]): Promise<Measured[]> {
  const all: Measured[] = [];
  if (!(await takesRemoteWrite(pharosSystem))) {
    console.log('\nremote write: Pharos has no such door yet');
    return all;
  }
  for (const targets of [10, 100] as const) {
    const series = (targets * 1000).toLocaleString('en-US');
    const measured = await measureAll(`remote write, ${series} series`, systems, (system) =>
      remoteWriteCost(system, targets, WRITE_ROUNDS[targets]),
    );
    all.push(measured);
    const goal = `remote-write CPU at ${series} series, of Prometheus'`;
    verdicts.push({ goal, most: WRITE_GOALS[targets], measured: cpuRatio(measured) });
  }
  return all;
}

async function queries(systems: readonly System[], verdicts: Verdict[]): Promise<QueryCost[]> {
  const costs: QueryCost[] = [];
  if (!PARTS.has('query')) return costs;
  for (const dataset of DATASETS) costs.push(await queryCost(systems, dataset, RUNS));
  verdicts.push(...queryVerdicts(systems, costs));
  return costs;
}

function rules(systems: readonly System[], verdicts: Verdict[]): Promise<readonly RulesCost[]> {
  return PARTS.has('rules') ? rulesCost(systems, SECONDS, verdicts) : Promise.resolve([]);
}

/** Loki, Jaeger, VictoriaLogs and their like are in no package registry that this runs with: absolute figures and goals. */
async function signals(
  verdicts: Verdict[],
): Promise<{ logs?: LogCost; traces?: TraceCost; events?: EventCost }> {
  await diskAtRest();
  const logs = PARTS.has('logs') && { logs: await logCost(LINES, SIGNAL_TURNS, verdicts) };
  await diskAtRest();
  const traces = PARTS.has('traces') && { traces: await traceCost(SPANS, SIGNAL_TURNS, verdicts) };
  await diskAtRest();
  const events = PARTS.has('events') && { events: await eventCostApart(EVENT_SECONDS, verdicts) };
  return { ...logs, ...traces, ...events };
}

async function compared(verdicts: Verdict[]) {
  if (!['scrape', 'memory', 'write', 'query', 'rules'].some((part) => PARTS.has(part)))
    return { systems: [] };
  const [prometheus, promtool, victoria] = [
    await peerBinary('prometheus'),
    await peerBinary('promtool'),
    await peerBinary('victoria-metrics'),
  ];
  if (prometheus.path === null || promtool.path === null) {
    console.log(`bench: nothing to compare with: ${prometheus.reason ?? promtool.reason}`);
    return { systems: [] };
  }
  if (victoria.path === null) console.log(`bench: without VictoriaMetrics: ${victoria.reason}`);
  const systems = [
    prometheusSystem(prometheus.path, promtool.path),
    ...(victoria.path === null ? [] : [victoriaSystem(victoria.path)]),
    pharosSystem,
  ];
  return {
    systems: systems.map(({ name }) => name),
    ingest: await ingest(systems, verdicts),
    queries: await queries(systems, verdicts),
    rules: await rules(systems, verdicts),
  };
}

const verdicts: Verdict[] = [];
const breakers: BreakerCost[] = PARTS.has('breaker') ? await breakerCost(RUNS, verdicts) : [];
const measured = { ...(await compared(verdicts)), ...(await signals(verdicts)), breakers };
printVerdicts(verdicts);
const file = process.env['BENCH_JSON'];
if (file !== undefined) await writeFile(file, `${JSON.stringify({ ...measured, verdicts }, null, 1)}\n`);
