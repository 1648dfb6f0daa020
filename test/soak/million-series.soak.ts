import { afterAll, describe, expect, it } from 'vitest';
import { type Cost, costOf } from '../../bench/process-cost.ts';
import { median } from '../../bench/targets-met.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { ask } from '../support/client.ts';
import { Fleet } from '../support/fleet.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

/*
 * How long each size is held, in seconds; the sizes in series (thousands each: SOAK_SERIES=10000,100000,1000000).
 */
const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 900);
const SIZES = (process.env['SOAK_SERIES'] ?? '10000,100000,1000000').split(',').map(Number);
/** The largest is held for the whole time, the others only for their place on the curve. */
const CURVE_SECONDS = Math.min(SECONDS, 240);
const LARGEST = Math.max(...SIZES);

const INTERVAL_SECONDS = 60;
/** Every target was asked twice: its series are known, and what made them is over. */
const WARM_SECONDS = 2 * INTERVAL_SECONDS;
const LOOK_EVERY_SECONDS = 10;
/** How long what was answered may take to be stored: the unanswered scrapes time out later, and are stored as failures then. */
const SETTLE_MS = 8_000;
const MOST_MEMORY_MB = 2000;
const MOST_QUERY_MS = 200;

const CONFIG =
  'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nhealth: {poll_scrape_targets: false}\nlog: {level: warn}\nmetrics: {series_limit: 2000000}\n';

interface Held {
  readonly series: number;
  readonly seconds: number;
  /** Scrapes the targets answered, and those whose slot passed without one. */
  readonly answered: number;
  readonly missed: number;
  /** Scrapes that are stored, and the samples of the targets' bodies in them. */
  readonly stored: number;
  readonly samples: number;
  readonly failed: number;
  /** The largest that was seen. */
  readonly memory: Cost;
  /** CPU after warming up: all of it, and of a sample, in microseconds. */
  readonly cpuSeconds: number;
  readonly cpuPerSample: number;
  /** Times of the queries in ms, and those that did not find every series. */
  readonly queries: readonly number[];
  readonly short: number;
}

describe('a million active series', () => {
  const cleanup: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of cleanup.toReversed()) await step();
  });

  it(`loses no scrape in ${SECONDS} s, within ${MOST_MEMORY_MB} MB, and answers within ${MOST_QUERY_MS} ms`, async () => {
    const idle = await idleCost(cleanup);
    const curve: Held[] = [];
    for (const series of SIZES)
      curve.push(await hold(series, series === LARGEST ? SECONDS : CURVE_SECONDS, cleanup));
    print(curve, idle);
    for (const held of curve) {
      expect([held.missed, held.failed, held.short]).toEqual([0, 0, 0]);
      expect(held.stored).toBe(held.answered);
      expect(held.samples).toBe(held.answered * 1000);
      expect(held.memory.residentMb).toBeLessThan(MOST_MEMORY_MB);
      expect(median(held.queries)).toBeLessThan(MOST_QUERY_MS);
    }
  });
});

interface Idle {
  readonly anonymousMb: number;
  /** Of a core. */
  readonly cpu: number;
}

/** What server and engine take when nothing is scraped. */
async function idleCost(cleanup: (() => Promise<unknown>)[]): Promise<Idle> {
  const pharos = await started(`scrape_configs: []\n${CONFIG}`, cleanup);
  await systemClock.sleep(20_000);
  const before = await costOf(pharos.child.pid ?? 0);
  await systemClock.sleep(30_000);
  const after = await costOf(pharos.child.pid ?? 0);
  await pharos.stop();
  return { anonymousMb: after.anonymousMb, cpu: (after.cpuSeconds - before.cpuSeconds) / 30 };
}

