import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createServiceNames } from '../../kernel/names.ts';
import { rulesOf } from '../redact/specs.ts';
import { createLogHasher } from '../store/hasher.ts';
import { LineDecoder } from './decoder.ts';
import { buffersOf, jobFrom, packed, problemFrom, settingsFrom } from './messages.ts';

/** The thread that decodes large bodies, one after the other. */
async function run(): Promise<void> {
  const { limits, aliases, rules } = settingsFrom(workerData);
  const decoder = new LineDecoder({
    hasher: await createLogHasher(),
    names: createServiceNames(aliases),
    limits,
    rules: rulesOf(rules),
  });
  let last = Promise.resolve();
  parentPort?.on('message', (message: unknown) => {
    last = last.then(() => answer(decoder, message));
  });
}

async function answer(decoder: LineDecoder, message: unknown): Promise<void> {
  const request = jobFrom(message);
  if (request === null) return;
  const { id, job } = request;
  try {
    const decoded = await decoder.decode(job);
    parentPort?.postMessage({ id, result: packed(decoded) }, buffersOf(decoded));
  } catch (error) {
    parentPort?.postMessage({ id, problem: problemFrom(error) });
  }
}

if (!isMainThread) await run();
