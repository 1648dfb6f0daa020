import { type MatrixReply, type MatrixRequest, parseMatrix } from './matrix.ts';

/** The little of a worker's own scope that is used here; its full types would clash with the page's. */
interface Scope {
  addEventListener(
    type: 'message',
    listener: (event: MessageEvent<MatrixRequest | { cancel: number }>) => void,
  ): void;
  postMessage(message: MatrixReply, options: { transfer: Transferable[] }): void;
}

const scope: Scope = globalThis;
const running = new Map<number, AbortController>();

async function answer(
  { id, url, start, end, step }: MatrixRequest,
  signal: AbortSignal,
): Promise<MatrixReply> {
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
  const text = await response.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    return {
      id,
      kind: 'failed',
      status: response.status,
      message: text.slice(0, 200) || response.statusText,
    };
  }
  const matrix = response.ok ? parseMatrix(body, start, end, step) : null;
  if (matrix !== null) return { id, kind: 'matrix', matrix };
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  const message = typeof error === 'string' ? error : response.statusText;
  return { id, kind: 'failed', status: response.status, message };
}

scope.addEventListener('message', ({ data }) => {
  if ('cancel' in data) {
    running.get(data.cancel)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(data.id, controller);
  answer(data, controller.signal)
    .then((reply) => {
      const transfer = reply.kind === 'matrix' ? [reply.matrix.times.buffer, reply.matrix.values.buffer] : [];
      scope.postMessage(reply, { transfer });
    })
    .catch((cause: unknown) => {
      scope.postMessage({ id: data.id, kind: 'failed', status: 0, message: String(cause) }, { transfer: [] });
    })
    .finally(() => running.delete(data.id));
});
