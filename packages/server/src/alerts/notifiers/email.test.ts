import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testCertificate } from '../../egress/testing/setup.ts';
import { ManualClock } from '../../kernel/clock.ts';
import type { SendResult } from '../outbox/send-result.ts';
import { entryOf, type TestMessage, testMessage } from '../testing/message.ts';
import { testDeps } from '../testing/service.ts';
import { email } from './email.ts';

/** A mail that a server took. */
interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: string | undefined;
  readonly isSecure: boolean;
  readonly headers: ReadonlyMap<string, string>;
  /** With its headers, quoted-printable undone. */
  readonly text: string;
}

const DOWN: TestMessage = {
  groupLabels: { alertname: 'Down' },
  alerts: [{ labels: { alertname: 'Down', job: 'api' }, annotations: { summary: 'Störung <1>' } }],
};

const taken: Taken[] = [];
/** Set by a mail that says so: lets the server acknowledge it. */
let acknowledge: (() => void) | undefined;
const servers: SMTPServer[] = [];
let certificate: Awaited<ReturnType<typeof testCertificate>>;
/** By the way to reach them. */
const ports = { starttls: 0, plain: 0, 'at-once': 0 };

const refusal = (code: number, words: string): Error =>
  Object.assign(new Error(words), { responseCode: code });

/** What the server says of an address, by its local part. */
function judgeRecipient(address: string): Error | null {
  if (address.startsWith('nobody')) return refusal(550, 'no such user here');
  return address.startsWith('later') ? refusal(451, 'greylisted, come back') : null;
}

async function open(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({
    ...certificate,
    size: 200_000,
    logger: false,
    onAuth: ({ method, username, password, validatePassword }, _session, done) =>
      username === 'am' && (method === 'CRAM-MD5' ? validatePassword('geheim') : password === 'geheim')
        ? done(null, { user: username })
        : done(refusal(535, `no ${password} here`)),
    onRcptTo: ({ address }, _session, done) => done(judgeRecipient(address)),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (stream.sizeExceeded) {
          done(refusal(552, 'too long'));
          return;
        }
        const raw = Buffer.concat(chunks).toString('utf8');
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user === undefined ? undefined : String(session.user),
          isSecure: session.secure,
          headers: headersOf(raw),
          text: unquoted(raw),
        });
        if (raw.includes('look through it')) acknowledge = () => done(null);
        else if (raw.includes('then hang up')) for (const one of server.connections) one.close();
        else done(null);
      });
    },
    ...options,
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.server.address() as AddressInfo).port; // oxlint-disable-line typescript/no-unsafe-type-assertion -- it listens on a port
}

function headersOf(raw: string): ReadonlyMap<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  return new Map(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
}

function unquoted(raw: string): string {
  const bytes = raw
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

beforeAll(async () => {
  certificate = await testCertificate('localhost');
  ports.starttls = await open({ authMethods: ['PLAIN', 'CRAM-MD5'], authOptional: true });
  ports.plain = await open({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    authMethods: ['CRAM-MD5', 'PLAIN'],
    allowInsecureAuth: true,
  });
  ports['at-once'] = await open({ secure: true, authOptional: true });
});
afterAll(() => Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(resolve)))));

const TO = 'to: team@example.org, from: "Pharos <am@example.org>"';

async function send(
  settings: string,
  message: TestMessage = DOWN,
): Promise<readonly [SendResult, Taken | undefined]> {
  taken.length = 0;
  const entry = entryOf(
    'email',
    settings
      .replaceAll(
        'STARTTLS',
        `smarthost: "127.0.0.1:${ports.starttls}", tls_config: { ca_file: /ca, server_name: localhost }`,
      )
      .replaceAll(
        'AT_ONCE',
        `smarthost: "127.0.0.1:${ports['at-once']}", force_implicit_tls: true, tls_config: { ca_file: /ca, server_name: localhost }`,
      )
      .replaceAll('PLAIN', `smarthost: "127.0.0.1:${ports.plain}", require_tls: false`),
  );
  const deps = testDeps({ '/ca': certificate.cert, '/password': 'geheim\n' });
  return [await email(entry, testMessage(message), deps), taken[0]];
}

