import { join } from 'node:path';
import type { PharosConfig } from './config.ts';
import { type Egress, egressRequest } from './egress/index.ts';
import { createEvents, type EventsSlice } from './events/index.ts';
import type { EventHub } from './http/sse.ts';
import { countedIds } from './kernel/counted-ids.ts';
import { systemRandom } from './kernel/random.ts';
import type { Base, Storage } from './wire-storage.ts';

/** Lets requests and timers run in the middle of a long batch or search. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What is read of a webhook's answer, which says nothing but its status. */
const MOST_ANSWER_BYTES = 64 * 1024;

export function wireEvents(
  base: Base,
  config: PharosConfig,
  { engine, journal, state }: Storage,
  { hub, egress }: { readonly hub: () => EventHub; readonly egress: Egress },
): EventsSlice {
  return createEvents({
    ...base,
    engine,
    journal,
    state,
    random: systemRandom,
    config: config.events,
    post: async (request) => {
      const { status } = await egressRequest(egress, {
        ...request,
        method: 'POST',
        trust: 'configured',
        purpose: 'webhook',
        maxBytes: MOST_ANSWER_BYTES,
      });
      return status;
    },
    archiveDirectory: join(config.storage.path, 'archive', 'events'),
    hub,
    newId: countedIds(),
    breathe,
  });
}
