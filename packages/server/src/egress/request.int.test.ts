import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createRawServer, type Server as RawServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PharosError } from '../kernel/errors.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { type EgressRequest, egressRequest } from './request.ts';
import { listening, testCertificate, testEgress } from './testing/setup.ts';

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let port: number;
const closing: (() => void)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  port = await listening(server);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const ask = (url: string, options: Partial<EgressRequest> = {}, egress = testEgress()) =>
  egressRequest(egress, {
    url,
    trust: 'api',
    purpose: 'probe',
    timeoutMs: 10_000,
    maxBytes: 1000,
    ...options,
  });
const local = (path = '/') => `http://127.0.0.1:${port}${path}`;
const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  return error instanceof PharosError ? `${error.code}: ${error.message}` : `not refused: ${String(error)}`;
};

async function raw(serve: (server: RawServer) => void): Promise<number> {
  const made = createRawServer();
  serve(made);
  closing.push(() => made.close());
  return listening(made);
}

describe('a request through the door', () => {
  it('sends what it was told and brings back status, headers and body', async () => {
    let seen = '';
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen = `${request.method} ${request.url} ${request.headers.host} ${request.headers['x-a']} ${body}`;
        response.setHeader('x-b', 'c').writeHead(418).end('short and stout');
      });
    };
    const got = await ask(local('/pot?x=1'), { method: 'POST', headers: { 'x-a': 'b' }, body: 'tea' });
    expect(seen).toBe(`POST /pot?x=1 127.0.0.1:${port} b tea`);
    expect([got.status, got.headers['x-b'], got.body.toString(), got.truncated, got.address]).toEqual([
      418,
      'c',
      'short and stout',
      false,
      '127.0.0.1',
    ]);
    expect(Object.values(got.phases).every((seconds) => seconds >= 0)).toBe(true);
  });

  it('cuts a long body off', async () => {
    answer = (_, response) => response.end('x'.repeat(100_000));
    const got = await ask(local());
    expect([got.truncated, got.body.length]).toEqual([true, 1000]);
  });

  it('gives up at its deadline, at any step, and when told to', async () => {
    answer = () => {};
    expect(await failure(ask(local(), { timeoutMs: 50 }))).toContain(
      `egress.timeout: 127.0.0.1:${port} did not answer within 0.05 s`,
    );
    answer = (_, response) => void response.write('x');
    expect(await failure(ask(local(), { timeoutMs: 50 }))).toContain('egress.timeout');
    const never = testEgress({ lookup: () => new Promise(() => {}) });
    expect(await failure(ask('http://slow.example/', { timeoutMs: 50 }, never))).toContain('egress.timeout');
    const told = new AbortController();
    const work = ask(local(), { signal: told.signal });
    told.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    await expect(ask(local(), { signal: told.signal })).rejects.toThrow('enough');
  });

  it('says what went wrong, in words', async () => {
    const closed = await raw(() => {});
    closing.splice(0).forEach((close) => close());
    expect(await failure(ask(`http://127.0.0.1:${closed}/`))).toBe(
      `egress.connect: cannot connect to 127.0.0.1:${closed}: connection refused`,
    );
    expect(await failure(ask('http://nowhere.example/'))).toBe(
      'egress.resolve: the name "nowhere.example" has no address: no such name',
    );
    expect(await failure(ask('gopher://x/'))).toContain('egress.request: "gopher://x/" is not an http');
    expect(await failure(ask(local(), { headers: { 'bad\nname': 'x' } }))).toContain('egress.request');
    const hangsUp = await raw((made) => made.on('connection', (socket) => socket.destroy()));
    expect(await failure(ask(`http://127.0.0.1:${hangsUp}/`))).toContain('egress.protocol');
    const talksRot = await raw((made) => made.on('connection', (socket) => socket.end('SSH-2.0-x\r\n\r\n')));
    expect(await failure(ask(`http://127.0.0.1:${talksRot}/`))).toContain('egress.protocol');
  });

  it('keeps to its places', async () => {
    const telemetry = createTelemetry();
    const egress = testEgress({ maxConnections: 2, telemetry });
    let [open, most] = [0, 0];
    answer = (_, response) => {
      most = Math.max(most, ++open);
      response.once('close', () => open--);
      setImmediate(() => response.end('ok'));
    };
    await Promise.all(Array.from({ length: 20 }, () => ask(local(), {}, egress)));
    expect(most).toBeLessThanOrEqual(2);
    await vi.waitFor(
      async () => expect(await telemetry.expose()).toContain('pharos_egress_active{purpose="probe"} 0'),
      { timeout: 30_000 },
    );
  });

  it('counts what it turns away when too many wait', async () => {
    const telemetry = createTelemetry();
    const egress = testEgress({ maxConnections: 1, telemetry });
    const held: ServerResponse[] = [];
    let isOver = false;
    answer = (_, response) => {
      if (isOver) response.end('ok');
      else held.push(response);
    };
    const asked = Array.from({ length: 13 }, () => failure(ask(local(), {}, egress)));
    const refused = await Promise.all(asked.slice(11));
    expect(refused).toEqual(Array(2).fill(expect.stringContaining('egress.busy')));
    expect(await telemetry.expose()).toContain(
      'pharos_egress_connections_total{purpose="probe",outcome="busy"} 2',
    );
    await vi.waitFor(() => expect(held).toHaveLength(1), { timeout: 30_000 });
    isOver = true;
    for (const response of held) response.end('ok');
    expect(new Set(await Promise.all(asked.slice(0, 11)))).toEqual(new Set(['not refused: null']));
  });
});

