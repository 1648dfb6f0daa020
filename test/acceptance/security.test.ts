import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, ownMetric } from '../support/client.ts';
import { freePort } from '../support/peers.ts';
import {
  type PharosOptions,
  type RunningPharos,
  removeData,
  runPharos,
  startPharosProcess,
} from '../support/pharos.ts';

const run = promisify(execFile);
const QUIET = 'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\n';
const running: RunningPharos[] = [];
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'pharos-security-'));
});
afterAll(async () => {
  for (const pharos of running) {
    await pharos.stop();
    await removeData(pharos);
  }
  await rm(work, { recursive: true, force: true });
});

async function start(options: PharosOptions): Promise<RunningPharos> {
  const pharos = await startPharosProcess({ ...options, config: QUIET + (options.config ?? '') });
  running.push(pharos);
  return pharos;
}

async function secret(name: string, text: string): Promise<string> {
  const path = join(work, name);
  await writeFile(path, `${text}\n`, { mode: 0o600 });
  return path;
}

const basic = (password: string): string => `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;

/** What is said to the person who starts it; the log's lines are JSON. */
function linesFor(output: string): string[] {
  return output
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('{'));
}

/** One request with any headers: `fetch` would not let `Host` be set. */
function send(
  url: string,
  options: RequestOptions & { readonly body?: string | Buffer } = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const make = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = make(url, { agent: false, ...rest }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** One of every kind: page, asset, docs, API of each shape, stream, own metrics, ingest, unknown. */
const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/'],
  ['GET', '/services/order'],
  ['GET', '/docs'],
  ['GET', '/redoc'],
  ['GET', '/openapi.json'],
  ['GET', '/metrics'],
  ['GET', '/api/health'],
  ['GET', '/api/summary'],
  ['GET', '/api/debug/config'],
  ['GET', '/api/v1/query?query=up'],
  ['POST', '/api/v1/query'],
  ['GET', '/api/v1/stream'],
  ['POST', '/api/v1/annotations'],
  ['GET', '/api/controller/faults'],
  ['PUT', '/metrics/job/x'],
  ['POST', '/api/v1/import/prometheus'],
  ['POST', '/api/health/order'],
  ['GET', '/api/nothing'],
];

describe('an address that other machines reach', () => {
  it('is refused without a login, in one clear line', async () => {
    const data = join(work, 'refused');
    const ended = await runPharos(['serve', '--set', `storage.path=${data}`, '--set', 'web.port=0'], {
      PHAROS_HOST: '0.0.0.0',
    });
    expect(ended.code).toBe(1);
    expect(linesFor(ended.output)).toEqual([
      expect.stringMatching(
        /^pharos: web\.listen_address 0\.0\.0\.0 .*PHAROS_ADMIN_PASSWORD_FILE.*PHAROS_TOKEN_FILE.*PHAROS_GENERATE_PASSWORD/,
      ),
    ]);
  });

  it('is refused with a secret that cannot be read or is too short, naming the file', async () => {
    const short = await secret('short', 'abc');
    for (const path of [short, join(work, 'missing')]) {
      const ended = await runPharos(
        ['serve', '--set', `storage.path=${join(work, 'refused')}`, '--set', 'web.port=0'],
        { PHAROS_HOST: '0.0.0.0', PHAROS_ADMIN_PASSWORD_FILE: path },
      );
      expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(path)]);
    }
  });

  it('asks for the login on every kind of route, takes password and token, and warns without TLS', async () => {
    const pharos = await start({
      env: {
        PHAROS_HOST: '0.0.0.0',
        PHAROS_ADMIN_PASSWORD_FILE: await secret('password', 'correct horse battery'),
        PHAROS_TOKEN_FILE: await secret('token', 'token-0123456789abcdef'),
      },
    });
    expect(pharos.output()).toMatch(/warning: listening without TLS/);
    expect(pharos.output()).not.toMatch(/correct horse|token-0123/);
    for (const [method, path] of ROUTES) {
      for (const authorization of [
        undefined,
        basic('wrong horse battery'),
        `Basic ${Buffer.from('root:correct horse battery').toString('base64')}`,
        'Bearer token-0123456789abcdeX',
        'Bearer correct',
        'Digest x',
      ]) {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await send(pharos.url + path, { method, headers });
        expect([method, path, authorization, answer.status]).toEqual([method, path, authorization, 401]);
        expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
      }
    }
    for (const authorization of [basic('correct horse battery'), 'Bearer token-0123456789abcdef']) {
      for (const path of ['/', '/docs', '/metrics', '/api/health', '/api/v1/query?query=up'])
        expect([path, (await send(pharos.url + path, { headers: { authorization } })).status]).toEqual([
          path,
          200,
        ]);
      // Credentials of a person do not help a page of another site.
      const headers = { authorization, origin: 'https://evil.example' };
      expect((await send(`${pharos.url}/api/health`, { headers })).status).toBe(403);
    }
  });

  it('prints a generated password once and only once over restarts', async () => {
    const options = {
      env: { PHAROS_GENERATE_PASSWORD: 'true' },
      args: ['--set', 'web.listen_address=0.0.0.0'],
    };
    const first = await start(options);
    const password = /user admin, password (\S+)/.exec(first.output())?.[1] ?? '';
    expect(password).toMatch(/^[\w-]{24}$/);
    expect(await first.stop()).toBe(0);
    expect(first.output().split(password)).toHaveLength(2);
    const second = await start({ ...options, directory: first.directory });
    expect(second.output()).not.toMatch(/password/);
    const authorized = await send(`${second.url}/api/health`, {
      headers: { authorization: basic(password) },
    });
    expect(authorized.status).toBe(200);
    expect((await send(`${second.url}/api/health`)).status).toBe(401);
  });
});

describe('TLS', () => {
  const file = (name: string): string => join(work, name);
  const certificate = (name: string): Promise<unknown> =>
    run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost',
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.crt`),
    ]);

  it('is served, and demands a client certificate when told so', async () => {
    await Promise.all(['server', 'client', 'stranger'].map(certificate));
    const pharos = await start({
      config: `web:\n  listen_address: 0.0.0.0\n  tls_server_config:\n    cert_file: ${file('server.crt')}\n    key_file: ${file('server.key')}\n    client_ca_file: ${file('client.crt')}\n    client_auth_type: RequireAndVerifyClientCert\n    min_version: TLS13\n`,
      env: { PHAROS_TOKEN: 'token-0123456789abcdef' },
    });
    expect(pharos.url).toMatch(/^https:/);
    expect(pharos.output()).not.toMatch(/warning/);
    const ca = await readFile(file('server.crt'));
    const as = async (name: string): Promise<RequestOptions> => ({
      ca,
      cert: await readFile(file(`${name}.crt`)),
      key: await readFile(file(`${name}.key`)),
      headers: { authorization: 'Bearer token-0123456789abcdef' },
    });
    const answer = await send(`${pharos.url}/api/health`, await as('client'));
    expect(answer.status).toBe(200);
    expect(answer.headers['strict-transport-security']).toMatch(/max-age=\d+/);
    expect((await send(`${pharos.url}/api/health`, { ...(await as('client')), headers: {} })).status).toBe(
      401,
    );
    await expect(send(`${pharos.url}/api/health`, await as('stranger'))).rejects.toThrow();
    await expect(send(`${pharos.url}/api/health`, { ca })).rejects.toThrow();
    await expect(
      send(`${pharos.url}/api/health`, { ...(await as('client')), maxVersion: 'TLSv1.2' }),
    ).rejects.toThrow();
    await expect(send(pharos.url.replace('https', 'http'))).rejects.toThrow();
  });

  it('with files that are missing or no certificate is refused in one clear line', async () => {
    const broken = await secret('broken.crt', 'no certificate');
    for (const path of [file('missing.crt'), broken]) {
      const config = `web: {port: 0, tls_server_config: {cert_file: ${path}, key_file: ${path}}}`;
      const ended = await runPharos([
        'serve',
        '--config',
        await secret('tls.yaml', config),
        '--set',
        `storage.path=${join(work, 'tls')}`,
      ]);
      expect(ended.code).toBe(1);
      expect(linesFor(ended.output)).toEqual([expect.stringContaining(`${path}`)]);
    }
  });
});

