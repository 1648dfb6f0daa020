import { ManualClock } from '../../kernel/clock.ts';
import { type Random, seededRandom } from '../../kernel/random.ts';
import type { Frame } from '../types.ts';
import { createFakeEngine, idsOf, POISON, rowsFrame, type StoredRows } from './fake-engine.ts';
import { FaultPlan, withFaults } from './faulty-fs.ts';
import type { MemoryFileSystem } from './memory-fs.ts';
import { type Bench, openBench, until } from './setup.ts';

/** What the senders of a workload know. */
export interface Knowledge {
  readonly acknowledged: Set<number>;
  readonly refused: Set<number>;
  /** Refused while the process went on to acknowledge later requests: these must never appear. */
  readonly refusedForGood: Set<number>;
  readonly sent: Set<number>;
}

export interface Life {
  readonly inner: MemoryFileSystem;
  readonly stored: StoredRows;
  readonly plan: FaultPlan;
  readonly random: Random;
  readonly knowledge: Knowledge;
  readonly firstId: number;
}

export function knowNothing(): Knowledge {
  return { acknowledged: new Set(), refused: new Set(), refusedForGood: new Set(), sent: new Set() };
}

/** One life of a server: opens, takes bursts of requests while flushing, until done or killed. */
export async function live(life: Life): Promise<'killed' | 'ended' | 'notOpened'> {
  const { plan } = life;
  const work = serve(life);
  return await Promise.race([work, plan.killed.then(() => 'killed' as const)]);
}

async function serve(life: Life): Promise<'ended' | 'notOpened'> {
  const { inner, plan, stored } = life;
  const clock = new ManualClock();
  let bench: Bench;
  try {
    bench = await openBench({
      fs: withFaults(inner, plan),
      clock,
      engine: createFakeEngine(stored, plan),
      config: { segmentBytes: 4096, batchBytes: 2048 },
    });
  } catch {
    return 'notOpened';
  }
  // What recovery found counts from here on: heads are built from it.
  await bench.journal.replay((frame) => {
    for (const id of idsOf(frame.payload)) life.knowledge.acknowledged.add(id);
  });
  bench.flusher.start();
  let id = life.firstId;
  for (let burst = 0; burst < 10; burst++) {
    const requests = Array.from({ length: 1 + Math.floor(life.random() * 4) }, () => {
      const frames = randomFrames(life.random, id);
      const ids = Array.from({ length: frames.reduce((sum, f) => sum + f.rows, 0) }, (_, i) => id + i);
      id += ids.length;
      return { frames, ids };
    });
    if (burst === 4) requests.push({ frames: [rowsFrame([POISON + id])], ids: [POISON + id] });
    await Promise.all(requests.map((request) => send(bench, request, life.knowledge)));
    await clock.advance(burst % 3 === 2 ? 5000 : 700);
  }
  await until(clock, () => plan.frozen || bench.journal.pressure().bytes === 0);
  await bench.flusher.drain(new AbortController().signal);
  await bench.journal.close();
  return 'ended';
}

function randomFrames(random: Random, firstId: number): Frame[] {
  let id = firstId;
  return Array.from({ length: 1 + Math.floor(random() * 3) }, (_, day) => {
    const ids = Array.from({ length: 1 + Math.floor(random() * 40) }, () => id++);
    return rowsFrame(ids, { day: 20_000 + day });
  });
}

async function send(
  bench: Bench,
  request: { frames: Frame[]; ids: number[] },
  { sent, acknowledged, refused, refusedForGood }: Knowledge,
): Promise<void> {
  for (const id of request.ids) sent.add(id);
  try {
    await bench.journal.append(request.frames);
    for (const id of request.ids) acknowledged.add(id);
    for (const id of refused) refusedForGood.add(id);
  } catch {
    for (const id of request.ids) refused.add(id);
  }
}

/** What is wrong with the stored and quarantined rows, given what the senders know; empty when nothing is. */
export function faultsOf(disk: MemoryFileSystem, stored: StoredRows, knowledge: Knowledge): string[] {
  const faults: string[] = [];
  const aside = new Set(
    [...disk.files]
      .filter(([path]) => path.startsWith('/data/quarantine/frame-') && path.endsWith('.bin'))
      .flatMap(([, file]) => idsOf(file.content)),
  );
  for (const id of knowledge.acknowledged) {
    if (!(id >= POISON ? aside : stored).has(id)) faults.push(`acknowledged row ${id} is lost`);
  }
  for (const [id, times] of stored) {
    if (times > 1) faults.push(`row ${id} is stored ${times} times`);
    if (knowledge.refusedForGood.has(id)) faults.push(`refused row ${id} is stored`);
    if (!knowledge.sent.has(id)) faults.push(`row ${id} was never sent`);
  }
  return faults;
}

/** Number of fault points of a workload. */
export async function countOperations(inner: MemoryFileSystem, seed: number): Promise<number> {
  const plan = new FaultPlan();
  await live({
    inner,
    stored: new Map(),
    plan,
    random: seededRandom(seed),
    knowledge: knowNothing(),
    firstId: 0,
  });
  return plan.count;
}
