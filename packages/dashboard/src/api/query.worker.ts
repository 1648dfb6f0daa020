import { readFrame } from './frame.ts';
import { isRecord, parseMatrix, selectorName, seriesName } from './matrix.ts';
import type { AnswerFacts, QueryReply, QueryRequest } from './query-protocol.ts';
import { parseVector } from './vector.ts';

/** The little of a worker's own scope that is used here; its full types would clash with the page's. */
interface Scope {
  addEventListener(
    type: 'message',
    listener: (event: MessageEvent<QueryRequest | { cancel: number }>) => void,
  ): void;
  postMessage(message: QueryReply, options: { transfer: Transferable[] }): void;
}

const scope: Scope = globalThis;
const running = new Map<number, AbortController>();
/** Addresses longer than this go as a form: a query with many chosen values outgrows what servers and proxies take. */
const LONGEST_ADDRESS = 2000;

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

function send(url: string, signal: AbortSignal): Promise<Response> {
  const headers = { accept: 'application/json' };
  if (url.length <= LONGEST_ADDRESS) return fetch(url, { signal, headers });
  const [address = '', form = ''] = url.split('?');
  return fetch(address, {
    method: 'POST',
    signal,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
  });
}

/** The answer in the shape asked for; null when it has another. */
function readAs(body: unknown, { start, end, step, read }: QueryRequest) {
  switch (read.kind) {
    case 'vector': {
      const answer = parseVector(body);
      return answer === null ? null : { kind: 'vector' as const, answer };
    }
    case 'matrix': {
      const nameOf = read.naming === 'selector' ? selectorName : seriesName;
      const answer = parseMatrix(body, { start, end, step }, nameOf);
      return answer === null ? null : { kind: 'matrix' as const, answer };
    }
    case 'frame': {
      const answer = readFrame(body, { start, end, step, ...read });
      return answer === null ? null : { kind: 'frame' as const, answer };
    }
  }
}

async function answer(request: QueryRequest, signal: AbortSignal): Promise<QueryReply> {
  const { id } = request;
  const started = performance.now();
  const response = await send(request.url, signal);
  const text = await response.text();
  const fetched = performance.now();
  const { status, statusText } = response;
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    return { id, kind: 'failed', status, message: text.slice(0, 200) || statusText };
  }
  const found = response.ok ? readAs(body, request) : null;
  if (found !== null) return { id, ...found, facts: factsOf(body, text.length, started, fetched) };
  return { id, kind: 'failed', status, message: messageOf(body) ?? statusText };
}

/** Columns move to the page without a copy. */
function columnsOf(reply: QueryReply): Transferable[] {
  if (reply.kind === 'frame') return [reply.answer.times.buffer, reply.answer.values.buffer];
  if (reply.kind !== 'matrix') return [];
  const { times, values, figures } = reply.answer;
  return [times.buffer, values.buffer, figures.buffer];
}

scope.addEventListener('message', ({ data }) => {
  if ('cancel' in data) {
    running.get(data.cancel)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(data.id, controller);
  answer(data, controller.signal)
    .then((reply) => scope.postMessage(reply, { transfer: columnsOf(reply) }))
    .catch((cause: unknown) => {
      scope.postMessage({ id: data.id, kind: 'failed', status: 0, message: String(cause) }, { transfer: [] });
    })
    .finally(() => running.delete(data.id));
});
