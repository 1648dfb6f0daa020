/**
 * The built dashboard with a made-up Pharos behind it, for looking and for tests; the headers are those of the real server.
 * Run: `npx tsx packages/dashboard/dev/mock/server.ts [scenario] [port]`.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { BREAKERS_PATH, createBreakers } from './breakers.ts';
import { cardinalityAnswer } from './cardinality.ts';
import { logsAnswer } from './logs.ts';
import { metricsAnswer, rangeAnswer } from './metrics.ts';
import { createProbes, createStatusPage, PROBES_PATH, STATUS_PAGE_PATH } from './probes.ts';
import { createSearches, SEARCHES_PATH } from './searches.ts';
import { createShop } from './shop.ts';
import { serveTails } from './tail.ts';
import { targets } from './targets.ts';
import { topologyAnswer } from './topology.ts';
import { tracesAnswer } from './traces.ts';
import * as world from './world.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const EVENT_MS = 1000;
const CONTROLLER_PATH = '/api/controller/';

export interface MockServer {
  readonly url: string;
  /** Goes on as another scenario; `offline` drops every connection, as if the process had died. */
  use(scenario: world.Scenario): void;
  /** How many event streams are open. */
  streams(): number;
  /** How many rounds of events went out so far. */
  sent(): number;
  close(): Promise<void>;
}

function seconds(text: string | null): number {
  const match = /^(\d+)([smhd])$/.exec(text ?? '');
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] ?? 's'] ?? 1;
  return match === null ? 300 : Number(match[1]) * unit;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? null : JSON.parse(text);
}

function answer(scenario: world.Scenario, url: URL, now: number): unknown {
  const query = url.searchParams;
  switch (url.pathname) {
    case '/api/health':
      return world.health(scenario, now);
    case '/api/summary':
      return world.summary(scenario, now);
    case '/api/performance':
      return world.performance(scenario, query.get('service'), seconds(query.get('window')), now);
    case '/api/services':
      return world.services(scenario, now);
    case '/api/health/past':
      return { services: [{ name: 'catalog', status: 'degraded' }] };
    case '/api/health/history':
      return world.history(scenario, query.get('service') ?? '', seconds(query.get('window')), now);
    case '/api/v1/annotations':
      return { annotations: world.annotations(scenario, now) };
    case '/api/v1/dashboards':
      return { dashboards: [{ uid: 'own', title: 'My own', builtIn: false }], folders: [], tags: [] };
    case '/api/v1/dashboards/own':
      return {
        version: 3,
        dashboard: { title: 'My own', panels: [{ id: 1, grid: { x: 0, y: 0, w: 12, h: 8 } }] },
      };
    case '/api/v1/alerting/alerts':
      return world.alerts(scenario, now);
    case '/api/v1/targets':
      return targets(scenario, now);
    case '/api/v1/topology':
    case '/api/v1/topology/steps':
      return topologyAnswer(scenario, url, now);
    default:
      return cardinalityAnswer(scenario, url, now);
  }
}

function metricsReply(scenario: world.Scenario, url: URL, now: number) {
  if (url.pathname !== '/api/v1/query_range') return metricsAnswer(scenario, url, now);
  const of = (name: string): number => Number(url.searchParams.get(name));
  const matrix = world.matrix(scenario, of('start'), of('end'), of('step'));
  return rangeAnswer(url.searchParams.get('query') ?? '', matrix);
}

function stream(
  request: IncomingMessage,
  response: ServerResponse,
  scenario: () => world.Scenario,
  count: () => void,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (): void => {
    count();
    const now = Date.now();
    response.write(`event: health\ndata: ${JSON.stringify(world.health(scenario(), now))}\n\n`);
    response.write(`event: summary\ndata: ${JSON.stringify(world.summary(scenario(), now))}\n\n`);
  };
  send();
  const timer = setInterval(send, EVENT_MS);
  request.on('close', () => clearInterval(timer));
}