describe('on loopback', () => {
  let pharos: RunningPharos;
  beforeAll(async () => {
    pharos = await start({ config: 'web: {max_body: 1MB, max_bodies_in_flight: 8MB}\n' });
  });

  it('every answer carries the security headers and a strict policy', async () => {
    for (const [method, path] of ROUTES.filter(([, path]) => path !== '/api/v1/stream')) {
      const { headers } = await send(pharos.url + path, { method, headers: { accept: 'text/html' } });
      expect([path, headers]).toEqual([
        path,
        expect.objectContaining({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'same-origin',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
        }),
      ]);
      const policy = new Map(
        String(headers['content-security-policy'])
          .split(';')
          .map((part): [string, string] => {
            const [name = '', ...values] = part.trim().split(' ');
            return [name, values.join(' ')];
          }),
      );
      expect([path, policy.get('default-src')]).toEqual([path, "'none'"]);
      expect([path, policy.get('frame-ancestors')]).toEqual([path, "'none'"]);
      expect([path, policy.get('script-src')]).toEqual([
        path,
        expect.not.stringMatching(/unsafe|\*|http|data:/),
      ]);
    }
    const page = await send(pharos.url, { headers: { accept: 'text/html' } });
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S|\son\w+=|javascript:/i);
  });

  it('foreign names, origins and sites are refused on every kind of route', async () => {
    for (const [method, path] of ROUTES) {
      for (const headers of [
        { host: 'evil.example' },
        { host: '127.0.0.1.evil.example' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
      ]) {
        const answer = await send(pharos.url + path, { method, headers });
        expect([method, path, headers, answer.status]).toEqual([method, path, headers, 403]);
      }
    }
  });

  it('bodies over the limit are refused, also compressed ones', async () => {
    const large = 'x'.repeat(1_100_000);
    const json = { 'content-type': 'application/json' };
    const post = (path: string, headers: Record<string, string>, body: string | Buffer) =>
      send(pharos.url + path, { method: 'POST', headers, body });
    expect((await post('/api/v1/annotations', json, JSON.stringify({ title: large }))).status).toBe(413);
    expect(
      (await post('/api/v1/annotations', { ...json, 'content-encoding': 'gzip' }, gzipSync(large))).status,
    ).toBe(413);
    expect(
      (await post('/api/v1/annotations', { ...json, 'content-encoding': 'gzip' }, 'not gzip')).status,
    ).toBe(400);
    // 40 MB of spaces in 40 KB, over both the route's own limit and what may be in flight.
    const bomb = gzipSync(Buffer.alloc(40 * 2 ** 20, 0x20));
    const answer = await post('/api/v1/import/prometheus', { 'content-encoding': 'gzip' }, bomb);
    expect([answer.status, answer.text]).toEqual([
      413,
      expect.stringMatching(/larger than \d+ bytes after gzip decompression/),
    ]);
    expect((await send(`${pharos.url}/api/health`)).status).toBe(200);
    expect(pharos.child.exitCode).toBeNull();
  });

  it('a tenant header without credentials for it changes nothing', async () => {
    const at = Date.now();
    const pushed = await send(`${pharos.url}/api/v1/import/prometheus`, {
      method: 'POST',
      headers: { 'x-scope-orgid': 'other' },
      body: `tenant_probe 7 ${at}\n`,
    });
    expect(pushed.status).toBe(204);
    expect((await ask(pharos.url, 'tenant_probe'))[0]?.value[1]).toBe('7');
    const other = await send(`${pharos.url}/api/v1/query?query=tenant_probe`, {
      headers: { 'x-scope-orgid': 'other' },
    });
    expect(other.text).toContain('"7"');
  });

  it('counts what it refuses', async () => {
    expect(await ownMetric(pharos.url, 'pharos_http_requests_total', 'code="403"')).toBeGreaterThan(0);
    expect(await ownMetric(pharos.url, 'pharos_http_requests_total', 'code="413"')).toBeGreaterThan(0);
  });
});