async function hold(series: number, seconds: number, cleanup: (() => Promise<unknown>)[]): Promise<Held> {
  const fleet = await Fleet.start(series / 1000);
  cleanup.push(() => fleet.stop());
  const pharos = await started(`${fleet.scrapeConfig(INTERVAL_SECONDS)}${CONFIG}`, cleanup);
  const pid = pharos.child.pid ?? 0;
  const began = performance.now();
  const queries: number[] = [];
  let short = 0;
  let memory: Cost = { cpuSeconds: 0, residentMb: 0, anonymousMb: 0 };
  let warm: { readonly cpuSeconds: number; readonly answered: number } | null = null;
  while (performance.now() - began < seconds * 1000) {
    await systemClock.sleep(LOOK_EVERY_SECONDS * 1000);
    const cost = await costOf(pid);
    if (cost.residentMb > memory.residentMb) memory = cost;
    if (performance.now() - began < Math.min(WARM_SECONDS, seconds / 2) * 1000) continue;
    warm ??= { cpuSeconds: cost.cpuSeconds, answered: fleet.answered };
    const { took, whole } = await queryOne(pharos.url, queries.length % (series / 1000));
    queries.push(took);
    if (!whole) short++;
  }
  const end = await costOf(pid);
  const until = performance.now();
  fleet.fallSilent();
  const { answered } = fleet;
  const stored = await untilStored(pharos.url, answered);
  const cpuSeconds = end.cpuSeconds - (warm?.cpuSeconds ?? 0);
  const samples = (answered - (warm?.answered ?? 0)) * 1000;
  const held = {
    series,
    seconds,
    answered,
    missed: fleet.missed(INTERVAL_SECONDS, until),
    ...stored,
    memory,
    cpuSeconds,
    cpuPerSample: (cpuSeconds / samples) * 1e6,
    queries,
    short,
  };
  await pharos.stop();
  await fleet.stop();
  return held;
}

async function started(config: string, cleanup: (() => Promise<unknown>)[]): Promise<RunningPharos> {
  const pharos = await startPharosProcess({ config });
  cleanup.push(async () => {
    await pharos.stop('SIGKILL');
    await removeData(pharos);
  });
  return pharos;
}

/** Asks for all series of one target by one label: how long that took in ms, and whether all were there. */
async function queryOne(url: string, target: number): Promise<{ took: number; whole: boolean }> {
  const before = performance.now();
  const found = await ask(url, `{instance="t${target}"}`);
  // A thousand of its own, and five about the scrape.
  return { took: performance.now() - before, whole: found.length === 1005 };
}

/** What is stored once the scrapes that were answered are: how many, their samples, and how many failed. */
async function untilStored(
  url: string,
  answered: number,
): Promise<{ stored: number; samples: number; failed: number }> {
  const window = `${Math.ceil(SECONDS + 600)}s`;
  const sum = async (selector: string): Promise<number> =>
    Number((await ask(url, `sum(${selector}[${window}]))`))[0]?.value[1] ?? 0);
  const deadline = performance.now() + SETTLE_MS;
  let stored = await sum('count_over_time(up');
  while (stored < answered && performance.now() < deadline) {
    await systemClock.sleep(200);
    stored = await sum('count_over_time(up');
  }
  const up = await sum('sum_over_time(up');
  const samples = await sum('sum_over_time(scrape_samples_post_metric_relabeling');
  return { stored, samples, failed: stored - up };
}

function print(curve: readonly Held[], idle: Idle): void {
  console.log(
    `idle: ${idle.anonymousMb.toFixed(0)} MB anonymous, ${(idle.cpu * 100).toFixed(2)} % of a core; every ${INTERVAL_SECONDS} s:`,
  );
  for (const held of curve) {
    const { residentMb, anonymousMb } = held.memory;
    const bytes = ((anonymousMb - idle.anonymousMb) * 2 ** 20) / held.series;
    const measured = held.seconds - Math.min(WARM_SECONDS, held.seconds / 2);
    const net = (held.cpuPerSample * (held.cpuSeconds - idle.cpu * measured)) / held.cpuSeconds;
    const text = [
      `${held.series} series for ${held.seconds} s`,
      `${held.answered} scrapes answered, ${held.missed} missed, ${held.stored} stored (${held.samples} samples), ${held.failed} failed`,
      `at most ${residentMb.toFixed(0)} MB resident, ${anonymousMb.toFixed(0)} MB anonymous: ${bytes.toFixed(0)} bytes a series beyond idle`,
      `${held.cpuPerSample.toFixed(2)} CPU µs a sample (${net.toFixed(2)} beyond idle)`,
      `1,005 series by one label in ${median(held.queries).toFixed(0)} ms, at most ${Math.max(...held.queries).toFixed(0)}, ${held.short} of ${held.queries.length} answers not whole`,
    ];
    console.log(text.join('; '));
  }
}
