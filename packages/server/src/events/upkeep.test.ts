import { expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { readRow } from './store/row.ts';
import type { StoredEvent } from './store/stored-event.ts';
import { Upkeep } from './upkeep.ts';

it('recalls what was there before it started, and nothing that is counted as it comes', async () => {
  const clock = new ManualClock(1_000_000_000);
  const recalled: number[] = [];
  let total = 2;
  const event = (seq: number): StoredEvent => ({ ...readRow(new Uint8Array(400), 0), seq });
  const upkeep = new Upkeep({
    clock,
    log: silentLog,
    store: { tenants: () => ['default'], total: () => total },
    reader: {
      walk: (_tenant, _filter, _most, visit) => {
        // Two more came before the engine answered.
        for (const seq of [1, 2, 3, 4]) visit(event(seq));
        return Promise.resolve({ visited: 4, more: false, warnings: [] });
      },
    },
    states: { recall: (_tenant, { seq }) => void recalled.push(seq) },
    histories: { collect: () => {} },
    cleanup: {
      surplus: () => Promise.resolve(undefined),
      cleanUp: () => Promise.reject(new Error('nothing is old')),
    },
    reEvaluator: { stop: () => {} },
    config: { max_entries: undefined },
  });
  upkeep.start();
  total = 4;
  await expect.poll(() => recalled).toEqual([1, 2]);
  upkeep.stop();
});
