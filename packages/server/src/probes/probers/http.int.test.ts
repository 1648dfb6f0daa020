import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listening, testCertificate, testEgress } from '../../egress/testing/setup.ts';
import { compileProbe } from '../compile.ts';
import { probeDefinition } from '../definition.ts';
import { testContext, valueOf } from '../testing/context.ts';

let server: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  port = await listening(server);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function look(options: object, context = testContext()) {
  const definition = probeDefinition.parse({
    type: 'http',
    name: 'x',
    target: `http://127.0.0.1:${port}/`,
    ...options,
  });
  const result = await compileProbe(definition).look?.(context);
  if (result === undefined) throw new Error('an HTTP probe looks');
  return result;
}
const says = (status: number, body: string, headers: Record<string, string> = {}) => {
  answer = (_, response) => response.writeHead(status, headers).end(body);
};

describe('the HTTP prober', () => {
  it('tells status, phases and size of a good answer', async () => {
    says(204, '', { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' });
    const result = await look({});
    expect([
      result.success,
      result.reason,
      valueOf(result, 'probe_http_status_code'),
      valueOf(result, 'probe_http_ssl'),
    ]).toEqual([true, '', 204, 0]);
    for (const phase of ['resolve', 'connect', 'tls', 'processing', 'transfer'])
      expect(valueOf(result, 'probe_http_duration_seconds', phase)).toBeGreaterThanOrEqual(0);
    expect(valueOf(result, 'probe_http_last_modified_timestamp_seconds')).toBe(Date.UTC(2026, 0, 1) / 1000);
  });

  it.each<readonly [object, number, string, RegExp | null]>([
    [{}, 500, '', /^the status is 500, expected 2xx$/],
    [{ expect: { status: ['401', '5xx'] } }, 500, '', null],
    [{ expect: { status: ['200-399'] } }, 400, '', /400, expected 200-399/],
    [{ expect: { contains: ['ready'] } }, 200, 'not yet', /the body lacks "ready"; it begins with "not yet"/],
    [{ expect: { not_contains: ['error'] } }, 200, 'an error', /the body holds "error"/],
    [{ expect: { matches: ['v\\d+'] } }, 200, 'v12', null],
    [{ expect: { matches: ['^v\\d+$'] } }, 200, 'x', /does not match "\^v\\d\+\$"/],
    [{ expect: { not_matches: ['(?i)panic'] } }, 200, 'PANIC', /matches/],
    [{ expect: { json: [{ path: '$.db.status', equals: 'up' }] } }, 200, '{"db":{"status":"up"}}', null],
    [
      { expect: { json: [{ path: 'db.status', equals: 'up' }] } },
      200,
      '{"db":{"status":"down"}}',
      /at db\.status is "down", expected "up"/,
    ],
    [{ expect: { json: [{ path: '$.lag', max: 5 }] } }, 200, '{"lag":9}', /is 9, expected at most 5/],
    [{ expect: { json: [{ path: '$.lag' }] } }, 200, '{}', /nothing at \$\.lag/],
    [{ expect: { json: [{ path: '$.lag' }] } }, 200, '<html>', /is not JSON/],
    [
      { expect: { headers: [{ name: 'X-Version', matches: '^2' }] } },
      200,
      '',
      /the header X-Version is missing/,
    ],
  ])('%o on %i %j', async (options, status, body, problem) => {
    says(status, body);
    const result = await look(options);
    if (problem === null) expect([result.success, result.reason]).toEqual([true, '']);
    else expect([result.success, result.reason]).toEqual([false, expect.stringMatching(problem)]);
    expect(valueOf(result, 'probe_http_status_code')).toBe(status);
  });

  it('sends method, body, headers and credentials, and unpacks what is packed', async () => {
    let seen = '';
    answer = (request, response) => {
      seen = `${request.method} ${request.headers.authorization} ${request.headers['x-a']}`;
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('ready'));
    };
    const result = await look({
      method: 'POST',
      body: '{}',
      headers: { 'X-A': 'b' },
      basic_auth: { username: 'u', password: 'p' },
      expect: { contains: ['ready'] },
    });
    expect([result.reason, seen]).toEqual(['', `POST Basic ${Buffer.from('u:p').toString('base64')} b`]);
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('rot');
    expect((await look({ expect: { contains: ['x'] } })).reason).toBe('the body is not gzip');
  });

  it('fails what is slower than it may be, and what does not answer at all', async () => {
    answer = (_, response) => void setTimeout(() => response.end('ok'), 30);
    expect((await look({ max_latency: '5ms' })).reason).toMatch(/took \d+ ms, expected at most 5 ms/);
    answer = () => {};
    const late = await look({ timeout: '100ms' });
    expect([late.reason, valueOf(late, 'probe_http_status_code')]).toEqual([
      `127.0.0.1:${port} did not answer within 0.1 s`,
      0,
    ]);
    expect((await look({ target: 'http://169.254.169.254/' })).reason).toContain('credentials');
  });

  it('follows redirects, or not', async () => {
    answer = (request, response) =>
      request.url === '/end' ? response.end('there') : response.writeHead(301, { location: '/end' }).end();
    expect(valueOf(await look({}), 'probe_http_redirects')).toBe(1);
    expect((await look({ follow_redirects: false })).reason).toContain('the status is 301');
  });

  it('warns of a certificate before it expires, and knows its date when it is refused', async () => {
    const made = await testCertificate('soon.example');
    const tls = createTlsServer(made, (_, response) => response.end('ok'));
    const target = `https://soon.example:${await listening(tls)}/`;
    const context = testContext({}, testEgress({ names: { 'soon.example': ['127.0.0.1'] } }));
    const trusted = { ca: made.cert, warn_days: 3650 };
    try {
      const warned = await look({ target, tls: trusted }, context);
      expect([warned.success, warned.warning]).toEqual([
        true,
        expect.stringMatching(/^the certificate expires in 36\d\d days, on 20/),
      ]);
      expect(valueOf(warned, 'probe_ssl_earliest_cert_expiry')).toBeGreaterThan(Date.UTC(2030, 0, 1) / 1000);
      expect((await look({ target, tls: { ca: made.cert } }, context)).warning).toBeNull();
      const refused = await look({ target }, context);
      expect(refused.reason).toContain('is not to be trusted: it is self-signed');
      expect(valueOf(refused, 'probe_ssl_earliest_cert_expiry')).toBe(
        valueOf(warned, 'probe_ssl_earliest_cert_expiry'),
      );
      expect((await look({ target, tls: { verify: false } }, context)).success).toBe(true);
    } finally {
      tls.closeAllConnections();
      tls.close();
    }
  });
});
