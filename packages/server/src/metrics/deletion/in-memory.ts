import type { ExemplarMemory } from '../store/exemplars/memory.ts';
import { ColumnArena } from '../store/head/column-arena.ts';
import type { Head } from '../store/head/head.ts';
import { yieldToLoop } from '../store/yield.ts';
import type { Tombstone } from './tombstones.ts';

/** Series looked at between two looks at the event loop. */
const SLICE_SERIES = 5_000;

/** Whether memory holds anything that a tombstone covers. */
export async function isInMemory(
  { head, exemplars }: { readonly head: Head; readonly exemplars: ExemplarMemory },
  tenant: string,
  { matchers, from, to }: Pick<Tombstone, 'matchers' | 'from' | 'to'>,
): Promise<boolean> {
  const arena = new ColumnArena();
  const covered = (time: number): boolean => time >= from && time <= to;
  const refs = [...(head.selection(tenant, matchers)?.refs ?? [])];
  for (const [i, ref] of refs.entries()) {
    if (i > 0 && i % SLICE_SERIES === 0) await yieldToLoop();
    arena.next = 0;
    if (head.isActive(ref, from - 1, to) && head.read(ref, from - 1, to, arena) !== null) return true;
    if (exemplars.of(ref).some(({ timestamp }) => covered(timestamp))) return true;
  }
  return false;
}
