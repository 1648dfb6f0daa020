import { Buffer } from 'node:buffer';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { type RunningPharos, startPharosProcess } from '../../test/support/pharos.ts';
import { costOf, engineOf } from '../process-cost.ts';
import type { Verdict } from '../targets-met.ts';
import { pageOf, until } from '../wait.ts';
import { child } from './child.ts';
import { KeepAlive } from './keep-alive.ts';

const SINGLE = '/api/v1/monitoring/events';
const BATCH = '/api/v1/monitoring/events/batch';
const CONNECTIONS = 32;
const PACE_PER_SECOND = 2000;
const BATCH_EVENTS = 5000;
const BATCH_CONNECTIONS = 2;
const QUIET =
  'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nhealth: {poll_scrape_targets: false}\nlog: {level: warn}\n';

const eventCostSchema = z.object({
  singlePerSecond: z.number(),
  batchPerSecond: z.number(),
  cpuMicrosPerSingle: z.number(),
  cpuMicrosPerBatched: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  acknowledged: z.number(),
  lost: z.number(),
});

export type EventCost = Readonly<z.infer<typeof eventCostSchema>>;

/** An event as a shop's gateway sends it; one in a hundred is slow. */
export function eventOf(index: number, source: string): string {
  const slow = index % 100 === 0;
  return JSON.stringify({
    id: `${source}-${index}`,
    source,
    event_type: index % 3 === 0 ? 'order.created' : 'request',
    data: {
      response_time: slow ? 6000 : 40 + (index % 37),
      status_code: 200,
      status: 'success',
      route: '/api/v1/order',
      result: { order_id: index, items: index % 5 },
      cpu_usage: 30 + (index % 20),
    },
    metadata: {
      region: 'eu-central',
      instance: `gateway-${index % 4}`,
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    },
  });
}

/** {@link eventCost} in a process of its own, and how it stands to its goals. */
export async function eventCostApart(seconds: number, verdicts: Verdict[]): Promise<EventCost> {
  const cost = eventCostSchema.parse(await child('event-part.ts', [String(seconds)]));
  verdicts.push(
    { goal: 'single events/s that take a second', most: 1, measured: 3000 / cost.singlePerSecond },
    { goal: 'batched events/s that take a second', most: 1, measured: 50_000 / cost.batchPerSecond },
    { goal: 'p99 at 2,000 events/s, ms', most: 25, measured: cost.p99Ms },
    { goal: 'acknowledged events lost by a kill', most: 0, measured: cost.lost },
  );
  return cost;
}

