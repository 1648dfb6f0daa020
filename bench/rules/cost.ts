import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { SERIES_PER_TARGET, STEP_MS } from '../data.ts';
import { startTargets } from '../ingest-cost.ts';
import { type Cost, costOf } from '../process-cost.ts';
import type { Running, System } from '../systems/types.ts';
import type { Verdict } from '../targets-met.ts';
import { RULES_PER_JOB, ruleFile } from './rules.ts';

/** What evaluating the rules cost in the measured span; a round is one evaluation of all of them. */
export interface RulesCost {
  readonly system: string;
  /** Sum of the durations of all evaluations of a round, in seconds. */
  readonly secondsPerRound: number;
  readonly cpuPerRound: number;
  readonly missed: number;
  readonly failed: number;
  readonly memory: Cost;
  /** Pharos only: evaluations that needed the engine, of all; and how late the latest twentieth of groups began, in seconds at most. */
  readonly engineShare?: number;
  readonly lag?: number;
  /** What the rules made, to be compared. */
  readonly made: Readonly<Record<string, number>>;
}

const JOBS = 100;
/** Rounds before the measured ones: windows fill, alerts pass their `for`, code is compiled. */
const WARM_ROUNDS = 7;

/** The names under which the systems tell of their rules. */
const PREFIX: Readonly<Record<string, string>> = { Prometheus: 'prometheus', Pharos: 'pharos' };

const CHECKS = {
  'firing alerts': 'count(ALERTS{alertstate="firing"})',
  'recorded series': 'count({__name__=~"job(_route)?:.+"})',
} as const;

/** Runs the same rules over the same scraped targets in each system that has rules, one after another. */
export async function rulesCost(
  systems: readonly System[],
  seconds: number,
  verdicts: Verdict[],
): Promise<RulesCost[]> {
  const series = (JOBS * SERIES_PER_TARGET).toLocaleString('en-US');
  const rules = (JOBS * RULES_PER_JOB).toLocaleString('en-US');
  console.log(`\n${rules} rules over ${series} series every ${STEP_MS / 1000} s, for ${seconds} s`);
  const costs: RulesCost[] = [];
  for (const system of systems) {
    if (PREFIX[system.name] === undefined) continue;
    const cost = await measure(system, seconds);
    costs.push(cost);
    console.log(line(cost));
  }
  const [theirs, ours] = ['Prometheus', 'Pharos'].map((name) => costs.find(({ system }) => system === name));
  if (theirs === undefined || ours === undefined) return costs;
  for (const [what, count] of Object.entries(theirs.made))
    console.log(`${what}: ${count} in Prometheus, ${ours.made[what]} in Pharos`);
  verdicts.push(
    {
      goal: "time evaluating 10,000 rules, of Prometheus'",
      most: 1,
      measured: ours.secondsPerRound / theirs.secondsPerRound,
    },
    { goal: 'missed or failed evaluations of 10,000 rules', most: 0, measured: ours.missed + ours.failed },
  );
  return costs;
}

function line({
  system,
  secondsPerRound,
  cpuPerRound,
  missed,
  failed,
  memory,
  engineShare,
  lag,
}: RulesCost): string {
  const own =
    engineShare === undefined
      ? ''
      : `, ${((1 - engineShare) * 100).toFixed(2)} % answered by the head, 95 % of groups at most ${lag ?? 0} s late`;
  return `${system.padEnd(15)} evaluations take ${secondsPerRound.toFixed(2)} s a round, CPU with scraping ${cpuPerRound.toFixed(2)} s a round, ${missed} missed, ${failed} failed, resident ${memory.residentMb.toFixed(0)} MB (anonymous ${memory.anonymousMb.toFixed(0)} MB)${own}`;
}

async function measure(system: System, seconds: number): Promise<RulesCost> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
  const simulator = await startTargets(JOBS);
  const jobs = Array.from({ length: JOBS }, (_, i) => `bench${i}`);
  await mkdir(join(directory, 'rules'));
  await writeFile(join(directory, 'rules', 'bench.yml'), ruleFile(jobs));
  const running = await system.start(directory, configOf(jobs, simulator.port));
  try {
    await systemClock.sleep(WARM_ROUNDS * STEP_MS);
    const before = await lookAt(running);
    const from = performance.now();
    await systemClock.sleep(seconds * 1000);
    const after = await lookAt(running);
    const rounds = (performance.now() - from) / STEP_MS;
    return await costBetween(system, running, { before, after, rounds });
  } finally {
    await running.stop();
    simulator.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function configOf(jobs: readonly string[], port: number): string {
  const interval = `${STEP_MS / 1000}s`;
  const scrapes = jobs.map(
    (job, i) =>
      `  - job_name: ${job}\n    metrics_path: /t/${i}\n    static_configs: [{targets: ['127.0.0.1:${port}']}]`,
  );
  return `global: {scrape_interval: ${interval}, evaluation_interval: ${interval}}
rule_files: ['rules/*.yml']
scrape_configs:
${scrapes.join('\n')}`;
}

interface Look {
  readonly cost: Cost;
  readonly metrics: string;
}

async function lookAt(running: Running): Promise<Look> {
  return { cost: await costOf(running.pid), metrics: await (await fetch(`${running.url}/metrics`)).text() };
}

/** The sum of a metric's samples, of those whose labels hold a text. */
function total({ metrics }: Look, name: string, labels = ''): number {
  return metrics
    .split('\n')
    .filter((text) => (text.startsWith(`${name}{`) || text.startsWith(`${name} `)) && text.includes(labels))
    .reduce((sum, text) => sum + Number(text.slice(text.lastIndexOf(' '))), 0);
}

async function costBetween(
  system: System,
  running: Running,
  { before, after, rounds }: { readonly before: Look; readonly after: Look; readonly rounds: number },
): Promise<RulesCost> {
  const prefix = `${PREFIX[system.name]}_rule`;
  const grown = (name: string, labels = ''): number =>
    total(after, name, labels) - total(before, name, labels);
  const evaluated = grown(`${prefix}_evaluations_total`);
  const expected = rounds * JOBS * RULES_PER_JOB;
  if (evaluated < 0.9 * expected)
    console.log(`${system.name} evaluated ${evaluated} rules of ${Math.round(expected)}`);
  const made: Record<string, number> = {};
  for (const [what, query] of Object.entries(CHECKS)) made[what] = await valueOf(running.url, query);
  return {
    system: system.name,
    secondsPerRound: grown(`${prefix}_evaluation_duration_seconds_sum`) / rounds,
    cpuPerRound: (after.cost.cpuSeconds - before.cost.cpuSeconds) / rounds,
    missed: grown(`${prefix}_group_iterations_missed_total`),
    failed: grown(`${prefix}_evaluation_failures_total`),
    memory: after.cost,
    made,
    ...(system.name === 'Pharos' && {
      engineShare: grown('pharos_metrics_engine_read_duration_seconds_count') / evaluated,
      lag: quantile(0.95, (le) => grown('pharos_rule_group_lag_seconds_bucket', `le="${le}"`)),
    }),
  };
}

const LAG_BOUNDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60] as const;

/** The bound below which this share lies; infinite beyond the last. */
function quantile(share: number, below: (le: string) => number): number {
  const all = below('+Inf');
  return LAG_BOUNDS.find((bound) => below(String(bound)) >= share * all) ?? Number.POSITIVE_INFINITY;
}

async function valueOf(url: string, query: string): Promise<number> {
  const text = await (await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)).text();
  return Number(/"value":\[[^,]+,"([^"]+)"/.exec(text)?.[1] ?? 0);
}
