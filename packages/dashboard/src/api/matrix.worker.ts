import { isRecord, parseMatrix, selectorName, seriesName } from './matrix.ts';
import type { AnswerFacts, MatrixReply, MatrixRequest } from './matrix-protocol.ts';
import { parseVector } from './vector.ts';

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

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function factsOf(body: unknown, size: number, started: number, fetched: number): AnswerFacts {
  const outer = isRecord(body) ? body : {};
  const data = isRecord(outer['data']) ? outer['data'] : {};
  return {
    warnings: texts(outer['warnings']),
    infos: texts(outer['infos']),
    stats: data['stats'] ?? null,
    size,
    fetchMs: fetched - started,
    parseMs: performance.now() - fetched,
  };
}

/** The words of a failure: Prometheus' APIs put them in `error`, Pharos' own in `error.message`. */
function messageOf(body: unknown): string | null {
  const error = isRecord(body) ? body['error'] : null;
  const words = isRecord(error) ? error['message'] : error;
  return typeof words === 'string' ? words : null;
}

async function answer(
  { id, url, start, end, step, naming }: MatrixRequest,
  signal: AbortSignal,
): Promise<MatrixReply> {
  const started = performance.now();
  const response = await fetch(url, { signal, headers: { accept: 'application/json' } });
  const text = await response.text();
  const fetched = performance.now();
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
  if (response.ok && step === 0) {
    const vector = parseVector(body);
    if (vector !== null)
      return { id, kind: 'vector', vector, facts: factsOf(body, text.length, started, fetched) };
  }
  const nameOf = naming === 'selector' ? selectorName : seriesName;
  const matrix = response.ok && step > 0 ? parseMatrix(body, { start, end, step }, nameOf) : null;
  if (matrix !== null)
    return { id, kind: 'matrix', matrix, facts: factsOf(body, text.length, started, fetched) };
  const message = messageOf(body) ?? response.statusText;
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