describe('the shop and its controller', () => {
  const shop = fileURLToPath(new URL('../../shop/dist/', import.meta.url));
  const children: ChildProcess[] = [];
  const ports: number[] = [];

  beforeAll(async () => {
    const names = ['catalog', 'controller'];
    const env: Record<string, string> = {
      SHOP_DATA_DIR: join(work, 'shop'),
      SHOP_FAULTS_ENABLED: 'true',
      SHOP_TRAFFIC_MODE: 'off',
      SHOP_LOG_STDOUT: 'false',
    };
    for (const variable of [
      'CATALOG_PORT',
      'CATALOG_METRICS_PORT',
      'CATALOG_CONTROL_PORT',
      'CONTROLLER_PORT',
    ]) {
      const port = await freePort();
      ports.push(port);
      env[variable] = String(port);
    }
    for (const name of names)
      children.push(
        spawn(process.execPath, [join(shop, `${name}.js`)], {
          env: { ...process.env, ...env },
          stdio: 'ignore',
        }),
      );
    for (const port of ports)
      await vi.waitFor(
        async () => expect((await send(`http://127.0.0.1:${port}/`)).status).toBeGreaterThan(0),
        { timeout: 20_000 },
      );
  });
  afterAll(async () => {
    await Promise.all(
      children.map((child) => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        return gone;
      }),
    );
  });

  it('refuse foreign names, origins and sites on every listener', async () => {
    for (const [port, path] of ports.flatMap((port) =>
      ['/', '/health', '/metrics', '/products', '/faults', '/nothing'].map((path) => [port, path] as const),
    )) {
      for (const headers of [
        { host: 'evil.example' },
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
      ])
        for (const method of ['GET', 'POST']) {
          const answer = await send(`http://127.0.0.1:${port}${path}`, { method, headers });
          expect([port, method, path, headers, answer.status]).toEqual([port, method, path, headers, 403]);
        }
    }
    const [api = 0, metrics = 0, , controller = 0] = ports;
    expect((await send(`http://127.0.0.1:${api}/health`)).status).toBe(200);
    expect((await send(`http://127.0.0.1:${metrics}/metrics`)).status).toBe(200);
    expect((await send(`http://127.0.0.1:${controller}/faults`)).status).toBe(200);
  });
});
