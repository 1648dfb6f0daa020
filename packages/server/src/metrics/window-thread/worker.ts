import { isMainThread, parentPort } from 'node:worker_threads';
import { runWindowJob } from '@pharos/promql';
import { jobFrom } from './messages.ts';

/** The thread for long work over the windows of series, one job after the other. */
function answer(message: unknown): void {
  const request = jobFrom(message);
  if (request === null) return;
  const { id, job } = request;
  try {
    const result = runWindowJob(job);
    parentPort?.postMessage({ id, result }, [result.values.buffer, result.present.buffer]);
  } catch (error) {
    parentPort?.postMessage({ id, problem: error instanceof Error ? error.message : String(error) });
  }
}

if (!isMainThread) parentPort?.on('message', answer);
