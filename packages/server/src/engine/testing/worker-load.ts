import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { loadDriver } from '../embedded/driver.ts';

/* Tries to load the engine in a worker thread and prints what it says. Run as a process of its own. */
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on('message', (message: unknown) => process.stdout.write(String(message)));
} else {
  const message = await loadDriver('/nowhere').then(
    () => 'it loaded',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  parentPort?.postMessage(message);
}