describe('addresses', () => {
  const strict = { allowPrivate: true, allowLoopback: false, allow: [], deny: [] };

  it('of metadata services, of this machine and of our own listeners are refused, by number and by name', async () => {
    const names = {
      'metadata.google.internal': ['169.254.169.254'],
      'me.example': ['127.0.0.1'],
      both: ['169.254.169.254', '127.0.0.1'],
    };
    const egress = testEgress({ names, rules: strict });
    for (const url of [
      'http://169.254.169.254/latest/meta-data/',
      'http://2852039166/',
      'http://0xa9fea9fe/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://[64:ff9b::a9fe:a9fe]/',
      'http://[fd00:ec2::254]/',
      'http://metadata.google.internal/',
      'http://me.example/',
      'http://127.1/',
      'http://[::1]/',
      'http://0/',
      'http://both/',
    ])
      expect([url, await failure(ask(url, {}, egress))]).toEqual([
        url,
        expect.stringContaining('egress.refused'),
      ]);
    const own = testEgress({ own: { addresses: () => [], ports: () => [port] } });
    expect(await failure(ask(local(), {}, own))).toBe(
      `egress.refused: 127.0.0.1, which is Pharos itself on port ${port}`,
    );
  });

  it('are trusted when the configuration file names them', async () => {
    answer = (_, response) => response.end('ok');
    const egress = testEgress({ rules: strict });
    expect((await ask(local(), { trust: 'configured' }, egress)).status).toBe(200);
  });

  it('are resolved once: a name that changes its mind is connected to where it was judged', async () => {
    answer = (_, response) => response.end('ok');
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const asked: string[] = [];
    const egress = testEgress({
      lookup: (host) => {
        asked.push(host);
        return Promise.resolve(answers.shift() ?? []);
      },
    });
    const got = await ask(`http://rebinding.example:${port}/`, {}, egress);
    expect([got.status, got.address, asked.length]).toEqual([200, '127.0.0.1', 1]);
    expect(await failure(ask(`http://rebinding.example:${port}/`, {}, egress))).toContain(
      'rebinding.example is 169.254.169.254, which is where a cloud hands out credentials',
    );
  });

  it('that may not be used are left out, others of the same name are tried in order', async () => {
    answer = (_, response) => response.end('ok');
    const names = { mixed: ['169.254.169.254', '127.0.0.2', '127.0.0.1'] };
    // Nothing listens on 127.0.0.2: the server is bound to one address.
    expect((await ask(`http://mixed:${port}/`, {}, testEgress({ names }))).address).toBe('127.0.0.1');
  });
});