/** Verdicts for single events, paced ones and batches, and whether all that was acknowledged outlives a kill. */
export async function eventCost(seconds: number): Promise<EventCost> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
  try {
    console.log(
      `\nevents with verdicts, ${seconds} s each: ${CONNECTIONS} keep-alive connections; batches of ${BATCH_EVENTS}`,
    );
    let pharos = await startPharosProcess({ directory, config: QUIET });
    try {
      await closedLoop(pharos, 'warm', Math.min(3, seconds));
      const single = await closedLoop(pharos, 'single', seconds);
      console.log(
        `single: ${single.perSecond.toFixed(0)} a second, ${single.cpuMicros.toFixed(0)} µs of CPU each, ${single.engineMicros.toFixed(0)} of them the engine's`,
      );
      const latencies = await paced(pharos, seconds);
      const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
      console.log(
        `at ${PACE_PER_SECOND} a second: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${quantile(latencies, 1).toFixed(1)} ms`,
      );
      const batch = await batches(pharos, seconds);
      console.log(
        `batches: ${batch.perSecond.toFixed(0)} a second, ${batch.cpuMicros.toFixed(1)} µs of CPU each, ${batch.engineMicros.toFixed(1)} of them the engine's`,
      );
      const { acknowledged, lost, restarted } = await killed(pharos, directory);
      pharos = restarted;
      console.log(`killed in the middle: ${acknowledged} acknowledged, ${lost} of them lost`);
      return {
        singlePerSecond: single.perSecond,
        batchPerSecond: batch.perSecond,
        cpuMicrosPerSingle: single.cpuMicros,
        cpuMicrosPerBatched: batch.cpuMicros,
        p50Ms: p50,
        p99Ms: p99,
        acknowledged,
        lost,
      };
    } finally {
      await pharos.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Throughput {
  readonly perSecond: number;
  /** Of server and engine. */
  readonly cpuMicros: number;
  /** The engine's part. */
  readonly engineMicros: number;
}

async function throughput(
  pharos: RunningPharos,
  seconds: number,
  run: (isOver: () => boolean) => Promise<number>,
): Promise<Throughput> {
  const pid = pharos.child.pid ?? 0;
  const engine = await engineOf(pid);
  const [before, engineBefore] = [await costOf(pid), await costOf(engine)];
  const began = performance.now();
  const done = await run(() => performance.now() - began > seconds * 1000);
  const took = (performance.now() - began) / 1000;
  const [after, engineAfter] = [await costOf(pid), await costOf(engine)];
  return {
    perSecond: done / took,
    cpuMicros: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / done,
    engineMicros: ((engineAfter.cpuSeconds - engineBefore.cpuSeconds) * 1e6) / done,
  };
}

async function closedLoop(pharos: RunningPharos, source: string, seconds: number): Promise<Throughput> {
  return await throughput(pharos, seconds, async (isOver) => {
    let next = 0;
    await onConnections(pharos.url, CONNECTIONS, async (connection) => {
      while (!isOver()) {
        const { status, body } = await connection.post(SINGLE, Buffer.from(eventOf(next++, source)));
        if (status !== 200) throw new Error(`answered ${status}: ${body.toString()}`);
      }
    });
    return next;
  });
}

/** Latencies from the moment each event was due, so that one that waits for a connection counts its wait. */
async function paced(pharos: RunningPharos, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const total = PACE_PER_SECOND * seconds;
  const began = performance.now();
  let next = 0;
  await onConnections(pharos.url, CONNECTIONS * 2, async (connection) => {
    while (next < total) {
      const index = next++;
      const due = began + (index * 1000) / PACE_PER_SECOND;
      const wait = due - performance.now();
      if (wait > 0) await systemClock.sleep(wait);
      const sentAt = Math.max(due, wait > 0 ? performance.now() : due);
      const { status } = await connection.post(SINGLE, Buffer.from(eventOf(index, 'paced')));
      if (status !== 200) throw new Error(`answered ${status}`);
      latencies.push(performance.now() - sentAt);
    }
  });
  return latencies;
}

async function batches(pharos: RunningPharos, seconds: number): Promise<Throughput> {
  const prepared = Array.from({ length: 40 }, (_, batch) =>
    Array.from({ length: BATCH_EVENTS }, (_unused, i) =>
      eventOf(batch * BATCH_EVENTS + i, 'batched').replace(/"id":"[^"]*",/, ''),
    ).join('\n'),
  ).map((text) => Buffer.from(text));
  return await throughput(pharos, seconds, async (isOver) => {
    let sent = 0;
    await onConnections(pharos.url, BATCH_CONNECTIONS, async (connection) => {
      while (!isOver()) {
        const { status, body } = await connection.post(
          BATCH,
          prepared[sent++ % prepared.length] ?? Buffer.alloc(0),
        );
        if (status !== 200) throw new Error(`answered ${status}: ${body.toString('utf8', 0, 300)}`);
      }
    });
    return sent * BATCH_EVENTS;
  });
}

async function killed(pharos: RunningPharos, directory: string) {
  const acknowledged: number[] = [];
  let next = 0;
  const sending = onConnections(pharos.url, CONNECTIONS, async (connection) => {
    for (;;) {
      const index = next++;
      const { status } = await connection.post(SINGLE, Buffer.from(eventOf(index, 'killed')));
      if (status === 200) acknowledged.push(index);
    }
  }).catch(() => {});
  await until('5000 events are acknowledged', 20, () => Promise.resolve(acknowledged.length >= 5000));
  await pharos.stop('SIGKILL');
  await sending;
  const restarted = await startPharosProcess({ directory, config: QUIET });
  const found = new Set<unknown>();
  for (let offset = 0; ; offset += 1000) {
    const page = await pageOf(
      `${restarted.url}/api/v1/monitoring/logs?source=killed&limit=1000&offset=${offset}`,
    );
    const { logs } = JSON.parse(page) as { logs: { id: string }[] };
    for (const { id } of logs) found.add(id);
    if (logs.length < 1000) break;
  }
  const lost = acknowledged.filter((index) => !found.has(`killed-${index}`)).length;
  return { acknowledged: acknowledged.length, lost, restarted };
}

async function onConnections(
  url: string,
  count: number,
  work: (connection: KeepAlive) => Promise<void>,
): Promise<void> {
  const connections = Array.from({ length: count }, () => new KeepAlive(url));
  try {
    await Promise.all(connections.map(work));
  } finally {
    for (const connection of connections) connection.close();
  }
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
