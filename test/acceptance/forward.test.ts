import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  compressed,
  writeRequestV2,
} from '../../packages/server/src/metrics/ingest/remote-write/testing/requests.ts';
import { freePort, peerBinary, type RunningPeer, startPeer } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const prometheus = await peerBinary('prometheus');
if (prometheus.path === null) console.log(`skipped: ${prometheus.reason}`);

const answerShape = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});

/** remote_write from the built server into Prometheus, with both of them away in between. */
describe.skipIf(prometheus.path === null)('forwarding', () => {
  let folder: string;
  let port: number;
  let peer: RunningPeer;
  let pharos: RunningPharos;
  /** A Pharos that is sent remote write 2.0, which no Prometheus of Debian knows. */
  let other: RunningPharos;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pharos-forward-'));
    await writeFile(join(folder, 'prom.yml'), '');
    port = await freePort();
    peer = await startPrometheus();
    other = await startPharosProcess({
      config: 'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\n',
    });
    pharos = await startPharosProcess({ config: config() });
  });
  afterAll(async () => {
    await pharos.stop();
    await peer.stop();
    await other.stop();
    await removeData(pharos);
    await removeData(other);
    await rm(folder, { recursive: true, force: true });
  });

  function config(): string {
    return [
      'global: {external_labels: {site: here}}',
      'self_metrics: {enabled: false}',
      'host_metrics: {enabled: false}',
      `remote_write:`,
      `  - url: http://127.0.0.1:${port}/api/v1/write`,
      `    name: peer`,
      `    queue_config: {min_backoff: 100ms, max_backoff: 500ms}`,
      `    send_exemplars: true`,
      `    write_relabel_configs: [{source_labels: [secret], regex: '.+', action: drop}]`,
      `  - url: ${other.url}/api/v1/write`,
      `    name: other`,
      `    protobuf_message: io.prometheus.write.v2.Request`,
      `    send_exemplars: true`,
      `    send_native_histograms: true`,
      `    queue_config: {min_backoff: 100ms, max_backoff: 500ms}`,
    ].join('\n');
  }

  function startPrometheus(): Promise<RunningPeer> {
    return startPeer(
      prometheus.path ?? '',
      [
        `--config.file=${join(folder, 'prom.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--web.enable-remote-write-receiver',
        '--enable-feature=exemplar-storage',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      `http://127.0.0.1:${port}/-/ready`,
    );
  }

  const start = Math.floor(Date.now() / 1000) - 600;
  async function push(from: number, to: number): Promise<void> {
    const lines: string[] = [];
    for (let i = from; i < to; i++) {
      for (let job = 0; job < 20; job++) lines.push(`sent{job="${job}"} ${i} ${(start + i) * 1000}`);
      lines.push(`sent{job="hidden",secret="x"} ${i} ${(start + i) * 1000}`);
    }
    const answer = await fetch(`${pharos.url}/api/v1/import/prometheus`, {
      method: 'POST',
      body: `${lines.join('\n')}\n`,
    });
    expect(answer.status).toBe(204);
  }

  async function arrived(): Promise<void> {
    await vi.waitFor(
      async () => {
        const params = new URLSearchParams({ query: 'sent[20m]', time: String(start + 700) });
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?${params}`);
        const { result } = answerShape.parse(await answer.json()).data;
        const byJob = new Map(result.map(({ metric, values }) => [metric['job'], { metric, values }]));
        expect([...byJob.keys()].sort()).toEqual(Array.from({ length: 20 }, (_, i) => String(i)).sort());
        for (const { metric, values } of byJob.values()) {
          expect(metric['site']).toBe('here');
          expect(values).toEqual(Array.from({ length: expected }, (_, i) => [start + i, String(i)]));
        }
      },
      { timeout: 40_000, interval: 250 },
    );
  }
  let expected = 0;

  it('sends every accepted sample with external labels, and drops what relabelling drops', async () => {
    await push(0, 100);
    expected = 100;
    await arrived();
    // The peer has the last request before we have its answer.
    await vi.waitFor(
      async () => {
        const text = await (await fetch(`${pharos.url}/metrics`)).text();
        expect(text).toMatch(/pharos_forward_samples_total\{remote="peer"\} 2000\n/);
        expect(text).toMatch(/pharos_forward_samples_dropped_total\{remote="peer",reason="relabel"\} 100\n/);
      },
      { timeout: 20_000, interval: 20 },
    );
  });

  it('loses nothing when the remote is away and Pharos is killed meanwhile', async () => {
    await peer.stop();
    await push(100, 200);
    await vi.waitFor(
      async () =>
        expect(await (await fetch(`${pharos.url}/metrics`)).text()).toMatch(
          /pharos_forward_retries_total\{remote="peer"\} [1-9]/,
        ),
      { timeout: 20_000, interval: 100 },
    );
    await pharos.stop('SIGKILL');
    pharos = await startPharosProcess({ config: config(), directory: pharos.directory });
    await push(200, 250);
    peer = await startPrometheus();
    expected = 250;
    await arrived();
  });

  it('sends exemplars by 1.0 and 2.0, and by 2.0 histograms and what a metric means', async () => {
    const now = Date.now();
    const body = writeRequestV2([
      {
        labels: { __name__: 'paid_total', job: 'x' },
        samples: [{ value: 3, timestamp: now, start: now - 60_000 }],
        exemplars: [{ labels: { trace_id: '4bf9' }, value: 1, timestamp: now }],
        metadata: { type: 1, help: 'What was paid.', unit: '' },
      },
      {
        labels: { __name__: 'took', job: 'x' },
        histograms: [
          { timestamp: now, count: 4, sum: 8, positiveSpans: [[0, 2]], positive: [1, 2], schema: 1 },
        ],
      },
    ]);
    const answer = await fetch(`${pharos.url}/api/v1/write`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
        'content-encoding': 'snappy',
      },
      body: new Uint8Array(compressed(body)),
    });
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    const get = async (url: string, path: string): Promise<unknown> =>
      (await fetch(`${url}/api/v1/${path}`)).json();
    const window = `start=${now / 1000 - 60}&end=${now / 1000 + 60}`;
    for (const url of [`http://127.0.0.1:${port}`, other.url])
      await vi.waitFor(
        async () =>
          expect(await get(url, `query_exemplars?query=paid_total&${window}`)).toMatchObject({
            data: [
              {
                seriesLabels: { __name__: 'paid_total', job: 'x', site: 'here' },
                exemplars: [{ labels: { trace_id: '4bf9' }, value: '1', timestamp: now / 1000 }],
              },
            ],
          }),
        { timeout: 30_000, interval: 250 },
      );
    expect(await get(other.url, 'query?query=histogram_sum(took)')).toMatchObject({
      data: { result: [{ metric: { job: 'x', site: 'here' }, value: [expect.any(Number), '8'] }] },
    });
    expect(await get(other.url, 'metadata?metric=paid_total')).toMatchObject({
      data: { paid_total: [{ type: 'counter', help: 'What was paid.' }] },
    });
    const sent = await (await fetch(`${pharos.url}/metrics`)).text();
    expect(sent).toMatch(/pharos_forward_exemplars_total\{remote="other"\} 1\n/);
    expect(sent).not.toMatch(/pharos_forward_samples_dropped_total\{remote="other"/);
  });
});
