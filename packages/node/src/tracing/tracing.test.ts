import http from 'node:http';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { request as undiciRequest } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PharosOptions } from '../options.ts';
import type { Pharos } from '../pharos.ts';
import { type LogLines, listen, testPharos } from '../testing/harness.ts';
import { Receiver } from '../testing/spans.ts';

const REMOTE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

function traced(
  service: string,
  options: Partial<PharosOptions> = {},
): { pharos: Pharos; logs: LogLines; receiver: Receiver } {
  const receiver = new Receiver();
  const { pharos, logs } = testPharos({
    service,
    push: { url: 'http://pharos.test', transport: receiver.transport },
    propagation: true,
    ...options,
  });
  cleanup.push(() => pharos.stop());
  return { pharos, logs, receiver };
}

/** A handler that may take its time. */
type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;

async function serve(pharos: Pharos, handler: Handler): Promise<string> {
  const listener = pharos.instrumentHttp((request, response) => void handler(request, response));
  const { url, close } = await listen(listener);
  cleanup.push(close);
  return url;
}

const CALLS: Record<string, (url: string) => Promise<unknown>> = {
  fetch: async (url) => (await fetch(url)).text(),
  undici: async (url) => (await undiciRequest(url)).body.text(),
  'http.get': (url) =>
    new Promise((resolve, reject) =>
      http.get(url, (answer) => answer.resume().on('end', resolve)).on('error', reject),
    ),
};