/** Files of the build; any other path without a dot is a page. As in the real server a `<base>` anchors the shell's links. */
function staticFile(response: ServerResponse, path: string, base: string): void {
  const file = join(DIST, normalize(path));
  const headers = { 'content-security-policy': CSP, 'x-content-type-options': 'nosniff' };
  if (path !== '/' && extname(path) !== '' && file.startsWith(DIST) && existsSync(file)) {
    response.writeHead(200, {
      ...headers,
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    });
    createReadStream(file).pipe(response);
    return;
  }
  if (extname(path) !== '') {
    json(response, 404, { message: 'no such file' });
    return;
  }
  response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' });
  response.end(
    readFileSync(join(DIST, 'index.html'), 'utf8').replace('<head>', `<head><base href="${base}">`),
  );
}

export async function startMock(options: {
  scenario: world.Scenario;
  port?: number;
  base?: string;
}): Promise<MockServer> {
  let scenario = options.scenario;
  const base = options.base ?? '/';
  const shop = createShop();
  const searches = createSearches();
  const breakers = createBreakers();
  const probes = createProbes();
  const statusPage = createStatusPage();
  let streams = 0;
  let sent = 0;
  /** What changes with what it is asked: the shop's controller, saved searches and breakers. */
  const keptReply = async (request: IncomingMessage, url: URL) => {
    const { method = 'GET' } = request;
    const { pathname: path } = url;
    if (path.startsWith(PROBES_PATH)) return probes({ method, url, body: await bodyOf(request), scenario });
    if (path.startsWith(STATUS_PAGE_PATH))
      return statusPage({ method, url, body: await bodyOf(request), scenario });
    if (path.startsWith(SEARCHES_PATH)) return searches({ method, path, body: await bodyOf(request) });
    if (path.startsWith(BREAKERS_PATH))
      return breakers({ method, path, body: await bodyOf(request), scenario });
    if (!path.startsWith(CONTROLLER_PATH)) return null;
    return shop({
      method,
      path: path.slice(CONTROLLER_PATH.length - 1),
      body: await bodyOf(request),
      scenario,
    });
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith(base)) return json(response, 404, { message: 'outside the base path' });
    url.pathname = `/${url.pathname.slice(base.length)}`;
    if (!/^\/(api|loki|jaeger)\//.test(url.pathname)) return staticFile(response, url.pathname, base);
    if (scenario === 'offline') {
      request.socket.destroy();
      return;
    }
    if (scenario === 'slow') return;
    const failing =
      scenario === 'error' ||
      (scenario === 'partial' && /performance|services|annotations|exemplars|growth/.test(url.pathname));
    if (failing)
      return json(response, 500, {
        error: { code: 'engine_gone', message: 'the storage engine is restarting' },
      });
    if (url.pathname === '/api/v1/stream') {
      streams++;
      request.on('close', () => streams--);
      return stream(
        request,
        response,
        () => scenario,
        () => sent++,
      );
    }
    const kept = await keptReply(request, url);
    if (kept !== null) return json(response, kept.status, kept.body);
    const logs = logsAnswer(scenario, url);
    if (typeof logs === 'string') {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(logs);
      return;
    }
    if (logs !== undefined) return json(response, 200, logs);
    const traces = tracesAnswer(scenario, url, Date.now());
    if (traces === null) return json(response, 404, { error: { message: 'there is no such trace' } });
    if (traces !== undefined) return json(response, 200, traces);
    const metrics = metricsReply(scenario, url, Date.now());
    if (metrics !== null) return json(response, metrics.status, metrics.body);
    const now = Date.now();
    const body = answer(scenario, url, now);
    json(response, body === undefined ? 404 : 200, body ?? { message: 'no such path' });
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((cause: unknown) => json(response, 500, { message: String(cause) }));
  });
  const tails = serveTails(server, base, () => scenario);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${base}`,
    use: (next) => {
      scenario = next;
      if (next !== 'offline') return;
      server.closeAllConnections();
      tails.drop();
    },
    streams: () => streams,
    sent: () => sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        tails.drop();
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv[2] ?? 'typical';
  const scenario = world.SCENARIOS.find((name) => name === wanted) ?? 'typical';
  const server = await startMock({ scenario, port: Number(process.argv[3] ?? 0) });
  process.stdout.write(`${server.url} (${scenario}; others: ${world.SCENARIOS.join(', ')})\n`);
}
