import { seededRandom } from '../../kernel/random.ts';
import { countOperations, faultsOf, knowNothing, type Life, live } from './crash-workload.ts';
import type { StoredRows } from './fake-engine.ts';
import { FAULTS, type Fault, FaultPlan } from './faulty-fs.ts';
import { createMemoryFileSystem, type MemoryFileSystem } from './memory-fs.ts';

type End = 'process' | 'power';

interface Point {
  readonly at: number;
  readonly fault: Fault;
  readonly end: End;
  readonly code?: string;
}

function after(inner: MemoryFileSystem, end: End, seed: number): MemoryFileSystem {
  return end === 'process' ? inner.killProcess() : inner.cutPower(seededRandom(seed));
}

function lifeOn(inner: MemoryFileSystem, plan: FaultPlan, over: Partial<Life>): Life {
  const stored: StoredRows = new Map();
  return { inner, plan, stored, random: seededRandom(1), knowledge: knowNothing(), firstId: 0, ...over };
}

/** A life struck at one point, then a healthy one on what is left; what is wrong with the rows at the end. */
async function strike(
  seed: number,
  point: Point,
  recoveryPoint?: Point,
): Promise<{ faults: string[]; struck: string | null }> {
  const { at, fault, end, code } = point;
  const plan = new FaultPlan(at, fault, code);
  const first = lifeOn(createMemoryFileSystem(), plan, { random: seededRandom(seed) });
  const outcome = await live(first);
  if (outcome === 'ended') for (const id of first.knowledge.refused) first.knowledge.refusedForGood.add(id);
  let disk = after(first.inner, end, seed + at);
  const { stored, knowledge } = first;
  if (recoveryPoint !== undefined) {
    const second = new FaultPlan(recoveryPoint.at, recoveryPoint.fault);
    await live(lifeOn(disk, second, { stored, knowledge, firstId: 100_000, random: seededRandom(seed + 1) }));
    disk = after(disk, recoveryPoint.end, seed + recoveryPoint.at);
  }
  const last = await live(lifeOn(disk, new FaultPlan(), { stored, knowledge, firstId: 200_000 }));
  return {
    faults: [...(last === 'ended' ? [] : [`the last life ${last}`]), ...faultsOf(disk, stored, knowledge)],
    struck: plan.struck,
  };
}

function pointsOf(operations: number): Point[] {
  const points: Point[] = [];
  for (let at = 1; at <= operations; at++) {
    for (const fault of FAULTS) {
      points.push({ at, fault, end: 'power' });
      if (fault.startsWith('kill')) points.push({ at, fault, end: 'process' });
    }
  }
  return points;
}

/** What is wrong after each of the points of one workload: every write, fsync, rename, link, truncate, unlink, creation and engine commit. */
export async function struckEverywhere(seed: number): Promise<{ points: number; wrong: unknown[] }> {
  const points = pointsOf(await countOperations(createMemoryFileSystem(), seed));
  const wrong: unknown[] = [];
  for (const point of points) {
    const { faults, struck } = await strike(seed, point);
    if (faults.length > 0 || struck === null) wrong.push({ point, struck, faults });
  }
  return { points: points.length, wrong };
}

/** The same with a disk that is full from every so-many-th operation on. */
export async function fullDisk(every: number): Promise<unknown[]> {
  const operations = await countOperations(createMemoryFileSystem(), 3);
  const wrong: unknown[] = [];
  for (let at = 1; at <= operations; at += every) {
    const { faults } = await strike(3, { at, fault: 'short', end: 'process', code: 'ENOSPC' });
    if (faults.length > 0) wrong.push({ at, faults });
  }
  return wrong;
}

/** The same where the restart is struck as well, at each of its first steps. */
export async function struckTwice(every: number): Promise<unknown[]> {
  const operations = await countOperations(createMemoryFileSystem(), 4);
  const wrong: unknown[] = [];
  for (let at = 1; at <= operations; at += every) {
    for (let second = 1; second <= 24; second++) {
      const first: Point = { at, fault: 'killTorn', end: second % 2 === 0 ? 'power' : 'process' };
      const again: Point = {
        at: second,
        fault: second % 3 === 0 ? 'killTorn' : 'killAfter',
        end: second % 3 === 0 ? 'process' : 'power',
      };
      const { faults } = await strike(4, first, again);
      if (faults.length > 0) wrong.push({ at, second, faults });
    }
  }
  return wrong;
}
