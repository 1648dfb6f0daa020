import { useQuery } from '@tanstack/react-query';
import { useLive } from '../live/provider.tsx';
import { boundsOf, refreshMillis, stepSeconds, type TimeRange } from '../time/range.ts';
import { rangeKey } from '../time/use-range.ts';
import { apiUrl } from './base.ts';
import { ApiError } from './client.ts';
import { keys } from './keys.ts';
import type { Matrix, MatrixReply, MatrixRequest } from './matrix.ts';

const PATH = 'api/v1/query_range';
let worker: Worker | null = null;
let counter = 0;

function theWorker(): Worker {
  worker ??= new Worker(new URL('./matrix.worker.ts', import.meta.url), { type: 'module' });
  return worker;
}

/** Fetches and parses off the page's thread; aborting stops the request too. */
function ask(request: Omit<MatrixRequest, 'id'>, signal: AbortSignal): Promise<Matrix> {
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
      if (data.kind === 'matrix') resolve(data.matrix);
      else {
        const kind = data.status === 0 ? 'offline' : data.status >= 500 ? 'broken' : 'refused';
        reject(new ApiError(kind, PATH, data.status, data.message));
      }
    };
    target.addEventListener('message', listen);
    signal.addEventListener('abort', abort);
    target.postMessage({ ...request, id });
  });
}

/** A PromQL range query over the page's time range, however many series it answers. */
export function useMatrix(query: string, range: TimeRange) {
  const { paused } = useLive();
  return useQuery({
    queryKey: keys.matrix(query, rangeKey(range)),
    queryFn: ({ signal }) => {
      const bounds = boundsOf(range, Date.now());
      const step = stepSeconds((bounds.to - bounds.from) / 1000, 10);
      const end = Math.floor(bounds.to / 1000 / step) * step;
      const start = Math.ceil(bounds.from / 1000 / step) * step;
      const url = apiUrl(PATH, { query, start: String(start), end: String(end), step: String(step) });
      return ask({ url, start, end, step }, signal);
    },
    refetchInterval: paused ? false : refreshMillis(range) && Math.max(10_000, Number(refreshMillis(range))),
    placeholderData: (previous, before) => (before?.queryKey[1] === query ? previous : undefined),
    structuralSharing: false,
  });
}
