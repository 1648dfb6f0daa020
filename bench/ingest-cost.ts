import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../packages/server/src/kernel/clock.ts';
import { COUNTERS_PER_TARGET, SERIES_PER_TARGET } from './data.ts';
import { type Cost, costOf } from './process-cost.ts';
import { writeBodies } from './remote-write.ts';
import type { Running, System } from './systems/types.ts';
import { pageOf } from './wait.ts';

export interface IngestCost {
  readonly cpuPerMillion: number;
  readonly memory: Cost;
}

/** What a start costs, compiled code included, is paid once: samples are scraped for weeks. */
const WARM_SECONDS = 60;

export interface Simulator {
  readonly port: number;
  stop(): void;
}

/** Starts a process that plays this many targets. */
export async function startTargets(targets: number): Promise<Simulator> {
  const child = fork(fileURLToPath(new URL('targets.ts', import.meta.url)), [String(targets)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const port = await new Promise<number>((resolve) =>
    child.stdout?.on('data', (chunk: Buffer) =>
      resolve(Number(/listening (\d+)/.exec(chunk.toString())?.[1])),
    ),
  );
  return { port, stop: () => child.disconnect() };
}

async function within<T>(system: System, config: string, work: (running: Running) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
  const running = await system.start(directory, config);
  try {
    return await work(running);
  } finally {
    await running.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Cost of scraping the simulator's targets at an interval, for some seconds after warming up. */
export async function scrapeCost(
  system: System,
  {
    port,
    targets,
    intervalSeconds,
    seconds,
  }: { port: number; targets: number; intervalSeconds: number; seconds: number },
): Promise<IngestCost> {
  const jobs = Array.from(
    { length: targets },
    (_, i) =>
      `  - job_name: bench${i}\n    scrape_interval: ${intervalSeconds}s\n    scrape_timeout: ${intervalSeconds}s\n    metrics_path: /t/${i}\n    static_configs: [{targets: ['127.0.0.1:${port}']}]`,
  );
  return within(system, `scrape_configs:\n${jobs.join('\n')}`, async (running) => {
    await systemClock.sleep(Math.max(WARM_SECONDS, 2.5 * intervalSeconds) * 1000);
    const [before, from] = [await costOf(running.pid), performance.now()];
    await systemClock.sleep(seconds * 1000);
    const [after, to] = [await costOf(running.pid), performance.now()];
    await requireFresh(running, system, intervalSeconds, targets);
    const samples = ((to - from) / 1000 / intervalSeconds) * targets * SERIES_PER_TARGET;
    return { cpuPerMillion: (after.cpuSeconds - before.cpuSeconds) / (samples / 1e6), memory: after };
  });
}

/** The load is regular, so samples are counted by the clock; this makes sure that every target was in fact scraped. */
async function requireFresh(
  running: Running,
  system: System,
  intervalSeconds: number,
  targets: number,
): Promise<void> {
  const query = `count(count_over_time(up[${Math.ceil(intervalSeconds * 2.5)}s]))`;
  const found = await ask(running, query);
  if (found !== targets) throw new Error(`${system.name} scraped ${found} of ${targets} targets`);
}

async function ask(running: Running, query: string): Promise<number> {
  const params = new URLSearchParams({ query, nocache: '1' });
  const answer = JSON.parse(await pageOf(`${running.url}/api/v1/query?${params.toString()}`)) as {
    data: { result: { value: [number, string] }[] };
  };
  return Number(answer.data.result[0]?.value[1] ?? 0);
}

/** Whether the system has a remote-write door at all. */
export async function takesRemoteWrite(system: System): Promise<boolean> {
  return within(system, 'scrape_configs: []', async (running) => {
    const answer = await fetch(`${running.url}${system.remoteWrite}`, { method: 'POST' });
    return answer.status !== 404;
  });
}

/** Cost of remote write: rounds of one sample for each series, 15 s apart, as fast as the system takes them. */
export async function remoteWriteCost(system: System, targets: number, rounds: number): Promise<IngestCost> {
  return within(system, 'scrape_configs: []', async (running) => {
    const url = `${running.url}${system.remoteWrite}`;
    const start = Date.now() - (rounds + 2) * 15_000;
    // New series cost more than samples of known ones: the first round is everybody's warming up.
    await send(url, writeBodies(targets, 0, start));
    await settle(running);
    const before = await costOf(running.pid);
    for (let round = 1; round <= rounds; round++)
      await send(url, writeBodies(targets, round, start + round * 15_000));
    // What is left to do after the last answer (flushes) belongs to the cost.
    await settle(running);
    const after = await costOf(running.pid);
    const series = targets * SERIES_PER_TARGET;
    const held = await ask(
      running,
      `sum(count_over_time({__name__=~"bench_requests_.+"}[${rounds * 15 + 900}s]))`,
    );
    const sent = targets * COUNTERS_PER_TARGET * (rounds + 1);
    if (held !== sent)
      throw new Error(`${system.name} holds ${held} of ${sent} remote-written samples of counters`);
    return {
      cpuPerMillion: (after.cpuSeconds - before.cpuSeconds) / ((series * rounds) / 1e6),
      memory: after,
    };
  });
}

/** A little longer than any system lets samples wait for others before it moves them on (Pharos: 30 s). */
const SETTLE_SECONDS = 32;

/** Lets a system finish, for the same span in each, so that what they do beside it counts alike. */
async function settle(running: Running): Promise<void> {
  await systemClock.sleep(SETTLE_SECONDS * 1000);
  await running.settled();
}

async function send(url: string, bodies: Iterable<Uint8Array>): Promise<void> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  for (const body of bodies) {
    const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }
}
