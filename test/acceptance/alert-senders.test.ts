import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { freePort, peerBinary, type RunningPeer, startPeer } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { type Told, WebhookReceiver } from '../support/webhook-receiver.ts';

const prometheus = await peerBinary('prometheus');
const vmalert = await peerBinary('vmalert');
for (const peer of [prometheus, vmalert]) if (peer.path === null) console.log(`skipped: ${peer.reason}`);

const PATIENCE = { timeout: 60_000, interval: 50 };

/** One rule for each sender; both look at one gauge. */
const rules = (sender: string): string => `groups:
- name: ${sender}
  interval: 1s
  rules:
  - alert: TooHigh
    expr: level > 10
    labels: {sender: ${sender}, severity: page}
    annotations: {summary: '{{ $labels.part }} is at {{ $value }}'}
`;

const CONFIG = (hook: string): string => `route:
  receiver: hook
  group_by: [sender]
  group_wait: 0s
  group_interval: 1s
receivers: [{name: hook, webhook_configs: [{url: '${hook}/hook'}]}]
`;

const alertsShape = z.object({
  data: z.object({
    alerts: z.array(
      z.object({ labels: z.record(z.string(), z.string()), state: z.string(), activeAt: z.string() }),
    ),
  }),
});

/** Other systems' rules, with Pharos where their Alertmanager was. */
describe.skipIf(prometheus.path === null || vmalert.path === null)(
  'Prometheus and vmalert fire into Pharos',
  () => {
    const hook = new WebhookReceiver();
    const peers: RunningPeer[] = [];
    let level = 15;
    const target = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(`level{part="door"} ${level}\n`);
    });
    let pharos: RunningPharos;
    let folder = '';
    const urls = { prometheus: '', vmalert: '' };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pharos-alert-senders-'));
      const ports = { target: await freePort(), prometheus: await freePort(), vmalert: await freePort() };
      await new Promise<void>((resolve) => target.listen(ports.target, '127.0.0.1', resolve));
      await hook.open();
      await writeFile(join(folder, 'am.yml'), CONFIG(hook.url));
      pharos = await startPharosProcess({
        config: `alertmanager: {config_file: '${folder}/am.yml'}\nself_metrics: {enabled: false}\nhost_metrics: {enabled: false}\n`,
      });
      urls.prometheus = `http://127.0.0.1:${ports.prometheus}`;
      urls.vmalert = `http://127.0.0.1:${ports.vmalert}`;
      await writeFile(join(folder, 'prometheus-rules.yml'), rules('prometheus'));
      await writeFile(join(folder, 'vmalert-rules.yml'), rules('vmalert'));
      await writeFile(
        join(folder, 'prometheus.yml'),
        `global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s, external_labels: {site: here}}
rule_files: [prometheus-rules.yml]
scrape_configs: [{job_name: target, static_configs: [{targets: ['127.0.0.1:${ports.target}']}]}]
alerting: {alertmanagers: [{static_configs: [{targets: ['${new URL(pharos.url).host}']}]}]}
`,
      );
      peers.push(
        await startPeer(
          prometheus.path ?? '',
          [
            `--config.file=${folder}/prometheus.yml`,
            `--storage.tsdb.path=${folder}/data`,
            `--web.listen-address=127.0.0.1:${ports.prometheus}`,
            '--rules.alert.resend-delay=1s',
          ],
          `${urls.prometheus}/-/ready`,
        ),
      );
      peers.push(
        await startPeer(
          vmalert.path ?? '',
          [
            `-rule=${folder}/vmalert-rules.yml`,
            `-datasource.url=${urls.prometheus}`,
            `-notifier.url=${pharos.url}`,
            '-evaluationInterval=1s',
            '-external.label=site=there',
            `-external.url=${urls.vmalert}`,
            `-httpListenAddr=127.0.0.1:${ports.vmalert}`,
          ],
          `${urls.vmalert}/health`,
        ),
      );
    });
    afterAll(async () => {
      await Promise.all(peers.map((peer) => peer.stop()));
      await pharos.stop();
      await hook.close();
      target.closeAllConnections();
      target.close();
      await removeData(pharos);
      await rm(folder, { recursive: true, force: true });
    });

    const toldOf = (sender: string): Told[] =>
      hook.told.filter(({ alerts }) => alerts[0]?.labels['sender'] === sender);
    const senders = [
      { sender: 'prometheus', labels: { site: 'here', instance: expect.any(String), job: 'target' } },
      { sender: 'vmalert', labels: { site: 'there', instance: expect.any(String), job: 'target' } },
    ] as const;

    it.each(senders)('$sender: the receiver has what it fires, once', async ({ sender, labels }) => {
      await vi.waitFor(() => expect(toldOf(sender)).toHaveLength(1), PATIENCE);
      const [told] = toldOf(sender);
      expect(told).toMatchObject({ status: 'firing', mayBeDuplicate: false });
      expect(told?.alerts).toEqual([
        {
          status: 'firing',
          labels: expect.objectContaining({
            alertname: 'TooHigh',
            part: 'door',
            severity: 'page',
            sender,
            ...labels,
          }),
          annotations: { summary: 'door is at 15' },
          startsAt: expect.any(String),
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: expect.stringContaining(sender === 'vmalert' ? urls.vmalert : '/graph?g0.expr=level'),
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      ]);
      const theirs = alertsShape.parse(await (await fetch(`${urls[sender]}/api/v1/alerts`)).json());
      const [alert] = theirs.data.alerts;
      // Without `for` an alert fires when it begins.
      expect(Date.parse(told?.alerts[0]?.startsAt ?? '')).toBe(Math.floor(Date.parse(alert?.activeAt ?? '')));
    });

    it.each(senders)('$sender: the receiver has its end, once, after nothing else', async ({ sender }) => {
      level = 5;
      await vi.waitFor(() => expect(toldOf(sender).at(-1)?.status).toBe('resolved'), PATIENCE);
      const [fired, resolved, ...more] = toldOf(sender);
      expect(more).toEqual([]);
      const [alert] = resolved?.alerts ?? [];
      expect(resolved?.alerts).toHaveLength(1);
      expect(alert).toMatchObject({ status: 'resolved', startsAt: fired?.alerts[0]?.startsAt });
      expect(alert?.fingerprint).toBe(fired?.alerts[0]?.fingerprint);
      expect(Date.parse(alert?.endsAt ?? '')).toBeGreaterThan(Date.parse(alert?.startsAt ?? ''));
      // What is over is no alert any more.
      const listed = z.array(z.object({ labels: z.record(z.string(), z.string()) }));
      const answer = listed.parse(await (await fetch(`${pharos.url}/api/v2/alerts`)).json());
      expect(answer.filter(({ labels }) => labels['sender'] === sender)).toEqual([]);
    });
  },
);
