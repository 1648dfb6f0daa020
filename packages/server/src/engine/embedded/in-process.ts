import type { Clock } from '../../kernel/clock.ts';
import { engineErrors } from '../errors.ts';
import { type EngineHost, type HostStatement, StateCell } from '../host.ts';
import { type CoreOptions, EngineCore } from './core.ts';

/** The engine inside this very process: fast to start, for tests and tools. Its crash is ours. */
export function createInProcessHost(options: CoreOptions, clock: Clock): EngineHost {
  const cell = new StateCell();
  let core: EngineCore | null = null;
  let nextId = 1;
  return {
    async start() {
      if (core !== null) return;
      cell.set('starting');
      try {
        core = await EngineCore.open(options, clock, () => {});
      } catch (error) {
        cell.set('stopped');
        throw error;
      }
      cell.set('ready');
    },
    async stop() {
      const closing = core;
      core = null;
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
    onState: (listener) => cell.listen(listener),
    discarded: () => core?.discarded ?? 0,
    restarts: () => 0,
  };
}

/** Rejects at once when the signal aborts, telling the engine; the engine's own end of it comes later and is nobody's any more. */
export function abortable<T>(
  signal: AbortSignal | undefined,
  cancel: () => void,
  work: Promise<T>,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(engineErrors.make('canceled', 'the statement was canceled', { cause: signal.reason }));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
