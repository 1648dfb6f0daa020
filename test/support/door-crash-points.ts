import { FAULTS, type Fault, FaultPlan } from '../../packages/server/src/journal/testing/faulty-fs.ts';
import { createMemoryFileSystem } from '../../packages/server/src/journal/testing/memory-fs.ts';
import { seededRandom } from '../../packages/server/src/kernel/random.ts';
import { type Disk, faultsOf, live, newSenders } from './door-crash.ts';

/** How a life ends where the plan kills it: the process alone, or the machine with what was not synced. */
type End = 'process' | 'power';

/** A life struck at one point, then healthy ones in which every sender repeats what it sent last and sends the rest. */
async function strike(
  at: number,
  fault: Fault,
  end: End,
): Promise<{ struck: string | null; faults: string[] }> {
  const disk: Disk = new Map();
  const senders = newSenders();
  const plan = new FaultPlan(at, fault);
  const inner = createMemoryFileSystem();
  await live({ inner, plan, disk, senders, repeats: false });
  const after = end === 'process' ? inner.killProcess() : inner.cutPower(seededRandom(at));
  const last = await live({ inner: after, plan: new FaultPlan(), disk, senders, repeats: true });
  // What was repeated right after the start may lie in the engine by now: once more, by a process that has only read of it.
  const again = await live({ inner: after, plan: new FaultPlan(), disk, senders, repeats: true });
  const ends = [last, again].filter((how) => how !== 'ended').map((how) => `a healthy life ${how}`);
  return { struck: plan.struck, faults: [...ends, ...faultsOf(disk, senders)] };
}

/** How many operations of disk and engine a healthy life has. */
async function countOperations(): Promise<number> {
  const plan = new FaultPlan();
  await live({
    inner: createMemoryFileSystem(),
    plan,
    disk: new Map(),
    senders: newSenders(),
    repeats: false,
  });
  return plan.count;
}

/** Strikes at every so-many-th operation with every fault; says at how many points, and what was wrong at which. */
export async function doorsStruck(every: number): Promise<{ points: number; wrong: unknown[] }> {
  const operations = await countOperations();
  const wrong: unknown[] = [];
  let points = 0;
  for (let at = 1; at <= operations; at += every)
    for (const fault of FAULTS)
      for (const end of fault.startsWith('kill') ? (['power', 'process'] as const) : (['power'] as const)) {
        const { struck, faults } = await strike(at, fault, end);
        points++;
        if (faults.length > 0 || struck === null)
          wrong.push({ at, fault, end, struck, faults: faults.slice(0, 5) });
      }
  return { points, wrong };
}