describe('a mail', () => {
  it('is in HTML and in plain text', async () => {
    const [result, mail] = await send(`{ ${TO}, STARTTLS }`);
    expect(result).toEqual({ ok: true });
    expect(mail).toMatchObject({ from: 'am@example.org', to: ['team@example.org'], isSecure: true });
    expect(Object.fromEntries(mail?.headers ?? [])).toMatchObject({
      From: 'Pharos <am@example.org>',
      To: 'team@example.org',
      Subject: '[FIRING:1] Down (api)',
      Date: 'Thu, 01 Jan 2026 00:00:00 +0000',
      'Message-ID': '<d-1@example.org>',
      'Auto-Submitted': 'auto-generated',
      'X-Pharos-Delivery': 'd-1',
      'Content-Type': expect.stringContaining('multipart/alternative'),
    });
    expect(mail?.text).toContain('summary: Störung <1>');
    expect(mail?.text).toContain('Störung &lt;1&gt;');
    expect([...(mail?.headers.keys() ?? [])]).not.toContain('In-Reply-To');
  });

  it('is as the file writes it', async () => {
    const [, mail] = await send(
      `{ to: 'a@example.org, {{ .CommonLabels.job }}@example.org', from: am@example.org, STARTTLS, html: '<b>{{ .Status }}</b>', text: '',
         headers: { subject: "über {{ .Status }}\\n!", reply-to: r@example.org, references: <root@example.org>, To: undisclosed@example.org, X-Team: '{{ .Receiver }}' } }`,
    );
    expect(mail?.to).toEqual(['a@example.org', 'api@example.org']);
    expect(Object.fromEntries(mail?.headers ?? [])).toMatchObject({
      To: 'undisclosed@example.org',
      'Reply-To': 'r@example.org',
      References: '<root@example.org>',
      'X-Team': 'team',
      'Content-Type': 'text/html; charset=utf-8',
    });
    expect(mail?.headers.get('Subject')).toMatch(/^=\?UTF-8\?/);
    expect(mail?.text).toMatch(/<b>firing<\/b>/);
  });

  it('cannot be given headers by an alert', async () => {
    const alerts = [{ labels: { alertname: 'Down\r\nBcc: evil@example.org' } }];
    const [, mail] = await send(`{ ${TO}, STARTTLS }`, { groupLabels: {}, alerts });
    expect([...(mail?.headers.keys() ?? [])]).not.toContain('Bcc');
    expect(mail?.headers.get('Subject')).toBe('[FIRING:1] (Down Bcc: evil@example.org)');
    expect(mail?.to).toEqual(['team@example.org']);
  });

  it('answers what mails of its group answer', async () => {
    const settings = (date: string): string => `{ ${TO}, STARTTLS, threading: { enabled: true${date} } }`;
    const [, first] = await send(settings(''));
    const [, second] = await send(settings(''), { ...DOWN, id: 'd-2', mayBeDuplicate: true });
    const [, forever] = await send(settings(', thread_by_date: none'));
    const thread = (mail: Taken | undefined): readonly unknown[] => [
      mail?.headers.get('References'),
      mail?.headers.get('In-Reply-To'),
    ];
    expect(thread(first)[0]).toMatch(/^<alert-[0-9a-f]{32}-2026-01-01@example\.org>$/);
    expect(thread(second)).toEqual(thread(first));
    expect(thread(forever)[1]).toMatch(/^<alert-[0-9a-f]{32}@example\.org>$/);
    expect(second?.headers.get('Message-ID')).toBe('<d-2@example.org>');
    expect(second?.headers.get('X-Pharos-Possible-Duplicate')).toBe('true');
  });
});

