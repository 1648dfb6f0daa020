import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readBody } from './body.ts';
import { BodyBuffers } from './body_buffers.ts';
import { createHttpFetcher, type FetchRequest, type FetchResponse, type HttpFetcher } from './fetcher.ts';

const run = promisify(execFile);

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

function get(target = url(), options: Partial<FetchRequest> = {}): Promise<FetchResponse> {
  return fetcher.fetch({
    url: target,
    headers: {},
    followRedirects: true,
    bodyLimit: 1_000_000_000,
    buffers: new BodyBuffers(),
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
    await expect(get(url(), { bodyLimit: 50_000 })).rejects.toMatchObject({
      code: 'scrape.body_too_large',
    });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 30_000 });
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
      if (request.url === '/slow') response.write('a 1\n', () => begin());
    };
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const hang = new AbortController();
    const hanging = get(url('/hang'), { signal: hang.signal });
    hang.abort(new Error('too late'));
    await expect(hanging).rejects.toThrow('too late');
    const slow = new AbortController();
    const reading = get(url('/slow'), { signal: slow.signal });
    await begun;
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

describe('connections', () => {
  /** A server that answers each request of a connection with these bytes, whatever they are. */
  async function rawServer(
    answers: (turn: number) => string,
    ends = false,
  ): Promise<{ url: string; requests: string[]; close: () => Promise<void> }> {
    const requests: string[] = [];
    const raw = createRawServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        requests.push(chunk.toString('latin1'));
        socket.write(answers(requests.length));
        if (ends) socket.end();
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${(raw.address() as AddressInfo).port}/m?a=b`,
      requests,
      close: () => new Promise((resolve) => raw.close(() => resolve())),
    };
  }

  it('carry one scrape after the other, and only what is whole', async () => {
    answer = (_, response) => void response.end('m 1\n');
    for (let i = 0; i < 5; i++) expect(await text(await get())).toBe('m 1\n');
    expect(sockets).toBe(1);
    const both = await Promise.all([get(), get(), get()]);
    expect(await Promise.all(both.map((one) => text(one)))).toEqual(['m 1\n', 'm 1\n', 'm 1\n']);
    expect(sockets).toBe(3);
    await text(await get());
    expect(sockets).toBe(3);
  });

  it('send what HTTP wants, and refuse what it does not allow', async () => {
    const raw = await rawServer(() => 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nm 1\n');
    await get(raw.url, { headers: { accept: 'text/plain', 'x-many': ['1', '2'] } });
    expect(raw.requests[0]).toBe(
      `GET /m?a=b HTTP/1.1\r\nhost: ${new URL(raw.url).host}\r\naccept: text/plain\r\nx-many: 1\r\nx-many: 2\r\n\r\n`,
    );
    for (const headers of [{ 'x-a': 'b\r\nhost: c' }, { 'x a': 'b' }] as Record<string, string>[])
      await expect(get(raw.url, { headers })).rejects.toMatchObject({ code: 'scrape.request' });
    expect(raw.requests).toHaveLength(1);
    await fetcher.close();
    await raw.close();
  });

  it('that end in the middle, or carry no HTTP, fail the scrape', async () => {
    const short = await rawServer(() => 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nm 1\n', true);
    await expect(get(short.url)).rejects.toThrow('closed before the end');
    const other = await rawServer(() => 'SSH-2.0-x\r\n\r\n');
    await expect(get(other.url)).rejects.toThrow('is not HTTP/1.1');
    const silent = await rawServer(() => '', true);
    await expect(get(silent.url)).rejects.toMatchObject({ code: 'scrape.connect' });
    expect(silent.requests).toHaveLength(1);
    const endless = await rawServer(() => 'HTTP/1.1 200 OK\r\n\r\nm 1\n', true);
    expect(await text(await get(endless.url))).toBe('m 1\n');
    await Promise.all([short.close(), other.close(), silent.close(), endless.close()]);
  });

  it('are left alone after bytes that nobody asked for', async () => {
    const raw = await rawServer(
      (turn) => `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${turn}HTTP/1.1 200 OK\r\n`,
    );
    expect(await text(await get(raw.url))).toBe('1');
    expect(await text(await get(raw.url))).toBe('2');
    await fetcher.close();
    await raw.close();
  });

  it('tell a failed answer by its status without reading all of it', async () => {
    const closed = vi.fn();
    answer = (request, response) => {
      request.socket.on('close', closed);
      response.writeHead(500);
      response.write('sorry');
    };
    const response = await get();
    expect([response.status, response.length]).toEqual([500, 0]);
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 30_000 });
    answer = (_, response) => void response.writeHead(404, { 'content-length': 5 }).end('sorry');
    const before = sockets;
    expect((await get()).status).toBe(404);
    expect((await get()).status).toBe(404);
    expect(sockets).toBe(before + 1);
  });
});

describe('over TLS', () => {
  it('checks the certificate, the name in it, and resumes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pharos-scrape-tls-'));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const subject = ['-subj', '/CN=target', '-addext', 'subjectAltName=DNS:target.example'];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ]);
    const resumed: boolean[] = [];
    const secure = createTlsServer(
      { key: await readFile(key), cert: await readFile(cert) },
      (request, response) => {
        resumed.push((request.socket as TLSSocket).isSessionReused());
        response.setHeader('connection', 'close').end('x'.repeat(200_000));
      },
    );
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const at = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`;
    const options = { insecure_skip_verify: false };
    const strict = createHttpFetcher(options);
    const ask = (from: HttpFetcher) =>
      from.fetch({
        url: at,
        headers: {},
        followRedirects: false,
        bodyLimit: 1e6,
        buffers: new BodyBuffers(),
        signal: new AbortController().signal,
      });
    await expect(ask(strict)).rejects.toMatchObject({
      code: 'scrape.connect',
      message: expect.stringContaining('self-signed') as unknown,
    });
    const trusting = createHttpFetcher({ ...options, ca_file: cert });
    await expect(ask(trusting)).rejects.toMatchObject({
      message: expect.stringMatching(/does not match/) as unknown,
    });
    const named = createHttpFetcher({ ...options, ca_file: cert, server_name: 'target.example' });
    for (let i = 0; i < 2; i++) expect((await ask(named)).length).toBe(200_000);
    const careless = createHttpFetcher({ insecure_skip_verify: true });
    expect((await ask(careless)).length).toBe(200_000);
    expect(resumed).toEqual([false, true, false]);
    for (const one of [strict, trusting, named, careless]) await one.close();
    await new Promise((resolve) => secure.close(resolve));
    await rm(directory, { recursive: true });
  });
});
