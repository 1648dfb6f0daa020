import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask } from '../support/client.ts';
import { freePort, peerBinary, type RunningPeer, startPeer } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const prometheus = await peerBinary('prometheus');
if (prometheus.path === null) console.log(`skipped: ${prometheus.reason}`);

const soon = { timeout: 30_000, interval: 200 };
let target: Server;
let address: string;
let status = 200;
let pharos: RunningPharos;
const cleanup: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  target = createServer((_, response) => response.writeHead(status).end('{"db":"up"}'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
  pharos = await startPharosProcess({
    config: `
self_metrics: {enabled: false}
host_metrics: {enabled: false}
egress: {allow: [127.0.0.1/32], deny: [10.0.0.0/8]}
probes:
  checks:
    - {name: shop, type: http, target: 'http://${address}/', service: order-service, interval: 1s, retry_interval: 1s, expect: {json: [{path: $.db, equals: up}]}}
modules:
  teapot: {prober: http, timeout: 2s, http: {valid_status_codes: [418]}}
`,
  });
});
afterAll(async () => {
  for (const step of cleanup) await step();
  await pharos.stop();
  await removeData(pharos);
  target.closeAllConnections();
  target.close();
});

/** What the API answers, of which each call gives some. */
interface Answer {
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly probes: readonly { readonly status: string; readonly reason: string }[];
  readonly reason: string;
  readonly heartbeatPath: string;
}

const send = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${pharos.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
};
const value = async (query: string) => Number((await ask(pharos.url, query))[0]?.value[1] ?? Number.NaN);

describe('probes of the built server', () => {
  it('of the configuration file become series and a state that follows the target', async () => {
    await vi.waitFor(
      async () => expect(await value('probe_success{probe="shop",service="order",job="probes"}')).toBe(1),
      soon,
    );
    expect(await value(`sum(probe_http_duration_seconds{instance="http://${address}/"})`)).toBeGreaterThan(0);
    const row = async () => (await send('GET', '/api/v1/probes?q=shop')).body.probes[0];
    expect(await row()).toMatchObject({ status: 'healthy', configured: true, service: 'order' });
    status = 503;
    await vi.waitFor(
      async () =>
        expect(await row()).toMatchObject({ status: 'unhealthy', reason: 'the status is 503, expected 2xx' }),
      soon,
    );
    await vi.waitFor(async () => expect(await value('probe_up{probe="shop"}')).toBe(0), soon);
    status = 200;
    await vi.waitFor(async () => expect((await row())?.status).toBe('healthy'), soon);
  });

  it('made over the API keep to the rules of the way out, and outlive a restart', async () => {
    const definition = {
      type: 'http',
      name: 'api',
      target: `http://${address}/`,
      interval: '1s',
      retries: 0,
    };
    const made = await send('POST', '/api/v1/probes', definition);
    expect(made.status).toBe(201);
    const refused = async (where: string) =>
      (await send('POST', '/api/v1/probes/test', { ...definition, target: where })).body.reason;
    expect(await refused('http://169.254.169.254/')).toContain('credentials');
    expect(await refused('http://10.1.2.3/')).toContain('is in egress.deny');
    expect(await refused(pharos.url)).toContain('Pharos itself');
    const { body: beat } = await send('POST', '/api/v1/probes', {
      type: 'heartbeat',
      name: 'backup',
      interval: '1d',
    });
    expect((await send('POST', beat.heartbeatPath)).body).toEqual({ ok: true });
    await vi.waitFor(
      async () => expect((await send('GET', '/api/v1/probes?status=healthy')).body.total).toBe(3),
      soon,
    );
    await pharos.stop();
    pharos = await startPharosProcess({
      directory: pharos.directory,
      config: 'probes: {checks: []}\negress: {allow_loopback: true}\n',
    });
    await vi.waitFor(
      async () =>
        expect((await send('GET', '/api/v1/probes')).body).toMatchObject({
          total: 2,
          counts: { healthy: 2 },
        }),
      soon,
    );
  });
});

describe.skipIf(prometheus.path === null)('/probe', () => {
  it("is scraped by Prometheus with blackbox_exporter's relabelling", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pharos-blackbox-'));
    const port = await freePort();
    const file = join(folder, 'prometheus.yml');
    await writeFile(
      file,
      `
scrape_configs:
  - job_name: blackbox
    scrape_interval: 1s
    metrics_path: /probe
    params: {module: [http_2xx]}
    static_configs: [{targets: ['http://${address}/', 'http://127.0.0.1:1/']}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {target_label: __address__, replacement: '${new URL(pharos.url).host}'}
`,
    );
    const url = `http://127.0.0.1:${port}`;
    const peer: RunningPeer = await startPeer(
      prometheus.path ?? '',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      `${url}/-/ready`,
    );
    cleanup.push(
      () => peer.stop(),
      () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
    );
    await vi.waitFor(async () => {
      const seen = await ask(url, 'probe_success');
      expect(
        Object.fromEntries(seen.map(({ metric, value: [, text] }) => [metric['instance'], text])),
      ).toEqual({
        [`http://${address}/`]: '1',
        'http://127.0.0.1:1/': '0',
      });
      // Together: it gives each scrape a second, which one that follows may not keep on a busy machine.
      expect((await ask(url, 'probe_http_status_code == 200')).length).toBe(1);
      expect((await ask(url, 'up{job="blackbox"} == 1')).length).toBe(2);
    }, soon);
  });
});
