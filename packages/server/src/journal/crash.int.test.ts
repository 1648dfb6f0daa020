import { describe, expect, it } from 'vitest';
import { seededRandom } from '../kernel/random.ts';
import { countOperations, faultsOf, knowNothing, type Life, live } from './testing/crash-workload.ts';
import type { StoredRows } from './testing/fake-engine.ts';
import { FAULTS, type Fault, FaultPlan } from './testing/faulty-fs.ts';
import { createMemoryFileSystem, type MemoryFileSystem } from './testing/memory-fs.ts';

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

describe('at every write, fsync, rename, link, truncate, unlink, creation and engine commit', () => {
  for (const seed of [1, 2]) {
    it(`acknowledged rows are stored exactly once, others at most once (workload ${seed})`, async () => {
      const operations = await countOperations(createMemoryFileSystem(), seed);
      const points = pointsOf(operations);
      expect(points.length).toBeGreaterThan(500);
      const wrong: unknown[] = [];
      for (const point of points) {
        const { faults, struck } = await strike(seed, point);
        if (faults.length > 0 || struck === null) wrong.push({ point, struck, faults });
      }
      expect(wrong).toEqual([]);
    }, 180_000);
  }

  it('holds with a full disk instead of a broken one', async () => {
    const operations = await countOperations(createMemoryFileSystem(), 3);
    for (let at = 1; at <= operations; at++) {
      const { faults } = await strike(3, { at, fault: 'short', end: 'process', code: 'ENOSPC' });
      expect({ at, faults }).toEqual({ at, faults: [] });
    }
  }, 180_000);

  it('holds when the restart is struck as well', async () => {
    const operations = await countOperations(createMemoryFileSystem(), 4);
    for (let at = 1; at <= operations; at += 9) {
      for (let second = 1; second <= 24; second++) {
        const first: Point = { at, fault: 'killTorn', end: second % 2 === 0 ? 'power' : 'process' };
        const fault = second % 3 === 0 ? 'killTorn' : 'killAfter';
        const { faults } = await strike(4, first, {
          at: second,
          fault,
          end: second % 3 === 0 ? 'process' : 'power',
        });
        expect({ at, second, faults }).toEqual({ at, second, faults: [] });
      }
    }
  }, 180_000);
});
