import type { FetchRequest, FetchResponse, HttpFetcher } from '../scrape/fetcher.ts';

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Answers scrapes from a function; `'hang'` never answers until the signal aborts. */
export class FakeFetcher implements HttpFetcher {
  readonly requests: FetchRequest[] = [];
  closed = false;
  answer: (request: FetchRequest) => FakeAnswer | 'hang' | Error;

  constructor(answer: (request: FetchRequest) => FakeAnswer | 'hang' | Error) {
    this.answer = answer;
  }

  async fetch(request: FetchRequest): Promise<FetchResponse> {
    this.requests.push(request);
    const answer = this.answer(request);
    if (answer instanceof Error) throw answer;
    if (answer === 'hang') {
      return await new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true });
      });
    }
    const headers = new Map(
      Object.entries(answer.headers ?? { 'content-type': 'text/plain; version=0.0.4' }),
    );
    return {
      status: answer.status ?? 200,
      header: (name) => headers.get(name),
      ...bodyIn(request, answer.body ?? ''),
    };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

function bodyIn(
  { buffers }: FetchRequest,
  body: string | Uint8Array,
): Pick<FetchResponse, 'bytes' | 'length'> {
  const source = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const bytes = buffers.take(source.length + 1);
  bytes.set(source);
  return { bytes, length: source.length };
}