describe('the way to a server', () => {
  it.each([
    ['STARTTLS, auth_username: am, auth_password: geheim', true, 'am'],
    ['STARTTLS, auth_username: am, auth_password_file: /password', true, 'am'],
    ['STARTTLS, auth_username: am, auth_secret: geheim', true, 'am'],
    ['AT_ONCE, auth_username: am, auth_password: geheim', true, 'am'],
    ['AT_ONCE', true, undefined],
    ['PLAIN', false, undefined],
    // Whoever listens here can read it anyway.
    ['PLAIN, auth_username: am, auth_password: geheim', false, 'am'],
  ])('%s', async (settings, isSecure, user) => {
    const [result, mail] = await send(`{ ${TO}, ${settings} }`);
    expect([result, mail?.isSecure, mail?.user]).toEqual([{ ok: true }, isSecure, user]);
  });

  it.each<readonly [string, string, Partial<Extract<SendResult, { ok: false }>>]>([
    ['a wrong password', `${TO}, STARTTLS, auth_username: am, auth_password: falsch`, { isRetryable: false }],
    ['nobody there', `${TO}, smarthost: "127.0.0.1:1"`, { isRetryable: true }],
    ['no STARTTLS', `${TO}, PLAIN, require_tls: true`.replace('PLAIN', 'PLAIN_TLS'), { isRetryable: false }],
    ['a certificate nobody trusts', `${TO}, smarthost: "127.0.0.1:START"`, { isRetryable: true }],
    ['no such recipient', 'to: nobody@example.org, from: a@example.org, STARTTLS', { isRetryable: false }],
    ['a recipient later', 'to: later@example.org, from: a@example.org, STARTTLS', { isRetryable: true }],
    [
      'a mail that is too long',
      `${TO}, STARTTLS, text: '{{ printf "%0999d" 1 }}${'x'.repeat(200_000)}'`,
      { isRetryable: false },
    ],
    [
      'a file that is not there',
      `${TO}, STARTTLS, auth_username: am, auth_password_file: /no`,
      { isRetryable: false, reason: 'cannot read /no' },
    ],
  ])('refuses %s', async (_what, settings, expected) => {
    const [result] = await send(
      `{ ${settings.replace('PLAIN_TLS', `smarthost: "127.0.0.1:${ports.plain}"`).replace('START"', `${ports.starttls}"`).replace(', require_tls: true', '')} }`,
    );
    expect(result).toMatchObject({ ok: false, isUncertain: false, ...expected });
    expect(JSON.stringify(result)).not.toMatch(/falsch|geheim/);
  });

  it('sends no password over a network in plain', async () => {
    const settings = `${TO}, smarthost: "mail.example:25", require_tls: false, auth_username: am, auth_password: geheim`;
    const [result] = await send(`{ ${settings} }`);
    expect(result).toMatchObject({
      ok: false,
      isRetryable: false,
      reason: expect.stringContaining('set require_tls'),
    });
  });

  it('is content when some recipients are taken, and says which are not', async () => {
    const [result, mail] = await send(
      '{ to: "nobody@example.org, team@example.org", from: a@example.org, STARTTLS }',
    );
    expect(result).toEqual({ ok: true, notes: ['the server did not take it for nobody@example.org'] });
    expect(mail?.to).toEqual(['team@example.org']);
  });

  it('is sent again to those alone whom the server put off', async () => {
    const settings =
      '{ to: "nobody@example.org, later@example.org, team@example.org", from: a@example.org, STARTTLS }';
    const [result, mail] = await send(settings);
    expect(result).toMatchObject({
      ok: false,
      isRetryable: true,
      isUncertain: false,
      done: ['nobody@example.org', 'team@example.org'],
      reason: expect.stringContaining('greylisted'),
    });
    expect(mail?.to).toEqual(['team@example.org']);
    const [again, none] = await send(settings, { ...DOWN, done: ['nobody@example.org', 'team@example.org'] });
    expect([again.ok, none]).toEqual([false, undefined]);
    const [, rest] = await send(settings, { ...DOWN, done: ['nobody@example.org', 'later@example.org'] });
    expect(rest?.to).toEqual(['team@example.org']);
    expect(rest?.headers.get('To')).toContain('later@example.org');
  });

  it('knows that a server which could not be reached in time took nothing', async () => {
    const clock = new ManualClock();
    const result = email(entryOf('email', `{ ${TO}, smarthost: "mail.example:25" }`), testMessage(DOWN), {
      clock,
      http: {
        ...testDeps({}).http,
        connect: (_place, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      },
    });
    await clock.advance(10_000);
    expect(await result).toMatchObject({ ok: false, isRetryable: true, isUncertain: false });
  });

  /** A mail whose server looks through its content for long. */
  async function scanned() {
    const clock = new ManualClock();
    acknowledge = undefined;
    const settings = `{ ${TO}, smarthost: "127.0.0.1:${ports.plain}", require_tls: false, html: '', text: look through it }`;
    const result = email(entryOf('email', settings), testMessage(DOWN), { ...testDeps(), clock });
    await expect.poll(() => acknowledge !== undefined, { interval: 5 }).toBe(true);
    return { clock, result };
  }

  it('waits for a server that looks through the content of a mail', async () => {
    const { clock, result } = await scanned();
    await clock.advance(119_000);
    acknowledge?.();
    expect(await result).toEqual({ ok: true });
  });

  it('does not wait for it without end', async () => {
    const { clock, result } = await scanned();
    await clock.advance(120_000);
    expect(await result).toMatchObject({
      ok: false,
      isRetryable: true,
      isUncertain: true,
      reason: expect.stringContaining('did not answer within 120 s'),
    });
  });

  it('does not know what became of a mail whose end nobody acknowledged', async () => {
    const [result] = await send(`{ ${TO}, STARTTLS, html: '', text: then hang up }`);
    expect(result).toMatchObject({ ok: false, isRetryable: true, isUncertain: true });
  });
});
