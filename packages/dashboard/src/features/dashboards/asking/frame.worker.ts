import { type FrameReply, type FrameRequest, readFrame } from './frame.ts';

/** The little of a worker's own scope that is used here; its full types would clash with the page's. */
interface Scope {
  addEventListener(
    type: 'message',
    listener: (event: MessageEvent<FrameRequest | { cancel: number }>) => void,
  ): void;
  postMessage(message: FrameReply, options: { transfer: Transferable[] }): void;
}

const scope: Scope = globalThis;
const running = new Map<number, AbortController>();

function messageOf(body: unknown): string | null {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  if (typeof error === 'string') return error;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : null;
}

async function answer(request: FrameRequest, signal: AbortSignal): Promise<FrameReply> {
  const { id } = request;
  const [address = '', form = ''] = request.url.split('?');
  // A form, since a query with many chosen values outgrows an address.
  const response = await fetch(address, {
    method: 'POST',
    signal,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
  });
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
  const frame = response.ok ? readFrame(body, request) : null;
  if (frame !== null) return { id, kind: 'frame', frame };
  return { id, kind: 'failed', status: response.status, message: messageOf(body) ?? response.statusText };
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
      const transfer = reply.kind === 'frame' ? [reply.frame.times.buffer, reply.frame.values.buffer] : [];
      scope.postMessage(reply, { transfer });
    })
    .catch((cause: unknown) => {
      scope.postMessage({ id: data.id, kind: 'failed', status: 0, message: String(cause) }, { transfer: [] });
    })
    .finally(() => running.delete(data.id));
});
