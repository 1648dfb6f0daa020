import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry, type Telemetry } from '../../kernel/telemetry.ts';
import type { OutgoingAlert } from '../rules/index.ts';
import { alertingSection } from './config.ts';
import { AlertSender } from './sender.ts';

const bodyShape = z.array(z.record(z.string(), z.unknown()));

/** An Alertmanager that keeps what it is sent; it answers with a status, once it is let to. */
class Receiver {
  readonly bodies: z.output<typeof bodyShape>[] = [];
  readonly headers: unknown[] = [];
  status = 200;
  gate: Promise<void> = Promise.resolve();
  readonly #server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      this.headers.push(request.headers['authorization']);
      this.bodies.push(bodyShape.parse(JSON.parse(text)));
      void this.gate.then(() => response.writeHead(this.status).end('said'));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const START = Date.UTC(2026, 0, 1);
const alert = (labels: Readonly<Record<string, string>>): OutgoingAlert => ({
  labels: new Map(Object.entries(labels)),
  annotations: new Map([['summary', 'it is']]),
  startsAt: START,
  endsAt: START + 240_000,
  isResolved: false,
  generatorUrl: 'http://pharos/graph',
});

let receiver: Receiver;
let target: string;
let telemetry: Telemetry;
let sender: AlertSender | undefined;

function send(config: (place: string) => object, alerts: readonly OutgoingAlert[]): AlertSender {
  sender = new AlertSender(alertingSection.schema.parse(config(target)), {
    clock: systemClock,
    log: silentLog,
    telemetry,
    readText: () => Promise.resolve(''),
  });
  sender.send(alerts);
  return sender;
}

const to = (place: string, more: object = {}): object => ({
  alertmanagers: [{ static_configs: [{ targets: [place] }], ...more }],
});

const told = async (name: string): Promise<number> => {
  const line = (await telemetry.expose()).split('\n').find((text) => text.startsWith(`${name}{`));
  return Number(line?.slice(line.lastIndexOf(' ')) ?? 0);
};

beforeEach(async () => {
  receiver = new Receiver();
  target = await receiver.start();
  telemetry = createTelemetry();
});
afterEach(async () => {
  await sender?.stop();
  receiver.stop();
});

it('posts alerts in the form of API v2, with credentials', async () => {
  send((place) => to(place, { authorization: { credentials: 'secret' } }), [alert({ alertname: 'A' })]);
  await vi.waitFor(() => expect(receiver.bodies).toHaveLength(1));
  expect(receiver.headers).toEqual(['Bearer secret']);
  expect(receiver.bodies[0]).toEqual([
    {
      labels: { alertname: 'A' },
      annotations: { summary: 'it is' },
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: '2026-01-01T00:04:00.000Z',
      generatorURL: 'http://pharos/graph',
    },
  ]);
  await vi.waitFor(async () => expect(await told('pharos_alerts_sent_total')).toBe(1));
});

it('relabels alerts, for all and for one Alertmanager, and drops those that are not to be sent', async () => {
  const config = (place: string): object => ({
    alert_relabel_configs: [{ action: 'labeldrop', regex: 'replica' }],
    ...to(place, { alert_relabel_configs: [{ source_labels: ['team'], regex: 'b', action: 'drop' }] }),
  });
  send(config, [alert({ alertname: 'A', team: 'a', replica: '1' }), alert({ alertname: 'B', team: 'b' })]);
  await vi.waitFor(() => expect(receiver.bodies).toHaveLength(1));
  expect(receiver.bodies[0]?.map(({ labels }) => labels)).toEqual([{ alertname: 'A', team: 'a' }]);
});

it('sends batches of 256 in order; the oldest of more than 10,000 give way', async () => {
  let open = (): void => undefined;
  receiver.gate = new Promise((resolve) => (open = resolve));
  const running = send(to, [alert({ i: 'first' })]);
  await vi.waitFor(() => expect(receiver.bodies).toHaveLength(1));
  running.send(Array.from({ length: 10_003 }, (_, i) => alert({ i: String(i) })));
  open();
  await vi.waitFor(() => expect(receiver.bodies.flat()).toHaveLength(10_001), { timeout: 20_000 });
  expect(receiver.bodies[1]).toHaveLength(256);
  expect(receiver.bodies[1]?.[0]?.['labels']).toEqual({ i: '3' });
  expect(await told('pharos_alerts_dropped_total')).toBe(3);
});

it('what an Alertmanager refuses is counted, and the next alerts are sent all the same', async () => {
  receiver.status = 500;
  const running = send(to, [alert({ alertname: 'A' })]);
  await vi.waitFor(async () => expect(await told('pharos_alerts_send_failures_total')).toBe(1));
  receiver.status = 200;
  running.send([alert({ alertname: 'B' })]);
  await vi.waitFor(async () => expect(await told('pharos_alerts_sent_total')).toBe(1));
});

it('a changed configuration sends elsewhere at once', async () => {
  const running = send((place) => to(place), []);
  expect(running.urls()).toEqual([`http://${target}/api/v2/alerts`]);
  running.applyConfig(alertingSection.schema.parse({}));
  expect(running.urls()).toEqual([]);
  running.send([alert({ alertname: 'A' })]);
  running.applyConfig(alertingSection.schema.parse(to(target, { path_prefix: '/am' })));
  running.send([alert({ alertname: 'B' })]);
  await vi.waitFor(() => expect(receiver.bodies).toHaveLength(1));
  expect(receiver.bodies.flat().map(({ labels }) => labels)).toEqual([{ alertname: 'B' }]);
});
