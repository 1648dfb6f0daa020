/** Made-up answers of `/api/v1/probes…` and `/api/v1/status-page…`; what is made or changed holds until the server ends. */
import type { Scenario } from './world.ts';

export const PROBES_PATH = '/api/v1/probes';
export const STATUS_PAGE_PATH = '/api/v1/status-page';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
  readonly scenario: Scenario;
}
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function textOf(body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : '';
  return typeof value === 'string' ? value : '';
}

type Status = 'healthy' | 'degraded' | 'unhealthy';

function row(index: number, status: Status, now: number, body: unknown = {}) {
  const type = textOf(body, 'type') || (index % 7 === 6 ? 'heartbeat' : index % 2 === 0 ? 'http' : 'tls');
  const name =
    textOf(body, 'name') ||
    `${['shop', 'mail', 'bank', 'map', 'news', 'zone', 'backup'][index % 7]} ${index}`;
  const reasons = {
    healthy: '',
    degraded: 'the certificate expires in 6 days, on 2026-01-07',
    unhealthy: 'the status is 503, expected 2xx',
  };
  return {
    id: `p${index}`,
    name,
    type,
    target:
      textOf(body, 'target') ||
      (type === 'heartbeat' ? name : `https://${name.replace(' ', '-')}.example/health`),
    service: index % 3 === 0 ? 'order' : null,
    tags: ['edge'],
    status,
    reason: reasons[status],
    since: now - 12 * MINUTE_MS,
    failing: 0,
    paused: false,
    maintenance: false,
    lastLook: now - 4000,
    duration: 42.5 + (index % 50),
    recent: Array.from({ length: 30 }, (_, i) =>
      status === 'unhealthy' && i > 24 ? null : 40 + ((i * 7) % 13),
    ),
    certificateExpiry: type === 'heartbeat' ? null : now + (status === 'degraded' ? 6.5 : 63.5) * DAY_MS,
    configured: index === 1,
  };
}

function countOf(scenario: Scenario): number {
  if (scenario === 'empty') return 0;
  return scenario === 'large' ? 10_000 : 12;
}

/** The worst first, as the server sorts. */
function rowsOf(scenario: Scenario, now: number, made: readonly unknown[]) {
  const count = countOf(scenario);
  const troubled = scenario === 'trouble' ? 2 : 0;
  const status = (i: number): Status =>
    i < troubled ? 'unhealthy' : i === troubled ? 'degraded' : 'healthy';
  return [
    ...Array.from({ length: count }, (_, i) => row(i, status(i), now)),
    ...made.map((body, i) => row(count + i, 'healthy', now, body)),
  ];
}

function list({ url, scenario }: Request, now: number, made: readonly unknown[]): Answer {
  const words = (url.searchParams.get('q') ?? '').toLowerCase().split(' ');
  const all = rowsOf(scenario, now, made).filter((one) =>
    words.every((word) => `${one.name} ${one.target}`.toLowerCase().includes(word)),
  );
  const count = (wanted: string): number => all.filter(({ status }) => status === wanted).length;
  const wanted = url.searchParams.get('status');
  const found = all.filter(({ status }) => wanted === null || status === wanted);
  const offset = Number(url.searchParams.get('offset') ?? 0);
  return {
    status: 200,
    body: {
      total: found.length,
      counts: {
        all: all.length,
        healthy: count('healthy'),
        degraded: count('degraded'),
        unhealthy: count('unhealthy'),
        unknown: 0,
        paused: 0,
      },
      probes: found.slice(offset, offset + Number(url.searchParams.get('limit') ?? 100)),
    },
  };
}

function detail(found: ReturnType<typeof row>, body: unknown, now: number) {
  const definition = { type: found.type, name: found.name, target: found.target, interval: '20s' };
  return {
    ...found,
    definition: typeof body === 'object' && body !== null ? { ...definition, ...body } : definition,
    version: found.configured ? null : 3,
    failures:
      found.status === 'unhealthy'
        ? [{ at: now - 20_000, reason: found.reason }]
        : [{ at: now - 3 * DAY_MS, reason: 'cannot connect: connection refused' }],
    heartbeatPath: found.type === 'heartbeat' ? '/api/v1/heartbeat/abcdefghijklmnopqrstuvwxyz' : null,
  };
}

