import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type PharosAlertmanager, startTestAlertmanager } from '../support/alertmanager.ts';
import { alertmanagerPeer, freePort, type RunningPeer, startPeer } from '../support/peers.ts';
import { notifierConfig, TEMPLATE_FILE } from './differential/notifier-config.ts';

const alertmanager = await alertmanagerPeer();
if (alertmanager.path === null) console.log(`skipped: ${alertmanager.reason}`);

const EXTERNAL = 'http://pharos.example';
/** Requests and mails of each side: one to each entry that is told of the beginning, and of the end; Opsgenie's texts follow in two more. */
const BEGUN = [13, 1];
const ENDED = [24, 2];

interface Told {
  readonly path: string;
  readonly method: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

interface Mail {
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly html: string;
}

type Side = 'theirs' | 'ours';
const told: Record<Side, Told[]> = { theirs: [], ours: [] };
const mails: Record<Side, Mail[]> = { theirs: [], ours: [] };
const stops: (() => Promise<void>)[] = [];

describe.skipIf(alertmanager.path === null)('what Alertmanager and Pharos tell services', () => {
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pharos-notifiers-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'own.tmpl'), TEMPLATE_FILE);
    const hook = await openHook();
    const smtp = { theirs: await openMailServer('theirs'), ours: await openMailServer('ours') };
    const config = (side: Side): string =>
      notifierConfig(folder)
        .replaceAll('HOOK', `${hook}/${side}`)
        .replaceAll('SMTP', `127.0.0.1:${smtp[side]}`);
    const sides = await Promise.all([startTheirs(folder, config('theirs')), startOurs(config('ours'))]);
    started = new Date().toISOString();
    await tell(sides, false);
    await come(BEGUN);
    await tell(sides, true);
    await come(ENDED);
  }, 120_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  it.each(['slack/defaults', 'slack/probes', 'slack/full', 'pagerduty', 'opsgenie', 'discord', 'telegram'])(
    '%s',
    (kind) => {
      const of = (side: Side): readonly unknown[] =>
        told[side]
          .filter(({ path }) => path.startsWith(`/${kind}`))
          .map(normal)
          .sort(byText);
      expect(of('theirs').length).toBeGreaterThanOrEqual(2);
      expect(of('ours')).toEqual(of('theirs'));
    },
  );

  it('mails', () => {
    const of = (side: Side): readonly unknown[] =>
      mails[side].map(({ to, headers, text, html }) => ({
        to,
        text: text.trim(),
        html: html.trim(),
        ...Object.fromEntries(
          ['From', 'To', 'Subject', 'X-Team', 'Reply-To'].map((name) => [name, headers.get(name)]),
        ),
      }));
    expect(of('ours')).toEqual(of('theirs'));
  });
});

/** Waits until both sides have told so much. */
async function come(wanted: readonly number[]): Promise<void> {
  await vi.waitFor(
    () => {
      expect([told.theirs.length, mails.theirs.length]).toEqual(wanted);
      expect([told.ours.length, mails.ours.length]).toEqual(wanted);
    },
    { timeout: 30_000 },
  );
}

/** What must differ, made the same: names of the product, its pages, and times of no interest. */
function normal({ path, method, authorization, body }: Told): unknown {
  const text = JSON.stringify(body).replaceAll('/#/alerts?', '/alerts?').replaceAll('Alertmanager', 'Pharos');
  return { path, method, authorization, body: JSON.parse(text) as unknown };
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `/<side>/…` takes everything, as each service would. */
async function openHook(): Promise<string> {
  const hook: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [, side, ...rest] = (request.url ?? '').split('/');
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const { method = '', headers } = request;
      told[side === 'ours' ? 'ours' : 'theirs'].push({
        path: `/${rest.join('/')}`,
        method,
        authorization: headers.authorization,
        body,
      });
      const isPagerDuty = rest[0] === 'pagerduty';
      response.writeHead(isPagerDuty ? 202 : 200, { 'content-type': 'application/json' });
      response.end(
        rest[0] === 'telegram' ? TELEGRAM_ANSWER : isPagerDuty ? '{"status":"success"}' : '{"ok":true}',
      );
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  stops.push(
    () =>
      new Promise((resolve) => {
        hook.closeAllConnections();
        hook.close(() => resolve());
      }),
  );
  return `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
}

const TELEGRAM_ANSWER = JSON.stringify({
  ok: true,
  result: { message_id: 1, date: 1, chat: { id: 1, type: 'private' } },
});

async function openMailServer(side: Side): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        mails[side].push({
          to: envelope.rcptTo.map(({ address }) => address),
          headers: headersOf(raw),
          text: partOf(raw, 'text/plain'),
          html: partOf(raw, 'text/html'),
        });
        done(null);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.server.address() as AddressInfo).port;
}

function headersOf(part: string): ReadonlyMap<string, string> {
  const head = part.slice(0, part.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  return new Map(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
}

/** The text of the part of a type, whatever it is wrapped in. */
function partOf(raw: string, type: string): string {
  const boundary = /boundary="?([^"\r\n;]+)/.exec(raw)?.[1] ?? '';
  const part = raw
    .split(`--${boundary}`)
    .slice(1)
    .map((one) => one.trimStart())
    .find((one) => one.toLowerCase().includes(`content-type: ${type}`));
  if (part === undefined) return '';
  const body = part.slice(part.indexOf('\r\n\r\n') + 4);
  const bytes = /quoted-printable/i.test(part)
    ? body
        .replaceAll(/=\r\n/g, '')
        .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : Buffer.from(body, 'utf8').toString('latin1');
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

async function startTheirs(folder: string, config: string): Promise<string> {
  const file = join(folder, 'theirs.yml');
  await writeFile(file, config);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const peer: RunningPeer = await startPeer(
    alertmanager.path ?? '',
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=${EXTERNAL}`,
      '--web.route-prefix=/',
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    `${url}/-/ready`,
    alertmanager.cwd,
  );
  stops.push(() => peer.stop());
  return url;
}

async function startOurs(config: string): Promise<string> {
  const ours: PharosAlertmanager = await startTestAlertmanager(config);
  stops.push(() => ours.stop());
  return ours.url;
}

/** When the alerts began: just before they are sent, since what began longer ago than `group_wait` is told of at once, one by one. */
let started = '';

/** The same bytes for both. */
async function tell(urls: readonly string[], hasEnded: boolean): Promise<void> {
  const alerts = ['1', '2<b>'].map((instance) => ({
    labels: { alertname: 'Down', job: 'api', severity: 'critical', instance },
    annotations: { summary: `ünstable "${instance}"`, runbook: 'http://r/?a=1&b=2' },
    startsAt: started,
    ...(hasEnded && { endsAt: new Date().toISOString() }),
    generatorURL: 'http://example.org/graph?a=b&c=d',
  }));
  const body = JSON.stringify(alerts);
  for (const url of urls) {
    const answer = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  }
}
