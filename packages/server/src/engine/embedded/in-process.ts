import type { Clock } from '../../kernel/clock.ts';
import { engineErrors } from '../errors.ts';
import { type EngineHost, type HostEvents, type HostStatement, StateCell } from '../host.ts';
import { abortable } from './abortable.ts';
import { anonymousBytes } from './anonymous-memory.ts';
import { type CoreOptions, EngineCore } from './core.ts';

/** The engine inside this very process: fast to start, for tests and tools. Its crash is ours. */
export function createInProcessHost(options: CoreOptions, clock: Clock, events: HostEvents): EngineHost {
  const cell = new StateCell();
  let core: EngineCore | null = null;
  let readySince: number | null = null;
  let nextId = 1;
  return {
    async start() {
      if (core !== null) return;
      cell.set('starting');
      try {
        core = await EngineCore.open(options, clock, {
          discarded: () => events.discarded(1),
          hung: () => {},
        });
      } catch (error) {
        cell.set('stopped');
        throw error;
      }
      readySince = clock.monotonic();
      cell.set('ready');
    },
    async stop() {
      const closing = core;
      core = null;
      readySince = null;
      cell.set('stopped');
      await closing?.close();
    },
    async run(statement: HostStatement) {
      const at = core;
      if (at === null) throw engineErrors.make('gone', 'the engine is not running');
      const id = nextId++;
      return await abortable(statement.signal, () => at.cancel(id), at.run({ id, ...statement }));
    },
    state: () => cell.get(),
    process: () => ({
      pid: process.pid,
      readyForMs: readySince === null ? null : clock.monotonic() - readySince,
      memoryBytes: anonymousBytes(),
    }),
    onState: (listener) => cell.listen(listener),
  };
}
