import { apiUrl } from './base.ts';
import { ApiError } from './client.ts';
import type { Matrix } from './matrix.ts';
import type { AnswerFacts, MatrixReply, MatrixRequest } from './matrix-protocol.ts';
import type { Vector } from './vector.ts';

let worker: Worker | null = null;
let counter = 0;

function theWorker(): Worker {
  worker ??= new Worker(new URL('./matrix.worker.ts', import.meta.url), { type: 'module' });
  return worker;
}

type Answered = Exclude<MatrixReply, { readonly kind: 'failed' }>;

/** Fetches and parses off the page's thread; aborting stops the request too. */
function ask(path: string, request: Omit<MatrixRequest, 'id'>, signal: AbortSignal): Promise<Answered> {
  const target = theWorker();
  counter++;
  const id = counter;
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      target.removeEventListener('message', listen);
      signal.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      finish();
      target.postMessage({ cancel: id });
      reject(new DOMException('The view has changed', 'AbortError'));
    };
    const listen = ({ data }: MessageEvent<MatrixReply>): void => {
      if (data.id !== id) return;
      finish();
      if (data.kind !== 'failed') {
        resolve(data);
        return;
      }
      const kind = data.status === 0 ? 'offline' : data.status >= 500 ? 'broken' : 'refused';
      reject(new ApiError(kind, path, data.status, data.message));
    };
    target.addEventListener('message', listen);
    signal.addEventListener('abort', abort);
    target.postMessage({ ...request, id });
  });
}

export interface RangeQuestion {
  readonly query: string;
  /** Epoch seconds; `end` included when it falls on the grid. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Asks the server for its account of the evaluation. */
  readonly stats?: boolean;
  readonly naming?: 'selector' | 'endpoint';
}

/** A PromQL range query, however many series it answers. */
export async function askRange(
  { query, start, end, step, stats, naming = 'endpoint' }: RangeQuestion,
  signal: AbortSignal,
): Promise<{ readonly matrix: Matrix; readonly facts: AnswerFacts }> {
  const path = 'api/v1/query_range';
  const url = apiUrl(path, {
    query,
    start: String(start),
    end: String(end),
    step: String(step),
    stats: stats === true ? 'all' : undefined,
  });
  const reply = await ask(path, { url, start, end, step, naming }, signal);
  if (reply.kind !== 'matrix') throw new ApiError('contract', path, 200, 'The answer is no matrix.');
  return reply;
}

/** A PromQL query at one instant (epoch seconds). */
export async function askInstant(
  { query, time, stats }: { readonly query: string; readonly time: number; readonly stats?: boolean },
  signal: AbortSignal,
): Promise<{ readonly vector: Vector; readonly facts: AnswerFacts }> {
  const path = 'api/v1/query';
  const url = apiUrl(path, { query, time: String(time), stats: stats === true ? 'all' : undefined });
  const reply = await ask(path, { url, start: time, end: time, step: 0, naming: 'selector' }, signal);
  if (reply.kind !== 'vector') throw new ApiError('contract', path, 200, 'The answer is no vector.');
  return reply;
}
