/**
 * What the SDK costs per request: the smallest service of each framework, with and without it, in processes of their own,
 * in turns. CPU time per request is the figure to trust; requests per second depend on what else the machine does.
 *
 *   node --import tsx --conditions=source bench/sdk-overhead.ts [rounds] [requests]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createPharos, type Pharos } from '@pharos/node';
import express from 'express';
import fastify from 'fastify';

const FRAMEWORKS = ['http', 'express', 'fastify'] as const;
type Framework = (typeof FRAMEWORKS)[number];

const CONNECTIONS = 16;
const ANSWER = '{"ok":true}';

async function serve(framework: Framework, pharos: Pharos | null): Promise<void> {
  const server = http.createServer(await listenerOf(framework, pharos)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
  process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
}

async function listenerOf(framework: Framework, pharos: Pharos | null): Promise<RequestListener> {
  if (framework === 'express') {
    const app = express();
    if (pharos !== null) app.use(pharos.middleware());
    app.get('/x', (_request, response) => void response.json({ ok: true }));
    return app;
  }
  if (framework === 'fastify') {
    const app = fastify();
    if (pharos !== null) await app.register(pharos.fastify());
    app.get('/x', async () => ({ ok: true }));
    await app.ready();
    return app.routing;
  }
  const answer: RequestListener = (_request, response) => {
    pharos?.setRoute('/x');
    response.setHeader('content-type', 'application/json');
    response.end(ANSWER);
  };
  return pharos === null ? answer : pharos.instrumentHttp(answer);
}

/** Sends requests over a few connections, one at a time on each. */
function load(port: number, requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = requests;
    let done = 0;
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      const next = (): void => {
        if (left-- > 0) socket.write('GET /x HTTP/1.1\r\nhost: a\r\n\r\n');
        else socket.end();
      };
      socket.on('error', reject);
      socket.on('connect', next);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (!text.includes(ANSWER)) return;
        text = '';
        if (++done === requests) resolve();
        next();
      });
    }
  });
}

interface Service {
  readonly child: ChildProcess;
  readonly port: number;
  readonly micros: number[];
  readonly perSecond: number[];
}

async function start(framework: Framework, sdk: boolean): Promise<Service> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', framework, String(sdk)]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port, micros: [], perSecond: [] };
}

async function cpuMicros({ child }: Service): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
  return cpu.user + cpu.system;
}

async function round(service: Service, requests: number): Promise<void> {
  const [cpu, at] = [await cpuMicros(service), performance.now()];
  await load(service.port, requests);
  service.perSecond.push((requests / (performance.now() - at)) * 1_000);
  service.micros.push(((await cpuMicros(service)) - cpu) / requests);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function compare(framework: Framework, rounds: number, requests: number): Promise<void> {
  const [without, with_] = [await start(framework, false), await start(framework, true)];
  for (const service of [without, with_]) await load(service.port, requests);
  for (let i = 0; i < rounds; i++) for (const service of [without, with_]) await round(service, requests);
  const [a, b] = [median(without.micros), median(with_.micros)];
  const [x, y] = [median(without.perSecond), median(with_.perSecond)];
  console.log(
    `${framework}: CPU per request ${a.toFixed(1)} -> ${b.toFixed(1)} µs (+${(b - a).toFixed(1)}), ` +
      `requests/s ${x.toFixed(0)} -> ${y.toFixed(0)} (${(y / x).toFixed(2)})`,
  );
  for (const { child } of [without, with_]) child.kill();
}

const [mode, second, third] = process.argv.slice(2);
if (mode === 'serve') {
  const framework = FRAMEWORKS.find((name) => name === second) ?? 'http';
  const logs = { file: false, stdout: false } as const;
  await serve(framework, third === 'true' ? createPharos({ service: 'bench', env: {}, logs }) : null);
} else {
  for (const framework of FRAMEWORKS) await compare(framework, Number(mode ?? 7), Number(second ?? 20_000));
}