describe('redirects', () => {
  it('are followed as far as asked, and judged each time', async () => {
    answer = (request, response) =>
      request.url === '/end'
        ? response.end('there')
        : response.writeHead(302, { location: request.url === '/a' ? '/b' : '/end' }).end();
    const got = await ask(local('/a'), { redirects: 3 });
    expect([got.status, got.redirects, new URL(got.url).pathname]).toEqual([200, 2, '/end']);
    expect((await ask(local('/a'))).status).toBe(302);
    expect(await failure(ask(local('/a'), { redirects: 1 }))).toContain('egress.redirects');
  });

  it('to a metadata address are refused, also for targets of the configuration file and by a name that moved', async () => {
    answer = (_, response) => response.writeHead(307, { location: 'http://169.254.169.254/latest/' }).end();
    for (const trust of ['api', 'configured'] as const)
      expect(await failure(ask(local(), { redirects: 5, trust }))).toContain(
        'egress.refused: 169.254.169.254',
      );
    answer = (_, response) => response.writeHead(302, { location: '/again' }).end();
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const egress = testEgress({ lookup: () => Promise.resolve(answers.shift() ?? []) });
    expect(await failure(ask(`http://moves.example:${port}/`, { redirects: 5 }, egress))).toContain(
      'egress.refused',
    );
    answer = (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    expect(await failure(ask(local(), { redirects: 5 }))).toContain('egress.redirects');
  });

  it('take no secrets to another host, and turn a POST that is answered 303 into a GET', async () => {
    const seen: string[] = [];
    answer = (request, response) => {
      seen.push(
        `${request.method} ${request.headers.authorization} ${request.headers['x-key']} ${request.headers.accept}`,
      );
      if (request.url !== '/') response.end('ok');
      else response.writeHead(303, { location: `http://other.example:${port}/end` }).end();
    };
    const headers = { authorization: 'Bearer s', 'x-key': 's', accept: 'text/plain' };
    const egress = testEgress({ names: { 'other.example': ['127.0.0.1'] } });
    await ask(local(), { method: 'POST', body: 'x', headers, redirects: 2 }, egress);
    expect(seen).toEqual(['POST Bearer s s text/plain', 'GET undefined undefined text/plain']);
  });
});

describe('TLS', () => {
  it('checks certificate and name against the host, and says what is wrong', async () => {
    const [good, expired] = await Promise.all([
      testCertificate('good.example'),
      testCertificate('old.example', { from: '20200101000000Z', to: '20210101000000Z' }),
    ]);
    const made = [good, expired].map((pair) =>
      createTlsServer(pair, (_, response) => response.end('secret')),
    );
    closing.push(...made.map((each) => () => void each.close()));
    const [goodPort = 0, oldPort = 0] = await Promise.all(made.map(listening));
    const names = {
      'good.example': ['127.0.0.1'],
      'old.example': ['127.0.0.1'],
      'wrong.example': ['127.0.0.1'],
    };
    const egress = testEgress({ names });
    const context = createSecureContext({ ca: [good.cert, expired.cert] });
    const at = (host: string, at: number, verify = true, ca = true) =>
      ask(`https://${host}:${at}/`, { tls: { verify, context: ca ? context : undefined } }, egress);
    const got = await at('good.example', goodPort);
    expect([got.body.toString(), got.peer?.problem, got.peer?.subject, got.peer?.version]).toEqual([
      'secret',
      null,
      'good.example',
      'TLSv1.3',
    ]);
    expect(got.peer?.earliestExpiry).toBeGreaterThan(Date.UTC(2030, 0, 1));
    expect(await failure(at('good.example', goodPort, true, false))).toBe(
      'egress.tls: the certificate of good.example is not to be trusted: it is self-signed',
    );
    expect(await failure(at('wrong.example', goodPort))).toContain(
      'not to be trusted: it is for DNS:good.example',
    );
    expect(await failure(at('old.example', oldPort))).toContain('it has expired');
    const lax = await at('old.example', oldPort, false);
    expect([lax.status, lax.peer?.problem, lax.peer?.earliestExpiry]).toEqual([
      200,
      'it has expired',
      Date.UTC(2021, 0, 1),
    ]);
    expect(await failure(at('good.example', port))).toContain('egress.tls: no TLS with good.example');
  });
});
