import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { freePort, peerBinary, type RunningPeer, startPeer } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const prometheus = await peerBinary('prometheus');
const vmalert = await peerBinary('vmalert');
for (const peer of [prometheus, vmalert]) if (peer.path === null) console.log(`skipped: ${peer.reason}`);

const answerShape = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
  }),
});

const alertsShape = z.object({
  data: z.object({
    alerts: z.array(z.object({ state: z.string(), value: z.string(), activeAt: z.string() })),
  }),
});
const instantShape = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});

/** Prometheus and vmalert in front of the built server, as people chain them. */
describe.skipIf(prometheus.path === null || vmalert.path === null)(
  'Prometheus and vmalert on top of Pharos',
  () => {
    let pharos: RunningPharos;
    let folder: string;
    const peers: RunningPeer[] = [];
    const end = Math.floor(Date.now() / 60_000) * 60;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pharos-peers-'));
      pharos = await startPharosProcess({
        config:
          'global: {external_labels: {site: here}}\nself_metrics: {enabled: false}\nhost_metrics: {enabled: false}\n',
      });
      const lines: string[] = [];
      for (const job of ['a', 'b'])
        for (let i = 0; i < 300; i++)
          lines.push(`reads_total{job="${job}"} ${i * 7} ${(end - 3000 + i * 10) * 1000}`);
      const now = Date.now();
      lines.push(`fresh{job="a"} 1.5 ${now}`, `fresh{job="b",instance="own"} 2.5 ${now}`);
      const pushed = await fetch(`${pharos.url}/api/v1/import/prometheus`, {
        method: 'POST',
        body: `${lines.join('\n')}\n`,
      });
      expect(pushed.status).toBe(204);
    });
    afterAll(async () => {
      await Promise.all(peers.map((peer) => peer.stop()));
      await pharos.stop();
      await removeData(pharos);
      await rm(folder, { recursive: true, force: true });
    });

    async function matrix(url: string, query: string) {
      const params = new URLSearchParams({ query, start: String(end - 2900), end: String(end), step: '30' });
      const answer = answerShape.parse(await (await fetch(`${url}/api/v1/query_range?${params}`)).json());
      return answer.data.result;
    }

    async function startPrometheus(name: string, config: string): Promise<string> {
      const port = await freePort();
      const file = join(folder, `${name}.yml`);
      await writeFile(file, config);
      peers.push(
        await startPeer(
          prometheus.path ?? '',
          [
            `--config.file=${file}`,
            `--storage.tsdb.path=${join(folder, name)}`,
            `--web.listen-address=127.0.0.1:${port}`,
          ],
          `http://127.0.0.1:${port}/-/ready`,
        ),
      );
      return `http://127.0.0.1:${port}`;
    }

    it('RR-1, RR-2: a Prometheus that reads remotely has the same answers, by chunks and with its own external labels', async () => {
      const url = await startPrometheus(
        'reader',
        `global: {external_labels: {site: here}}\nremote_read: [{url: '${pharos.url}/api/v1/read', read_recent: true}]\n`,
      );
      for (const query of ['reads_total', 'sum by (job) (increase(reads_total[90s]))', 'absent(nothing)']) {
        const [ours, theirs] = await Promise.all([matrix(pharos.url, query), matrix(url, query)]);
        expect(theirs.length).toBeGreaterThan(0);
        if (query === 'reads_total') expect(theirs).toEqual(ours);
        else expect(theirs.map(({ metric }) => metric)).toEqual(ours.map(({ metric }) => metric));
      }
    });

    it('RR-2: external labels that are not ours make the remote part empty, and no error', async () => {
      const url = await startPrometheus(
        'stranger',
        `global: {external_labels: {site: elsewhere}}\nremote_read: [{url: '${pharos.url}/api/v1/read', read_recent: true}]\n`,
      );
      expect(await matrix(url, 'reads_total')).toEqual([]);
    });

    it('PQ-12: a Prometheus that federates has the samples with their times, labels and our external labels', async () => {
      const url = await startPrometheus(
        'federating',
        `scrape_configs:\n  - job_name: federate\n    scrape_interval: 1s\n    honor_labels: true\n    metrics_path: /federate\n    params: {'match[]': ['{__name__=~"fresh|reads_total"}']}\n    static_configs: [{targets: ['${new URL(pharos.url).host}']}]\n`,
      );
      await vi.waitFor(
        async () => {
          const answer = instantShape.parse(
            await (await fetch(`${url}/api/v1/query?query=sort(fresh)`)).json(),
          );
          expect(answer.data.result.map(({ metric, value }) => [metric, value[1]])).toEqual([
            [{ __name__: 'fresh', job: 'a', site: 'here' }, '1.5'],
            [{ __name__: 'fresh', job: 'b', instance: 'own', site: 'here' }, '2.5'],
          ]);
        },
        { timeout: 20_000, interval: 200 },
      );
    });

    it('vmalert runs its rules on our answers, writes what they record, and finds its state again', async () => {
      const rules = join(folder, 'rules.yml');
      await writeFile(
        rules,
        [
          'groups:',
          '  - name: g',
          '    interval: 1s',
          '    rules:',
          '      - record: job:fresh:double',
          '        expr: fresh{job="b"} * 2',
          '      - alert: Fresh',
          '        expr: fresh{job="b"} > 2',
          '        for: 5s',
          '        labels: {severity: page}',
        ].join('\n'),
      );
      const start = async (): Promise<{ peer: RunningPeer; url: string }> => {
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const peer = await startPeer(
          vmalert.path ?? '',
          [
            `-rule=${rules}`,
            `-datasource.url=${pharos.url}`,
            `-remoteRead.url=${pharos.url}`,
            `-remoteWrite.url=${pharos.url}`,
            '-remoteWrite.flushInterval=200ms',
            '-notifier.url=http://127.0.0.1:9',
            '-evaluationInterval=1s',
            `-httpListenAddr=127.0.0.1:${port}`,
          ],
          `${url}/health`,
        );
        return { peer, url };
      };
      const alertsOf = async (url: string) =>
        alertsShape.parse(await (await fetch(`${url}/api/v1/alerts`)).json()).data.alerts;
      const first = await start();
      const firing = await vi.waitFor(
        async () => {
          const [alert] = await alertsOf(first.url);
          expect(alert).toMatchObject({ state: 'firing', value: '2.5' });
          return alert;
        },
        { timeout: 30_000, interval: 200 },
      );
      const instant = async (query: string) => {
        const url = `${pharos.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`;
        return instantShape.parse(await (await fetch(url)).json()).data.result;
      };
      await vi.waitFor(
        async () => {
          expect((await instant('job:fresh:double')).map(({ value }) => value[1])).toEqual(['5']);
          const states = await instant('ALERTS{alertname="Fresh", severity="page"}');
          expect(states.map(({ metric }) => metric['alertstate'])).toContain('firing');
        },
        { timeout: 30_000, interval: 200 },
      );
      await first.peer.stop();
      // By last_over_time(ALERTS_FOR_STATE{...}[1h]): it has been pending since then, not since its own start.
      const second = await start();
      peers.push(second.peer);
      await vi.waitFor(
        async () => {
          const [alert] = await alertsOf(second.url);
          expect(alert?.activeAt.slice(0, 19)).toBe(firing?.activeAt.slice(0, 19));
        },
        { timeout: 30_000, interval: 200 },
      );
    });
  },
);
