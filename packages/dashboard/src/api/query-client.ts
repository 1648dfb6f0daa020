import { apiUrl } from './base.ts';
import { ApiError } from './client.ts';
import type { Frame, FrameReading } from './frame.ts';
import type { Matrix } from './matrix.ts';
import type { AnswerFacts, Answers, QueryReply, QueryRequest } from './query-protocol.ts';
import type { Vector } from './vector.ts';

let worker: Worker | null = null;
let counter = 0;
const waiting = new Map<number, (reply: QueryReply) => void>();

function theWorker(): Worker {
  if (worker === null) {
    worker = new Worker(new URL('./query.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<QueryReply>) => waiting.get(data.id)?.(data));
  }
  return worker;
}

/** Starts the thread that asks and reads before there is anything to ask. */
export function startQueries(): void {
  theWorker();
}

interface Answered<Kind extends keyof Answers> {
  readonly answer: Answers[Kind];
  readonly facts: AnswerFacts;
}

function isKind<Kind extends keyof Answers>(
  reply: QueryReply,
  kind: Kind,
): reply is QueryReply & { readonly kind: Kind } & Answered<Kind> {
  return reply.kind === kind;
}

/** Fetches and reads off the page's thread; aborting stops the request too. */
function ask<Kind extends keyof Answers>(
  path: string,
  request: Omit<QueryRequest, 'id' | 'read'> & { readonly read: QueryRequest['read'] & { kind: Kind } },
  signal: AbortSignal,
): Promise<Answered<Kind>> {
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
      if (isKind(reply, request.read.kind)) {
        resolve(reply);
        return;
      }
      const { status, message } =
        reply.kind === 'failed' ? reply : { status: 200, message: `The answer is no ${request.read.kind}.` };
      const kind =
        reply.kind !== 'failed'
          ? 'contract'
          : status === 0
            ? 'offline'
            : status >= 500
              ? 'broken'
              : 'refused';
      reject(new ApiError(kind, path, status, message));
    });
    signal.addEventListener('abort', abort);
    target.postMessage({ ...request, id });
  });
}

const RANGE = 'api/v1/query_range';
const INSTANT = 'api/v1/query';

interface Range {
  readonly query: string;
  /** Epoch seconds; `end` included when it falls on the grid. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Asks the server for its account of the evaluation. */
  readonly stats?: boolean | undefined;
  /** And for what it read from where. */
  readonly explain?: boolean | undefined;
}

function told({ stats, explain }: Pick<Range, 'stats' | 'explain'>) {
  return { stats: stats === true ? 'all' : undefined, explain: explain === true ? 'true' : undefined };
}

function rangeUrl({ query, start, end, step, ...asked }: Range): string {
  return apiUrl(RANGE, {
    query,
    start: String(start),
    end: String(end),
    step: String(step),
    ...told(asked),
  });
}

function instantUrl(query: string, time: number, asked: Pick<Range, 'stats' | 'explain'>): string {
  return apiUrl(INSTANT, { query, time: String(time), ...told(asked) });
}

interface RangeQuestion extends Range {
  readonly naming?: 'selector' | 'endpoint';
}

/** A PromQL range query, however many series it answers. */
export async function askRange(
  { naming = 'endpoint', ...range }: RangeQuestion,
  signal: AbortSignal,
): Promise<{ readonly matrix: Matrix; readonly facts: AnswerFacts }> {
  const { start, end, step } = range;
  const request = { url: rangeUrl(range), start, end, step, read: { kind: 'matrix', naming } } as const;
  const { answer, facts } = await ask(RANGE, request, signal);
  return { matrix: answer, facts };
}

/** A PromQL query at one instant (epoch seconds). */
export async function askInstant(
  { query, time }: { readonly query: string; readonly time: number },
  signal: AbortSignal,
): Promise<{ readonly vector: Vector; readonly facts: AnswerFacts }> {
  const url = instantUrl(query, time, {});
  const request = { url, start: time, end: time, step: 0, read: { kind: 'vector' } } as const;
  const { answer, facts } = await ask(INSTANT, request, signal);
  return { vector: answer, facts };
}

interface FrameQuestion extends Range, FrameReading {}

/** A panel's query, cut to its largest series in the worker; a step of 0 asks for the instant `end`. */
export async function askFrame(
  { query, start, end, step, stats, explain, ...reading }: FrameQuestion,
  signal: AbortSignal,
): Promise<{ readonly frame: Frame; readonly facts: AnswerFacts }> {
  const asked = { stats, explain };
  const url = step === 0 ? instantUrl(query, end, asked) : rangeUrl({ query, start, end, step, ...asked });
  const request = { url, start, end, step, read: { kind: 'frame', ...reading } } as const;
  const { answer, facts } = await ask(step === 0 ? INSTANT : RANGE, request, signal);
  return { frame: answer, facts };
}