describe('spans', () => {
  it.each(Object.keys(CALLS))('of a request and of what it calls by %s make one trace', async (by) => {
    const { pharos, receiver, logs } = traced('orders');
    const users = await listen((request, response) => response.end(request.headers.traceparent));
    cleanup.push(users.close);
    const url = await serve(pharos, async (_request, response) => {
      pharos.setRoute('/orders/:id');
      pharos.setUsername('ada');
      await pharos.span('load', async () => CALLS[by]?.(`${users.url}/users/7?token=hunter2`));
      pharos.logger.info('loaded');
      response.end();
    });
    await fetch(`${url}/orders/7?secret=hunter2`, {
      headers: { traceparent: REMOTE, 'x-request-id': 'r1', 'x-correlation-id': 'c1' },
    });
    await pharos.stop();

    const [call, load, server] = receiver.spans();
    expect([call?.traceId, load?.traceId, server?.traceId]).toEqual(
      Array(3).fill('0af7651916cd43dd8448eb211c80319c'),
    );
    expect([call?.parent, load?.parent, server?.parent]).toEqual([
      load?.spanId,
      server?.spanId,
      'b7ad6b7169203331',
    ]);
    expect([call?.kind, load?.kind, server?.kind]).toEqual([3, 1, 2]);
    expect(call).toMatchObject({ service: 'orders', name: 'GET', status: 0 });
    expect(call?.attributes).toMatchObject({
      'http.response.status_code': 200,
      'url.full': `${users.url}/users/7`,
      'server.address': '127.0.0.1',
    });
    expect(server).toMatchObject({ name: 'GET /orders/:id', status: 0 });
    expect(server?.attributes).toMatchObject({
      'http.route': '/orders/:id',
      'http.response.status_code': 200,
      'url.path': '/orders/7',
      request_id: 'r1',
      correlation_id: 'c1',
      'user.name': 'ada',
    });
    expect(JSON.stringify(receiver.spans())).not.toContain('hunter2');
    const line = logs.lines.find(({ message }) => message === 'loaded');
    expect(line).toMatchObject({ trace_id: server?.traceId, span_id: server?.spanId, request_id: 'r1' });
  });

  it('say what failed: a throw in a span, an answer of 500, a call that nobody takes', async () => {
    const { pharos, receiver } = traced('orders');
    const nobody = await listen(() => {});
    await nobody.close();
    const url = await serve(pharos, async (_request, response) => {
      await pharos
        .span('pay', () => Promise.reject(new RangeError('no money, password=hunter2')))
        .catch(() => {});
      await fetch(nobody.url).catch(() => {});
      pharos.captureError(new Error('broken'));
      response.statusCode = 500;
      response.end();
    });
    await fetch(url);
    await pharos.stop();
    const [pay, call, server] = receiver.spans();
    expect(pay).toMatchObject({
      status: 2,
      attributes: { 'error.type': 'RangeError' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }],
    });
    expect(JSON.stringify(pay)).not.toContain('hunter2');
    expect(call).toMatchObject({ kind: 3, status: 2 });
    expect(server).toMatchObject({
      status: 2,
      attributes: { 'error.type': 'internal', 'http.response.status_code': 500 },
      events: [{ name: 'exception', attributes: { 'exception.message': 'broken' } }],
    });
  });

  it('end once, also when the caller leaves or an answer is never read', async () => {
    const { pharos, receiver } = traced('orders');
    const users = await listen((_request, response) => response.end('nobody reads this'));
    cleanup.push(users.close);
    const leaving = new AbortController();
    let left: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    const url = await serve(pharos, async (_request, response) => {
      response.on('close', () => left?.());
      // Nobody listens for this answer, so Node throws it away.
      await new Promise((resolve) => http.get(users.url).on('close', resolve));
      leaving.abort();
    });
    await fetch(url, { signal: leaving.signal }).catch(() => {});
    await gone;
    await pharos.stop();
    expect(new Set(receiver.spans().map(({ kind }) => kind))).toEqual(new Set([2, 3]));
    expect(receiver.spans()).toHaveLength(2);
    expect(receiver.spans().find(({ kind }) => kind === 2)?.attributes).toMatchObject({
      'http.response.status_code': 499,
    });
  });

  it('are not recorded where a trace was started unsampled, and its ids go on', async () => {
    const { pharos, receiver } = traced('orders');
    const seen: unknown[] = [];
    const users = await listen((request, response) => {
      seen.push(request.headers.traceparent);
      response.end();
    });
    cleanup.push(users.close);
    const url = await serve(pharos, async (_request, response) => {
      await fetch(users.url);
      response.end();
    });
    await fetch(url, { headers: { traceparent: REMOTE.replace(/01$/, '00') } });
    await pharos.stop();
    expect(receiver.spans()).toEqual([]);
    expect(seen).toEqual([expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)]);
  });

  it('follow the sampler where a trace starts here', async () => {
    const { pharos, receiver } = traced('jobs', { tracing: { sampler: 0 } });
    expect(pharos.span('never', () => 7)).toBe(7);
    await pharos.stop();
    expect(receiver.spans()).toEqual([]);
  });

  it('without a request start a trace that calls carry on', async () => {
    const { pharos, receiver } = traced('jobs');
    const seen: http.IncomingHttpHeaders[] = [];
    const users = await listen((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    cleanup.push(users.close);
    await pharos.span('nightly', async (span) => {
      span?.setAttribute('batch', 1);
      await fetch(users.url);
    });
    await pharos.stop();
    const [call, job] = receiver.spans();
    expect(job).toMatchObject({ name: 'nightly', parent: '', attributes: { batch: 1 } });
    expect(call?.parent).toBe(job?.spanId);
    expect(seen[0]?.traceparent).toBe(`00-${job?.traceId}-${call?.spanId}-01`);
    expect(seen[0]).not.toHaveProperty('x-request-id');
  });

  it("of a job are one trace, and of a message go on with the sender's", async () => {
    const { pharos, receiver } = traced('jobs');
    await pharos.runInContext(
      async () => {
        pharos.span('a', () => undefined);
        await pharos.span('b', () => Promise.resolve());
      },
      {},
      'nightly',
    );
    expect(() =>
      pharos.runInContext(
        () => {
          throw new RangeError('bad message');
        },
        { traceparent: REMOTE, 'X-Request-ID': 'r9' },
        'consume orders',
      ),
    ).toThrow('bad message');
    await pharos.stop();
    const [a, b, job, message] = receiver.spans();
    expect([a?.parent, b?.parent, job?.parent]).toEqual([job?.spanId, job?.spanId, '']);
    expect(message).toMatchObject({ parent: 'b7ad6b7169203331', kind: 5, status: 2 });
    expect(message?.attributes.request_id).toBe('r9');
  });

  it('are not recorded where they have nowhere to go, and work runs all the same', async () => {
    const { pharos, receiver } = traced('orders', { tracing: { endpoint: null } });
    expect(pharos.span('x', (span) => span)).toBeUndefined();
    expect(() =>
      pharos.span('x', () => {
        throw new RangeError('as it was');
      }),
    ).toThrow('as it was');
    await pharos.stop();
    expect(receiver.at('/v1/traces')).toEqual([]);
  });
});

describe("OpenTelemetry's API", () => {
  // Instances of other test files may still live in this process, and the first one wins.
  beforeEach(() => {
    trace.disable();
    context.disable();
  });

  it('starts children of the request, and makes spans active for our logs and calls', async () => {
    const { pharos, receiver, logs } = traced('orders');
    const url = await serve(pharos, async (_request, response) => {
      const tracer = trace.getTracer('their-library');
      await tracer.startActiveSpan('their work', { kind: SpanKind.PRODUCER }, async (span) => {
        pharos.logger.info('inside');
        context.bind(context.active(), () => tracer.startSpan('their detail').end())();
        span.end();
      });
      response.end();
    });
    await fetch(url);
    await pharos.stop();
    const [detail, theirs, server] = receiver.spans();
    expect([detail?.parent, theirs?.parent]).toEqual([theirs?.spanId, server?.spanId]);
    expect(logs.lines.find(({ message }) => message === 'inside')).toMatchObject({ span_id: theirs?.spanId });
    expect(trace.getTracer('after').startSpan('nothing').isRecording()).toBe(false);
  });
});
