import { engineErrors } from '../errors.ts';

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
