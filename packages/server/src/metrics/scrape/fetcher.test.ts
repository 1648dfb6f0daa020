import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readBody } from './body.ts';
import { BodyBuffers } from './body_buffers.ts';
import { createHttpFetcher, type FetchResponse, type HttpFetcher } from './fetcher.ts';

let server: Server;
let fetcher: HttpFetcher;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let sockets: number;

beforeEach(async () => {
  sockets = 0;
  server = createServer((request, response) => answer(request, response));
  server.on('connection', () => sockets++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fetcher = createHttpFetcher();
});

afterEach(async () => {
  await fetcher.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function url(path = '/metrics', host = '127.0.0.1'): string {
  return `http://${host}:${(server.address() as AddressInfo).port}${path}`;
}

function get(
  target = url(),
  options: { headers?: Record<string, string>; followRedirects?: boolean; signal?: AbortSignal } = {},
): Promise<FetchResponse> {
  return fetcher.fetch({
    url: target,
    headers: {},
    followRedirects: true,
    signal: new AbortController().signal,
    ...options,
  });
}

async function text(response: FetchResponse, limit = 1_000_000): Promise<string> {
  const body = await readBody(response, limit, new BodyBuffers());
  return Buffer.from(body.bytes.subarray(0, body.length)).toString('utf8');
}

describe('the fetcher and the body reader', () => {
  it('read plain and gzip bodies over one connection', async () => {
    answer = (request, response) => {
      if (request.url === '/gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync('zipped 1\n'));
      else response.setHeader('content-type', 'text/plain').end('plain 1\n');
    };
    const plain = await get();
    expect(plain.status).toBe(200);
    expect(plain.header('content-type')).toBe('text/plain');
    expect(await text(plain)).toBe('plain 1\n');
    expect(await text(await get(url('/gzip')))).toBe('zipped 1\n');
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      await text(await get());
    }
    expect(sockets).toBeLessThan(5);
  });

  it('stop reading an endless body at the limit, and end its connection', async () => {
    const closed = vi.fn();
    answer = (request, response) => {
      request.socket.on('close', closed);
      const more = (): void => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    };
    await expect(readBody(await get(), 50_000, new BodyBuffers())).rejects.toMatchObject({
      code: 'scrape.body_too_large',
    });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  });

  it('refuse a gzip bomb without inflating it, and a broken stream', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    answer = (request, response) => {
      response
        .setHeader('content-encoding', 'gzip')
        .end(request.url === '/bomb' ? bomb : bomb.subarray(0, 500));
    };
    await expect(readBody(await get(url('/bomb')), 1_000_000, new BodyBuffers())).rejects.toMatchObject({
      code: 'scrape.body_too_large',
    });
    await expect(readBody(await get(url('/broken')), 1_000_000_000, new BodyBuffers())).rejects.toMatchObject(
      {
        code: 'scrape.encoding',
      },
    );
  });

  it('end with the signal, before the answer and in the middle of a slow one', async () => {
    answer = (request, response) => {
      if (request.url === '/slow') response.write('a 1\n');
    };
    const hang = new AbortController();
    const hanging = get(url('/hang'), { signal: hang.signal });
    hang.abort(new Error('too late'));
    await expect(hanging).rejects.toThrow('too late');
    const slow = new AbortController();
    const reading = readBody(await get(url('/slow'), { signal: slow.signal }), 1_000, new BodyBuffers());
    slow.abort(new Error('too slow'));
    await expect(reading).rejects.toThrow('too slow');
  });

  it('follow redirects when told to, without taking secrets to another host', async () => {
    const seen: (string | undefined)[] = [];
    answer = (request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else if (request.url === '/b') response.writeHead(307, { location: url('/c', 'localhost') }).end();
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      else response.end('there');
    };
    expect(await text(await get(url('/a'), { headers: { authorization: 'Bearer x' } }))).toBe('there');
    expect(seen).toEqual(['Bearer x', 'Bearer x', undefined]);
    expect((await get(url('/a'), { followRedirects: false })).status).toBe(302);
    await expect(get(url('/loop'))).rejects.toMatchObject({ code: 'scrape.redirects' });
    await expect(get(url('/file'))).rejects.toMatchObject({ code: 'scrape.redirects' });
  });

  it('name the host that cannot be reached, and try once more when an idle connection was closed', async () => {
    let requests = 0;
    answer = (request, response) => {
      requests++;
      if (requests === 2) request.socket.destroy();
      else response.end('m 1\n');
    };
    await text(await get());
    expect(await text(await get())).toBe('m 1\n');
    expect(requests).toBe(3);
    const gone = url();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(get(gone)).rejects.toMatchObject({
      code: 'scrape.connect',
      message: expect.stringMatching(/^cannot reach 127\.0\.0\.1:\d+: .*ECONNREFUSED/) as unknown,
    });
    server.listen(0, '127.0.0.1');
  });
});
