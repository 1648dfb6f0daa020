import { createServer, type Server } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listening, testEgress } from '../../egress/testing/setup.ts';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { moduleSchema } from './config.ts';
import { KnownModules } from './known-modules.ts';
import { compileModule } from './modules.ts';
import { probeEndpoint } from './routes.ts';

let app: HttpApp;
let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('x-host', request.headers.host ?? '').end(`${request.method} hello`);
  });
  port = await listening(server);
  const modules = {
    strict: moduleSchema.parse({
      prober: 'http',
      timeout: '5s',
      http: { valid_status_codes: [204], method: 'POST', headers: { 'X-A': 'b' } },
    }),
    body: moduleSchema.parse({ prober: 'http', http: { fail_if_body_matches_regexp: ['hel+o'] } }),
    header: moduleSchema.parse({
      prober: 'http',
      http: { fail_if_header_not_matches: [{ header: 'X-Host', regexp: '^shop$' }] },
    }),
    silent: moduleSchema.parse({
      prober: 'tcp',
      timeout: '50ms',
      tcp: { query_response: [{ expect: 'never' }] },
    }),
  };
  const endpoint = probeEndpoint({
    egress: testEgress(),
    ping: () => Promise.reject(new Error('ICMP is not permitted here')),
    modules: new KnownModules(modules),
  });
  app = await openTestApp([endpoint]);
});
afterAll(async () => {
  await app.close();
  server.closeAllConnections();
  server.close();
});
const probe = async (query: string, headers = {}) => {
  const { statusCode, body } = await app.inject({ url: `/probe?${query}`, headers });
  return { status: statusCode, body };
};

describe('/probe', () => {
  it('answers as blackbox_exporter does', async () => {
    const { status, body } = await probe(`target=127.0.0.1:${port}`);
    expect(status).toBe(200);
    for (const line of [
      'probe_success 1',
      'probe_http_status_code 200',
      'probe_http_version 1.1',
      'probe_ip_protocol 4',
      'probe_http_ssl 0',
      '# TYPE probe_http_duration_seconds gauge',
    ])
      expect(body.split('\n')).toContain(line);
    for (const phase of ['resolve', 'connect', 'tls', 'processing', 'transfer'])
      expect(body).toMatch(new RegExp(`^probe_http_duration_seconds\\{phase="${phase}"\\} [0-9.e-]+$`, 'm'));
  });

  it('runs the modules of the configuration, tells why in words when asked, and takes a host name', async () => {
    const failing = await probe(`target=http://127.0.0.1:${port}/&module=strict&debug=true`);
    expect([
      failing.body.includes('probe_success 0'),
      failing.body.includes('# the probe failed: the status is 200, expected 204'),
    ]).toEqual([true, true]);
    expect((await probe(`target=127.0.0.1:${port}&module=body`)).body).toContain(
      'probe_failed_due_to_regex 1',
    );
    expect((await probe(`target=127.0.0.1:${port}&module=header`)).body).toContain('probe_success 0');
    expect((await probe(`target=127.0.0.1:${port}&module=header&hostname=shop`)).body).toContain(
      'probe_success 1',
    );
    expect((await probe(`target=127.0.0.1:${port}&module=tcp_connect`)).body).toContain('probe_success 1');
    expect((await probe('target=127.0.0.1&module=icmp&debug=true')).body).toContain(
      'ICMP is not permitted here',
    );
  });

  it('ends before the scraper gives up, and refuses what it may not ask', async () => {
    expect((await probe(`target=127.0.0.1:${port}&module=silent`)).body).toContain('probe_success 0');
    expect(
      (await probe(`target=127.0.0.1:${port}`, { 'x-prometheus-scrape-timeout-seconds': '10' })).body,
    ).toContain('probe_success 1');
    expect((await probe('target=169.254.169.254&debug=true')).body).toContain('credentials');
  });

  it('says what is missing', async () => {
    expect(await probe('module=http_2xx')).toEqual({ status: 400, body: 'Target parameter is missing\n' });
    expect(await probe('target=a&module=nope')).toMatchObject({
      status: 400,
      body: expect.stringContaining('Unknown module "nope"; known: http_2xx'),
    });
    for (const query of [
      'target=http://[',
      'target=a&module=tcp_connect',
      'target=%00&module=dns',
      'target=a:99999&module=tcp_connect',
    ]) {
      const { status } = await probe(query);
      expect([query, status < 500]).toEqual([query, true]);
    }
  });
});

describe('modules', () => {
  it('are refused with the key that cannot be honoured', () => {
    const problem = (value: unknown) => JSON.stringify(moduleSchema.safeParse(value).error?.issues);
    expect(problem({ prober: 'http', http: { proxy_url: 'http://x' } })).toContain('proxy_url');
    expect(problem({ prober: 'http', http: { fail_if_body_matches_regexp: ['('] } })).toContain(
      'is not a pattern of RE2',
    );
    expect(problem({ prober: 'grpc' })).toContain('prober');
    expect(problem({ prober: 'dns', dns: {} })).toContain('query_name');
  });

  it('are read or refused, and those that are read can be made ready, whatever stands in the file', () => {
    const section = fc.dictionary(
      fc.constantFrom(
        'method',
        'headers',
        'valid_status_codes',
        'query_response',
        'query_name',
        'tls',
        'fail_if_body_matches_regexp',
        'payload_size',
        '__proto__',
      ),
      fc.oneof(fc.jsonValue(), fc.array(fc.string()), fc.constant('GET')),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('http', 'tcp', 'dns', 'icmp', 'x'),
        section,
        fc.string(),
        (prober, options, timeout) => {
          const parsed = moduleSchema.safeParse({
            prober,
            [prober]: options,
            ...(timeout === '' ? {} : { timeout }),
          });
          if (parsed.success) compileModule(parsed.data);
        },
      ),
    );
  });
});
