import { createServer, type IncomingHttpHeaders } from 'node:http';
import { testEgress } from '../../egress/testing/setup.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { egressDoor } from '../notifiers/egress-door.ts';
import type { NotifierDeps } from '../notifiers/notifier.ts';
import { START } from './message.ts';

/** One request that a service got. */
export interface ServiceRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Of JSON. */
  readonly body: unknown;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text, or what becomes JSON. */
  readonly body?: string | object;
}

/** A service on this machine that answers over HTTP as a test has it. */
export interface TestService {
  readonly url: string;
  readonly requests: ServiceRequest[];
  /** Requests that came since the last time. */
  taken(): readonly ServiceRequest[];
  stop(): Promise<void>;
}

export async function openTestService(
  answer: (request: ServiceRequest) => ServiceAnswer,
): Promise<TestService> {
  const requests: ServiceRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const request: ServiceRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
      requests.push(request);
      const { status, headers = {}, body = '' } = answer(request);
      const isText = typeof body === 'string';
      outgoing.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
      outgoing.end(isText ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    taken: () => requests.splice(0),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What notifiers are given: the real way out, and a clock that stands still. */
export function testDeps(files: Readonly<Record<string, string>> = {}): NotifierDeps {
  return {
    clock: new ManualClock(START),
    http: egressDoor(testEgress(), (path) =>
      Object.hasOwn(files, path) ? Promise.resolve(files[path] ?? '') : Promise.reject(new Error('ENOENT')),
    ),
  };
}
