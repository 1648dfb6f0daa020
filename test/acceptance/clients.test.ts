import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, peerBinary } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const run = promisify(execFile);
/** A scrape has a second here, which not each of them keeps on a busy machine: what one of them shows is waited for. */
const SCRAPED = { timeout: 30_000, interval: 250 } as const;
const promtool = await peerBinary('promtool');
const nodeExporter = await peerBinary('prometheus-node-exporter');
for (const peer of [promtool, nodeExporter]) if (peer.path === null) console.log(`skipped: ${peer.reason}`);

/** Real clients against the built server: promtool asks, node_exporter is scraped, curl-like pushes. */
describe.skipIf(promtool.path === null || nodeExporter.path === null)('standard clients', () => {
  let pharos: RunningPharos;
  let exporter: ChildProcess;
  let target: string;

  beforeAll(async () => {
    target = `127.0.0.1:${await freePort()}`;
    exporter = spawn(nodeExporter.path ?? '', [`--web.listen-address=${target}`], { stdio: 'ignore' });
    pharos = await startPharosProcess({
      config: `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n  - job_name: node\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    static_configs: [{targets: ['${target}'], labels: {rack: 'r1'}}]\n  - job_name: node-protobuf\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    scrape_protocols: [PrometheusProto]\n    static_configs: [{targets: ['${target}']}]\n`,
    });
    await vi.waitFor(async () => expect(await ask('query', 'up{job="node"} == 1')).toHaveLength(1), {
      timeout: 30_000,
      interval: 250,
    });
  });

  afterAll(async () => {
    exporter.kill();
    await pharos.stop();
    await removeData(pharos);
  });

  async function ask(
    path: string,
    query: string,
  ): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const answer = await fetch(`${pharos.url}/api/v1/${path}?${new URLSearchParams({ query }).toString()}`);
    const body = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return body.data.result;
  }
  const tool = async (...args: string[]): Promise<string> => (await run(promtool.path ?? '', args)).stdout;

  it('promtool queries instants, ranges, series and labels', async () => {
    await vi.waitFor(
      async () =>
        expect(await tool('query', 'instant', pharos.url, 'up{job="node"}')).toMatch(
          new RegExp(`up\\{instance="${target}", job="node", rack="r1"\\} => 1 @\\[`),
        ),
      SCRAPED,
    );
    const end = Math.ceil(Date.now() / 1000) + 1;
    const range = await tool(
      'query',
      'range',
      `--start=${end - 60}`,
      `--end=${end}`,
      '--step=1s',
      pharos.url,
      'sum by (job) (node_memory_MemTotal_bytes)',
    );
    expect(range).toMatch(/^\{job="node"\} =>\n\d+ @\[/);
    expect(await tool('query', 'series', '--match=up', pharos.url)).toContain('__name__="up"');
    expect((await tool('query', 'labels', pharos.url, 'job')).trim().split('\n').sort()).toContain('node');
    await expect(tool('query', 'instant', pharos.url, 'sum(')).rejects.toMatchObject({
      stderr: expect.stringContaining('parse error'),
    });
  });

  it('stores what node_exporter says, with its metadata', async () => {
    await vi.waitFor(async () => {
      const uname = await ask('query', 'node_uname_info{job="node"}');
      expect(uname[0]?.metric['sysname']).toBe('Linux');
    }, SCRAPED);
    const metadata = (await (
      await fetch(`${pharos.url}/api/v1/metadata?metric=node_cpu_seconds_total`)
    ).json()) as { data: Record<string, { type: string }[]> };
    expect(metadata.data['node_cpu_seconds_total']?.[0]?.type).toBe('counter');
    await vi.waitFor(async () => {
      const targets = (await (await fetch(`${pharos.url}/api/v1/targets`)).json()) as {
        data: { activeTargets: { scrapePool: string; health: string; lastError: string }[] };
      };
      expect(targets.data.activeTargets.filter((t) => t.scrapePool === 'node')).toMatchObject([
        { health: 'up', lastError: '' },
      ]);
    }, SCRAPED);
  });

  it('reads the same from node_exporter in protobuf as in text', async () => {
    const families = async (job: string): Promise<string[]> => {
      const found = await ask('query', `count by (__name__) ({job="${job}",instance="${target}"})`);
      return found
        .map(({ metric, value }) => `${metric['__name__'] ?? ''} ${value[1]}`)
        .filter((line) => !/^(?:up|scrape_)|_duration_seconds/.test(line))
        .sort();
    };
    await vi.waitFor(
      async () => {
        const text = await families('node');
        expect(text.length).toBeGreaterThan(100);
        expect(await families('node-protobuf')).toEqual(text);
      },
      { timeout: 30_000, interval: 250 },
    );
  });

  it('scrapes itself, and its own metrics pass the linter', async () => {
    await vi.waitFor(async () => expect(await ask('query', 'up{job="pharos"} == 1')).toHaveLength(1), {
      timeout: 30_000,
      interval: 250,
    });
    const text = await (await fetch(`${pharos.url}/metrics`)).text();
    const check = run(promtool.path ?? '', ['check', 'metrics']);
    check.child.stdin?.end(text);
    expect((await check).stderr).toBe('');
  });

  it('takes pushed text and pushed JSON reports, and shows them', async () => {
    const push = await fetch(`${pharos.url}/metrics/job/backup/instance/db1`, {
      method: 'PUT',
      body: '# TYPE backup_rows gauge\nbackup_rows 42\n',
    });
    expect(push.status).toBeLessThan(300);
    await vi.waitFor(
      async () => expect((await ask('query', 'backup_rows{job="backup"}'))[0]?.value[1]).toBe('42'),
      { timeout: 30_000 },
    );
    const report = await fetch(`${pharos.url}/api/health/billing-service`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"status":"degraded"}',
    });
    expect(report.status).toBeLessThan(300);
    await vi.waitFor(
      async () => {
        const health = (await (await fetch(`${pharos.url}/api/health?service=billing`)).json()) as {
          services: { name: string; status: string }[];
        };
        expect(health.services).toMatchObject([{ name: 'billing', status: 'degraded' }]);
      },
      { timeout: 30_000 },
    );
    expect(await (await fetch(`${pharos.url}/metrics`)).text()).toContain('service_health_status');
    const wrong = await fetch(`${pharos.url}/api/health/billing`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"status":"fine"}',
    });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringMatching(/status/)]);
  });

  it('answers every documented GET without a failure inside', async () => {
    const document = (await (await fetch(`${pharos.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string; required?: boolean }[] }>>;
    };
    const paths = Object.entries(document.paths).filter(([, methods]) => methods['get'] !== undefined);
    expect(paths.length).toBeGreaterThan(20);
    const filled: Record<string, string> = {
      query: 'up',
      start: '0',
      end: '60',
      step: '15',
      'match[]': 'up',
      service: 'billing',
      name: 'job',
      id: 'none',
    };
    for (const [path, methods] of paths) {
      const required = (methods['get']?.parameters ?? []).filter(
        (p) => p.required === true && filled[p.name] !== undefined,
      );
      const query = new URLSearchParams(
        Object.fromEntries(required.map((p) => [p.name, filled[p.name] ?? ''])),
      );
      const url = `${pharos.url}${path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => filled[name] ?? 'x')}?${query.toString()}`;
      const answer = await fetch(url);
      // A stream of events never ends by itself.
      if (answer.headers.get('content-type')?.startsWith('text/event-stream') === true)
        await answer.body?.cancel();
      else await answer.arrayBuffer();
      // What another product has and Pharos does otherwise is answered 501: said, not failed.
      if (answer.status !== 501) expect([path, answer.status < 500]).toEqual([path, true]);
    }
    for (const page of ['/docs', '/redoc', '/']) {
      const answer = await fetch(`${pharos.url}${page}`);
      expect([page, answer.status]).toEqual([page, 200]);
      for (const [, file = ''] of (await answer.text()).matchAll(
        /(?:src|spec-url|<link [^>]*href)="([^"]+)"/g,
      )) {
        const loaded = await fetch(new URL(file, answer.url));
        await loaded.arrayBuffer();
        expect([file, loaded.status]).toEqual([file, 200]);
      }
    }
  });

  it('refuses other web sites and rebound names on every kind of route', async () => {
    for (const path of [
      '/',
      '/metrics',
      '/api/health',
      '/api/v1/query?query=up',
      '/api/v1/stream',
      '/docs',
      '/metrics/job/x',
    ]) {
      for (const headers of [
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
        { 'x-forwarded-for': '10.0.0.1' },
      ]) {
        const answer = await fetch(`${pharos.url}${path}`, {
          headers,
          method: path.startsWith('/metrics/job') ? 'POST' : 'GET',
        });
        expect([path, headers, answer.status]).toEqual([
          path,
          headers,
          'x-forwarded-for' in headers ? 401 : 403,
        ]);
      }
    }
    const rebound = await run('curl', [
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-H',
      'Host: evil.example',
      `${pharos.url}/api/health`,
    ]);
    expect(rebound.stdout).toBe('403');
  });
});

describe('a port that is taken', () => {
  it('is named, with the way out', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startPharosProcess({ args: ['--set', `web.port=${port}`] })).rejects.toThrow(
      new RegExp(`port ${port} on 127.0.0.1 is taken by .*PHAROS_PORT=${port + 1}`),
    );
    await new Promise((resolve) => server.close(resolve));
  });
});