function history(now: number) {
  const step = 15 * MINUTE_MS;
  const line = (of: (i: number) => number | null) => Array.from({ length: 96 }, (_, i) => of(i));
  return {
    step,
    start: Math.ceil(now / step) * step - 95 * step,
    uptime: 0.9947,
    up: line((i) => (i < 8 ? null : i === 60 ? 0.5 : 1)),
    duration: line((i) => (i < 8 ? null : 40 + (i % 9))),
    phases: {
      connect: line((i) => (i < 8 ? null : 5)),
      tls: line((i) => (i < 8 ? null : 15)),
      processing: line((i) => (i < 8 ? null : 20 + (i % 9))),
    },
  };
}

const LOOK = {
  success: true,
  reason: '',
  warning: null,
  duration: 37.2,
  samples: [
    { name: 'probe_http_duration_seconds', labels: { phase: 'connect' }, value: 0.004 },
    { name: 'probe_http_duration_seconds', labels: { phase: 'tls' }, value: 0.013 },
    { name: 'probe_http_duration_seconds', labels: { phase: 'processing' }, value: 0.02 },
  ],
};

function refused(field: string, problem: string): Answer {
  return {
    status: 400,
    body: {
      error: {
        code: 'http.invalid',
        message: `${field}: ${problem}`,
        details: { problems: [{ field, problem }] },
      },
    },
  };
}

export function createProbes() {
  const made: unknown[] = [];
  const windows: { readonly id: string; readonly window: unknown }[] = [];
  const maintenance = ({ method, body }: Request): Answer => {
    if (method === 'POST') {
      if (textOf(body, 'title') === '')
        return refused('body.title', 'Too small: expected string to have >=1 characters');
      windows.push({ id: `w${windows.length}`, window: body });
      return { status: 201, body: {} };
    }
    return {
      status: 200,
      body: { windows: windows.map((one) => ({ ...one, version: 1, open: false, configured: false })) },
    };
  };
  return (request: Request): Answer => {
    const { method, url, body, scenario } = request;
    const now = Date.now();
    const [id = '', what = ''] = url.pathname.slice(PROBES_PATH.length + 1).split('/');
    if (id === 'maintenance') return maintenance(request);
    if (id === 'test' || what === 'test') return { status: 200, body: LOOK };
    if (what === 'history') return { status: 200, body: history(now) };
    if (id === '' && method === 'GET') return list(request, now, made);
    if (id === '') {
      if (textOf(body, 'target') === '') return refused('body.target', 'expected an http or https address');
      made.push(body);
      const index = countOf(scenario) + made.length - 1;
      return { status: 201, body: detail(row(index, 'healthy', now, body), body, now) };
    }
    const found = rowsOf(scenario, now, made).find((one) => one.id === id);
    return found === undefined
      ? { status: 404, body: { error: { code: 'probes.unknown', message: 'there is no such probe' } } }
      : { status: 200, body: detail(found, null, now) };
  };
}

export function createStatusPage() {
  let version = 0;
  let page: unknown = { enabled: false, title: 'Status', description: '', webhooks: false, groups: [] };
  const incidents: unknown[] = [];
  return ({ method, url, body }: Request): Answer => {
    const what = url.pathname.slice(STATUS_PAGE_PATH.length + 1);
    if (what === 'subscribers') return { status: 200, body: { subscribers: [] } };
    if (what === 'incidents' && method === 'GET') return { status: 200, body: { incidents } };
    if (what === 'incidents') {
      const at = Date.now();
      const made = {
        id: `i${incidents.length}`,
        title: textOf(body, 'title'),
        impact: textOf(body, 'impact'),
        components: [],
        at,
        updates: [{ at, phase: textOf(body, 'phase'), text: textOf(body, 'text') }],
      };
      incidents.unshift(made);
      return { status: 201, body: made };
    }
    if (method === 'PUT') {
      if (textOf(body, 'title') === '')
        return refused('body.title', 'Too small: expected string to have >=1 characters');
      page = body;
      version++;
    }
    return { status: 200, body: { version, page, url: 'https://pharos.example/status' } };
  };
}
