import { type ChildProcess, execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchBrowser, openContext } from '../support/browser.ts';
import { childrenOf, healthOf, serviceOf } from '../support/client.ts';
import { type RunningDemo, SERVICES, startDemo } from '../support/demo.ts';
import { seriousFindings } from '../support/mocked-pages.ts';
import { peerBinary } from '../support/peers.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What a person switches on must show on the page within this time. */
const SHOWN_WITHIN_MS = 15_000;
const promtool = await peerBinary('promtool');
if (promtool.path === null) console.log(`skipped: ${promtool.reason}`);

/** `npm start` without its installing: Pharos, five services, the controller and traffic, on free ports. */
describe('the demo', () => {
  const faults: string[] = [];
  let started: RunningDemo;
  let ports: RunningDemo['ports'];
  let demo: ChildProcess;
  let url: string;
  let browser: Browser;
  let page: Page;
  let loads = 0;

  beforeAll(async () => {
    started = await startDemo();
    ({ url, ports, demo } = started);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await started.stop();
  });

  async function inject(fault: object): Promise<void> {
    const answer = await fetch(`${url}/api/controller/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    expect([answer.status, await answer.text()]).toEqual([201, expect.stringContaining('active')]);
  }
  const read = async <T>(path: string): Promise<T> => {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  };
  const recover = async (): Promise<void> => {
    expect((await fetch(`${url}/api/controller/faults`, { method: 'DELETE' })).status).toBe(200);
  };
  const heading = (text: string | RegExp, timeout: number) =>
    page.getByRole('heading', { level: 1, name: text }).waitFor({ timeout });

  it('has five healthy services within a minute', async () => {
    await vi.waitFor(
      async () =>
        expect((await healthOf(url)).services.map(({ name, status }) => `${name} ${status}`)).toEqual(
          SERVICES.map((name) => `${name} healthy`),
        ),
      { timeout: 60_000, interval: 250 },
    );
  });

  it('is watched by a rule of its own, whose alerts page the controller', async () => {
    const { data } = await read<{ data: { groups: { name: string; rules: { health: string }[] }[] } }>(
      '/api/v1/rules',
    );
    expect(data.groups.find(({ name }) => name === 'shop')?.rules.map(({ health }) => health)).toEqual([
      'ok',
    ]);
    const { receivers } = await read<{ receivers: { name: string }[] }>('/api/v1/alerting/routes');
    expect(receivers.map(({ name }) => name)).toEqual(['on-call', 'notes']);
    const pages = await fetch(`http://127.0.0.1:${ports['CONTROLLER_PORT']}/pages`);
    expect([pages.status, await pages.json()]).toEqual([200, expect.objectContaining({ pages: [] })]);
  });

  it('shows live traffic on the overview', async () => {
    page = await (await openContext(browser)).newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('load', () => loads++);
    await page.goto(url);
    // Left behind in the document: a reload would lose it.
    await page.evaluate('globalThis.neverReloaded = true');
    await heading('All 5 services are healthy', 20_000);
    const row = page.getByRole('row', { name: /gateway/ });
    await vi.waitFor(async () => expect(await row.innerText()).toMatch(/[1-9][\d.]*\s*(req)?\/s/), {
      timeout: 30_000,
      interval: 250,
    });
    const first = await page.locator('main').innerText();
    await vi.waitFor(async () => expect(await page.locator('main').innerText()).not.toBe(first), {
      timeout: SHOWN_WITHIN_MS,
      interval: 250,
    });
  });

  it('has a trace of every order through all services and their databases, with the logs of each', async () => {
    // The newest may lack what one of the services has not sent yet.
    const { trace, rows, services } = await vi.waitFor(
      async () => {
        const { traces } = await read<{ traces: { trace_id: string; services: { service: string }[] }[] }>(
          '/api/v1/traces?service=order&operation=POST%20%2Fapi%2Fv1%2Forder&error=false',
        );
        const whole = traces.find(({ services }) => services.length >= 4);
        if (whole === undefined) throw new Error(`no whole trace yet: ${JSON.stringify(traces)}`);
        const spans = await read<{
          orphans: number;
          services: string[];
          operations: string[];
          rows: { parent: number[]; service: number[]; operation: number[] };
        }>(`/api/v1/traces/${whole.trace_id}`);
        expect([spans.orphans, spans.rows.parent.filter((parent) => parent < 0)]).toEqual([0, [-1]]);
        const inDatabase = spans.rows.operation.filter((at) =>
          /^\w+ (orders|products|accounts)$/.test(spans.operations[at] ?? ''),
        );
        expect(inDatabase.length).toBeGreaterThan(2);
        return { trace: whole, ...spans };
      },
      { timeout: 30_000, interval: 500 },
    );
    expect(trace.services.map(({ service }) => service).sort()).toEqual([
      'catalog',
      'gateway',
      'order',
      'user',
    ]);
    expect(services[rows.service[0] ?? -1]).toBe('gateway');
    const { logs } = await vi.waitFor(
      async () => {
        const found = await read<{ logs: { service: string }[] }>(`/api/logs?trace_id=${trace.trace_id}`);
        expect(new Set(found.logs.map(({ service }) => service)).size).toBe(4);
        return found;
      },
      { timeout: 30_000, interval: 250 },
    );
    expect(logs.length).toBeGreaterThan(3);
  });

  it('asks for a verdict on each order, which stops it only where it is enforced', async () => {
    const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const answer = await fetch(path.startsWith('http') ? path : url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const rule = {
      name: 'recalled',
      when: 'data.product_id == "recalled"',
      weight: 'caution',
      decision: 'REPROCESS',
    };
    expect((await post('/api/v1/monitoring/rules', rule)).status).toBe(201);
    const gateway = `http://127.0.0.1:${ports['GATEWAY_PORT']}`;
    const credentials = { username: 'verdict-asker', password: 'correct horse battery' };
    await post(`${gateway}/register`, credentials);
    const { access_token } = (await post(`${gateway}/signin`, credentials)).body;
    const order = () =>
      post(
        `${gateway}/api/v1/order`,
        { product_id: 'recalled', quantity: 1 },
        { authorization: `Bearer ${String(access_token)}` },
      );
    // Shadow: asked, and gone on; there is no such product. On a busy machine a question may find its time over.
    await vi.waitFor(
      async () => {
        expect((await order()).status).toBe(404);
        const { logs } = await read<{ logs: { source: string; decision: string }[] }>(
          '/api/v1/monitoring/logs?rule=recalled',
        );
        expect(logs[0]).toMatchObject({ source: 'gateway', decision: 'REPROCESS' });
      },
      { timeout: 20_000, interval: 250 },
    );
    expect((await post('/api/controller/verdicts', { mode: 'enforce' })).body).toEqual({ mode: 'enforce' });
    // A verdict that does not come in time lets the order go on.
    await vi.waitFor(
      async () => expect(await order()).toMatchObject({ status: 422, body: { error: { code: 'refused' } } }),
      { timeout: 20_000, interval: 250 },
    );
    await post('/api/controller/verdicts', { mode: 'shadow' });
    await fetch(`${url}/api/v1/monitoring/rules/recalled`, { method: 'DELETE' });
  });

  it('knows who calls whom, databases included, and measures every service by its spans', async () => {
    const databases = ['auth', 'catalog', 'order', 'user'];
    await vi.waitFor(
      async () => {
        const { nodes, edges } = await read<{
          nodes: { id: string; type: string; rate: number }[];
          edges: { source: string; target: string; rate: number; p95: number | null }[];
        }>('/api/v1/topology?window=5m');
        expect(nodes.filter(({ type }) => type === 'service').map(({ id }) => id)).toEqual(SERVICES);
        const calls = edges.map(({ source, target }) => `${source} > ${target}`);
        expect(calls).toEqual(expect.arrayContaining(['gateway > order', 'order > catalog']));
        for (const name of databases) expect(calls).toContain(`${name} > database:sqlite/${name}`);
        expect(edges.every(({ rate, p95 }) => rate > 0 && p95 !== null)).toBe(true);
        const { data } = await read<{ data: { result: { metric: { service_name: string } }[] } }>(
          `/api/v1/query?query=${encodeURIComponent('sum by (service_name) (traces_span_metrics_calls_total) > 0')}`,
        );
        expect(data.result.map(({ metric }) => metric.service_name).sort()).toEqual(SERVICES);
        const facts = await read<{ services: { name: string; versions: { version: string }[] }[] }>(
          '/api/services',
        );
        for (const { name, versions } of facts.services)
          expect([name, versions.length, versions[0]?.version]).toEqual([
            name,
            1,
            expect.stringMatching(/^\d/),
          ]);
      },
      { timeout: 30_000, interval: 500 },
    );
  });

  it('shows a dead service and its recovery in the API and on the open page within 15 s', async () => {
    await inject({ kind: 'dead_service', service: 'catalog' });
    await Promise.all([
      vi.waitFor(async () => expect((await serviceOf(url, 'catalog'))?.status).toBe('unhealthy'), {
        timeout: SHOWN_WITHIN_MS,
        interval: 100,
      }),
      heading(/catalog.*unhealthy|unhealthy.*catalog|services are unhealthy/, SHOWN_WITHIN_MS),
    ]);
    expect((await serviceOf(url, 'catalog'))?.reasons.map(({ message }) => message).join()).toMatch(
      /failed to answer|does not answer/,
    );
    await vi.waitFor(
      async () =>
        expect(await read('/api/root_cause?window=1m')).toMatchObject({
          suspects: expect.arrayContaining([
            expect.objectContaining({ rank: 1, kind: 'service', name: 'catalog' }),
          ]),
        }),
      { timeout: SHOWN_WITHIN_MS, interval: 500 },
    );
    await recover();
    await Promise.all([
      vi.waitFor(async () => expect((await serviceOf(url, 'catalog'))?.status).toBe('healthy'), {
        timeout: SHOWN_WITHIN_MS,
        interval: 100,
      }),
      page
        .getByRole('row', { name: /catalog/ })
        .getByText('Healthy')
        .waitFor({ timeout: SHOWN_WITHIN_MS }),
    ]);
    expect(await page.evaluate('globalThis.neverReloaded')).toBe(true);
    expect([loads, faults]).toEqual([1, []]);
  });

  it('tells the story of that incident', async () => {
    const incidents = await (await openContext(browser, { viewport: { width: 390, height: 844 } })).newPage();
    await incidents.goto(`${url}/incidents/health?service=catalog`);
    const line = (words: RegExp) => incidents.getByRole('listitem').filter({ hasText: words }).last();
    await line(/catalog (became (degraded|unhealthy)|got worse: unhealthy)/).waitFor({ timeout: 20_000 });
    await line(/catalog recovered/).waitFor({ timeout: 20_000 });
    expect(await seriousFindings(incidents)).toEqual([]);
    expect(await incidents.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await incidents.close();
  });

  it('shows added latency in p95 within 30 s', async () => {
    // Shoppers sign in rarely: nobody might in all of that time.
    const signIn = (path: string) =>
      fetch(`http://127.0.0.1:${ports['GATEWAY_PORT']}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'late-comer', password: 'correct horse battery' }),
      });
    expect((await signIn('register')).status).toBe(201);
    await inject({ kind: 'added_latency', service: 'auth', params: { latency_ms: 900 } });
    await vi.waitFor(
      async () => {
        expect((await signIn('signin')).status).toBe(200);
        const answer = await fetch(`${url}/api/summary?window=1m&service=auth`);
        const { services } = (await answer.json()) as { services: { p95: number | null }[] };
        expect(services[0]?.p95).toBeGreaterThan(0.7);
      },
      { timeout: 30_000, interval: 500 },
    );
    await recover();
  });

  // Behind the ones about latency: its burst of quick requests stays in windows of a minute.
  it('counts the calls of every service and store as the controller and the services count them', async () => {
    const traffic = async (change?: object) => {
      const answer = await fetch(`${url}/api/controller/traffic`, {
        ...(change !== undefined && { method: 'POST', body: JSON.stringify(change) }),
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Traffic;
    };
    /** A moment in which nobody asks and no store is accessed (jobs do that by themselves), and the accesses until then. */
    const still = () =>
      vi.waitFor(
        async () => {
          const accesses = await databaseAccesses(ports);
          const at = Date.now();
          expect((await traffic()).in_flight).toBe(0);
          expect(await databaseAccesses(ports)).toEqual(accesses);
          return { at, accesses };
        },
        { timeout: 20_000, interval: 100 },
      );
    const graph = (from: number, to: number) => read<Graph>(`/api/v1/topology?start=${from}&end=${to}`);
    /** Traffic between two moments of silence. */
    const round = async () => {
      await traffic({ mode: 'off' });
      const { at: start, accesses } = await still();
      const first = await traffic();
      await traffic({ mode: 'steady', rate: 25 });
      // Sign-ins are rare: in one of forty rounds of 150 requests there is none, and then no auth on the map.
      await vi.waitFor(
        async () => {
          const { by_request } = await traffic();
          expect(total(by_request) - total(first.by_request)).toBeGreaterThan(150);
          for (const [service, paths] of Object.entries(PATHS))
            expect([service, callsOf(by_request, paths) > callsOf(first.by_request, paths)]).toEqual([
              service,
              true,
            ]);
        },
        { timeout: 60_000, interval: 100 },
      );
      await traffic({ mode: 'off' });
      const { at: end, accesses: accessesAfter } = await still();
      const last = await traffic();
      const failures = ({ by_status }: Traffic) => by_status['5xx'] + by_status.failed;
      return {
        start,
        end,
        accesses,
        accessesAfter,
        sent: first.by_request,
        sentAfter: last.by_request,
        failed: failures(last) - failures(first),
      };
    };
    const before = await traffic();
    let counted = await round();
    // What the gateway gave up on, on a busy machine, never reached the service that the path names.
    for (let again = 0; counted.failed > 0 && again < 3; again++) counted = await round();
    const { start, end, accesses, accessesAfter, sent, sentAfter } = counted;
    // Nothing was sampled away: every request is a trace.
    const expected = new Map([
      ...Object.entries(PATHS).map(
        ([service, paths]) =>
          [`gateway > ${service}`, callsOf(sentAfter, paths) - callsOf(sent, paths)] as const,
      ),
      ...['auth', 'catalog', 'order', 'user'].map(
        (name) =>
          [
            `${name} > database:sqlite/${name}`,
            (accessesAfter.get(name) ?? 0) - (accesses.get(name) ?? 0),
          ] as const,
      ),
    ]);
    const seconds = (end - start) / 1000;
    await vi.waitFor(
      async () => {
        const { nodes, edges } = await graph(start, end);
        const rates = new Map(edges.map(({ source, target, rate }) => [`${source} > ${target}`, rate]));
        const others = [...expected].flatMap(([edge, count]) => {
          const seen = (rates.get(edge) ?? 0) * seconds;
          return Math.abs(seen - count) <= count * 0.02 ? [] : [`${edge}: ${seen} seen of ${count}`];
        });
        expect(others).toEqual([]);
        expect(nodes.filter(({ type }) => type === 'service').map(({ id }) => id)).toEqual(SERVICES);
        const all = total(sentAfter) - total(sent);
        const gateway = (nodes.find(({ id }) => id === 'gateway')?.rate ?? 0) * seconds;
        expect(Math.abs(gateway - all)).toBeLessThanOrEqual(all * 0.02);
      },
      { timeout: 30_000, interval: 250 },
    );
    // Out of the traffic, a service is off the map: from here on only the catalog is asked.
    for (let n = 0; n < 5; n++)
      await (await fetch(`http://127.0.0.1:${ports['GATEWAY_PORT']}/api/v1/product?q=mug`)).text();
    const after = Date.now();
    await vi.waitFor(
      async () => {
        const { edges } = await graph(end, after);
        expect(edges.filter(({ source }) => source === 'gateway').map(({ target }) => target)).toEqual([
          'catalog',
        ]);
      },
      { timeout: 30_000, interval: 250 },
    );
    await traffic({ mode: before.mode === 'off' ? 'steady' : before.mode, rate: before.rate });
  });

  it.skipIf(promtool.path === null)(
    'has metrics whose only oddities are the names that are fixed',
    async () => {
      const written = ['shop', 'packages/node'].flatMap((folder) =>
        Object.keys(
          JSON.parse(readFileSync(join(ROOT, folder, 'metric-name-exceptions.json'), 'utf8')) as Record<
            string,
            string
          >,
        ),
      );
      const named = new Set<string>();
      for (const service of SERVICES) {
        const port = ports[`${service.toUpperCase()}_METRICS_PORT`];
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        expect(text).toContain('http_request_duration_seconds_bucket');
        const check = run(promtool.path ?? '', ['check', 'metrics']);
        check.child.stdin?.end(text);
        // It ends with 3 when it has something to say.
        const { stderr } = await check.catch((error: { stderr: string }) => error);
        for (const line of stderr.split('\n').filter((line) => line !== ''))
          named.add(line.split(' ', 1)[0] ?? '');
      }
      expect([...named].filter((name) => !written.includes(name))).toEqual([]);
    },
  );

  it('holds a breaker of the shop open and closed and resets it, over the channel that the service opened, and writes it down', async () => {
    const breaker = async (): Promise<unknown> => {
      const answer = await fetch(`http://127.0.0.1:${ports['USER_PORT']}/circuit-breakers/status`);
      const all = (await answer.json()) as { name: string; state: string; forced: boolean }[];
      const found = all.find(({ name }) => name === 'catalog-client');
      return `${found?.state}${found?.forced === true ? ' held' : ''}`;
    };
    const soon = { timeout: 20_000, interval: 100 };
    const ask = (path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const hold = async (action: string): Promise<void> => {
      const order = {
        action,
        service: 'user',
        breaker: 'catalog-client',
        for: '10m',
        reason: `to ${action}`,
      };
      const made = await ask('/api/v1/breakers/commands', order);
      expect([made.status, await made.json()]).toMatchObject([200, { total: 1, command: { targets: 1 } }]);
    };
    await hold('force_closed');
    await expect.poll(breaker, soon).toBe('CLOSED held');
    await hold('force_open');
    await expect.poll(breaker, soon).toBe('OPEN held');
    const asked = await ask('/monitoring/circuit-breakers/reset?service=catalog', {});
    expect([asked.status, await asked.json()]).toMatchObject([200, { reset: ['catalog-client'] }]);
    await expect.poll(breaker, soon).toBe('CLOSED');
    await expect
      .poll(
        async () => (await read<{ commands: object[] }>('/api/v1/breakers/commands')).commands.slice(0, 3),
        soon,
      )
      .toMatchObject([
        { action: 'reset', service: null, upstream: 'catalog', applied: expect.toSatisfy((n) => n > 0) },
        {
          action: 'force_open',
          service: 'user',
          breaker: 'catalog-client',
          reason: 'to force_open',
          applied: 1,
        },
        { action: 'force_closed', service: 'user', reason: 'to force_closed', applied: 1 },
      ]);
  });

  it('stops everything on SIGTERM', async () => {
    await page.close();
    const children = await childrenOf(demo.pid ?? 0);
    expect(children.length).toBeGreaterThanOrEqual(7);
    const gone = new Promise<number | null>((resolve) => demo.once('exit', (code) => resolve(code)));
    demo.kill('SIGTERM');
    expect([await gone, started.output()]).toEqual([0, expect.any(String)]);
    for (const pid of children) expect([pid, isAlive(pid)]).toEqual([pid, false]);
    for (const port of Object.values(ports))
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    expect(started.output()).not.toMatch(/"level":"error"|did not stop cleanly/);
  });
});

interface Traffic {
  readonly mode: string;
  readonly rate: number;
  readonly in_flight: number;
  readonly by_status: Readonly<Record<'5xx' | 'failed', number>>;
  readonly by_request: Readonly<Record<string, number>>;
}

interface Graph {
  readonly nodes: readonly { readonly id: string; readonly type: string; readonly rate: number }[];
  readonly edges: readonly { readonly source: string; readonly target: string; readonly rate: number }[];
}

/** Which service answers what shoppers ask the gateway for. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  auth: ['/signin', '/register'],
  catalog: ['/api/v1/product', '/api/v1/all_products', '/api/v1/update_stock'],
  order: ['/api/v1/order', '/api/v1/orders'],
  user: [
    '/api/v1/users',
    '/api/v1/users/me',
    '/api/v1/balance/deposit',
    '/api/v1/balance/withdraw',
    '/api/v1/portfolio',
  ],
};

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** How often requests were sent to paths, whatever their method. */
function callsOf(byRequest: Readonly<Record<string, number>>, paths: readonly string[]): number {
  return Object.entries(byRequest)
    .filter(([route]) => paths.includes(route.split(' ')[1] ?? ''))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** How often each service went to its database, by its own metrics. */
async function databaseAccesses(ports: Readonly<Record<string, number>>): Promise<Map<string, number>> {
  const accesses = new Map<string, number>();
  for (const name of ['auth', 'catalog', 'order', 'user']) {
    const answer = await fetch(`http://127.0.0.1:${ports[`${name.toUpperCase()}_METRICS_PORT`]}/metrics`);
    const counts = [...(await answer.text()).matchAll(/^db_operations_total\{[^}]*\} (\S+)$/gm)];
    accesses.set(
      name,
      counts.reduce((sum, [, count]) => sum + Number(count), 0),
    );
  }
  return accesses;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
