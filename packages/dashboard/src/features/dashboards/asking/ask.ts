import { apiUrl } from '../../../api/base.ts';
import { ApiError } from '../../../api/client.ts';
import type { Frame, FrameReply, FrameRequest } from './frame.ts';

let worker: Worker | null = null;
let counter = 0;
const waiting = new Map<number, (reply: FrameReply) => void>();

function theWorker(): Worker {
  if (worker === null) {
    worker = new Worker(new URL('./frame.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<FrameReply>) => waiting.get(data.id)?.(data));
  }
  return worker;
}

export interface Question extends Omit<FrameRequest, 'id' | 'url'> {
  readonly expr: string;
}

/** Asks, reads and cuts an answer off the page's thread; aborting stops the request too. */
export function askFrame({ expr, ...question }: Question, signal: AbortSignal): Promise<Frame> {
  const path = question.step === 0 ? 'api/v1/query' : 'api/v1/query_range';
  const url = apiUrl(
    path,
    question.step === 0
      ? { query: expr, time: String(question.end) }
      : {
          query: expr,
          start: String(question.start),
          end: String(question.end),
          step: String(question.step),
        },
  );
  const target = theWorker();
  counter++;
  const id = counter;
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      waiting.delete(id);
      signal.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      finish();
      target.postMessage({ cancel: id });
      reject(new DOMException('The view has changed', 'AbortError'));
    };
    waiting.set(id, (reply) => {
      finish();
      if (reply.kind === 'frame') resolve(reply.frame);
      else {
        const kind = reply.status === 0 ? 'offline' : reply.status >= 500 ? 'broken' : 'refused';
        reject(new ApiError(kind, path, reply.status, reply.message));
      }
    });
    signal.addEventListener('abort', abort);
    target.postMessage({ ...question, url, id });
  });
}
