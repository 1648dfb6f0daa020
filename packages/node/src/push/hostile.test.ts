import { spawn } from 'node:child_process';
import { createServer as createTcpServer, type Socket } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listening, listen, sample, testPharos, until } from '../testing/harness.ts';
import { withTimestamps } from './reporter.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Upstream {
  readonly url: string;
  /** Connections or requests it has seen. */
  seen(): number;
}

async function tcp(onConnection: (socket: Socket) => void): Promise<Upstream> {
  let seen = 0;
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    seen++;
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  closers.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(resolve);
      }),
  );
  return { url: `http://127.0.0.1:${address.port}`, seen: () => seen };
}

async function http(listener: Parameters<typeof listen>[0]): Promise<Upstream> {
  let seen = 0;
  const server = await listen((request, response) => {
    seen++;
    listener(request, response);
  });
  closers.push(() => server.close());
  return { url: server.url, seen: () => seen };
}

/** Every way in which Pharos can be wrong. */
const UPSTREAMS: Record<string, () => Promise<Upstream>> = {
  'accepts and never answers': () => tcp(() => {}),
  'answers garbage': () => tcp((socket) => socket.end('\u0000\u0001not http at all\r\n\r\n')),
  'closes at once': () => tcp((socket) => socket.destroy()),
  'answers with endless headers': () =>
    tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write(`x-${'a'.repeat(4_000)}: 1\r\n`, () => setImmediate(more));
      };
      more();
    }),
  'answers an endless body': () =>
    http((_request, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
      };
      more();
    }),
  'redirects to itself': () =>
    http((request, response) => void response.writeHead(307, { location: request.url }).end()),
  'answers 500': () => http((_request, response) => void response.writeHead(500).end('no')),
  'asks to wait for ever': () =>
    http((_request, response) => void response.writeHead(503, { 'retry-after': '999999' }).end()),
};

async function hostOf(
  url: string,
): Promise<{ host: Listening; pharos: ReturnType<typeof testPharos>['pharos'] }> {
  const { pharos } = testPharos({
    push: { url, interval: 5, healthInterval: 5, timeout: 200, maxBufferBytes: 20_000 },
  });
  const host = await listen(pharos.instrumentHttp((_request, response) => void response.end('served')));
  closers.push(() => host.close());
  return { host, pharos };
}

describe.each(Object.entries(UPSTREAMS))('Pharos %s', (_name, start) => {
  it('and the service serves, and stops in time', async () => {
    const failures: unknown[] = [];
    const onFailure = (error: unknown): void => void failures.push(error);
    process.on('unhandledRejection', onFailure);
    process.on('uncaughtExceptionMonitor', onFailure);
    const upstream = await start();
    const { host, pharos } = await hostOf(upstream.url);
    pharos.reportHealth('shop', 'healthy');
    await until(() => upstream.seen() > 1);
    for (let i = 0; i < 30; i++) expect(await (await fetch(host.url)).text()).toBe('served');
    expect(sample(await pharos.registry.metrics(), 'http_requests_total', { status: '200' })).toBe(30);
    await pharos.stop(300);
    process.off('unhandledRejection', onFailure);
    process.off('uncaughtExceptionMonitor', onFailure);
    expect(failures).toEqual([]);
  });
});

it('a Pharos that is not there changes nothing either', async () => {
  const gone = await listen(() => {});
  await gone.close();
  const { host, pharos } = await hostOf(gone.url);
  for (let i = 0; i < 30; i++) expect(await (await fetch(host.url)).text()).toBe('served');
  await pharos.stop(300);
});

it('pushes metrics and health in the documented form, without the ids of any request', async () => {
  const received: { path: string; type: unknown; encoding: unknown; id: unknown; text: string }[] = [];
  const upstream = await http((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const { headers } = request;
      const encoding = headers['content-encoding'];
      received.push({
        path: request.url ?? '',
        type: headers['content-type'],
        encoding,
        id: headers['x-request-id'],
        text: (encoding === 'gzip' ? gunzipSync(raw) : raw).toString(),
      });
      response.writeHead(202).end();
    });
  });
  const { pharos } = testPharos({
    service: 'order service',
    instance: '127.0.0.1:8003',
    propagation: true,
    push: { url: `${upstream.url}/`, interval: 20 },
  });
  pharos.reportActiveUsers(7);
  pharos.runInContext(() => pharos.reportHealth('payments', 'down'));
  const metrics = await until(() => received.find(({ path }) => path.startsWith('/metrics')));
  const health = await until(() => received.find(({ path }) => path === '/api/health/payments'));
  const own = await until(() => received.find(({ path }) => path === '/api/health/order%20service'));
  await pharos.stop();
  expect(metrics).toMatchObject({
    path: '/metrics/job/order%20service/instance/127.0.0.1%3A8003',
    type: 'text/plain; version=0.0.4; charset=utf-8',
    encoding: 'gzip',
    id: undefined,
  });
  expect(metrics.text).toMatch(/^active_users_total 7 \d{13}$/m);
  expect([health.text, own.text, health.id]).toEqual([
    '{"status":"down"}',
    '{"status":"healthy"}',
    undefined,
  ]);
});

it('sends the last values when it stops', async () => {
  const texts: string[] = [];
  const upstream = await http((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url?.startsWith('/metrics')) texts.push(gunzipSync(Buffer.concat(chunks)).toString());
      response.end();
    });
  });
  const { pharos } = testPharos({ push: { url: upstream.url, interval: 3_600_000 } });
  pharos.reportActiveUsers(42);
  await pharos.stop();
  expect(texts.join('')).toMatch(/^active_users_total 42 /m);
});

it('pushes neither metrics nor health where it is scraped', async () => {
  const paths = new Set<string>();
  const upstream = await http((request, response) => {
    paths.add(request.url ?? '');
    response.end();
  });
  const { pharos } = testPharos({
    push: { url: upstream.url },
    metrics: { push: false },
    health: { push: false },
  });
  pharos.logger.info('a line');
  pharos.span('work', () => undefined);
  await pharos.stop();
  expect(paths).toEqual(new Set(['/api/logs', '/v1/traces']));
});

it('a finished process exits by itself while Pharos hangs', async () => {
  const upstream = await tcp(() => {});
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('../testing/exit-child.ts', import.meta.url))],
    {
      env: { ...process.env, PHAROS_URL: upstream.url, PHAROS_PUSH_INTERVAL: '10ms' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(0);
  expect(output).toContain('done');
  expect(upstream.seen()).toBeGreaterThan(0);
});

it('timestamps samples and leaves comments alone', () => {
  expect(withTimestamps('# HELP a b\n# TYPE a gauge\na 1\n\nb{x="# y"} 2\n', 5)).toBe(
    '# HELP a b\n# TYPE a gauge\na 1 5\n\nb{x="# y"} 2 5\n',
  );
});
