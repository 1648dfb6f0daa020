import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../outbox/send-result.ts';
import { entryOf, type TestMessage, testMessage } from '../testing/message.ts';
import { openTestService, type ServiceAnswer, type TestService, testDeps } from '../testing/service.ts';
import { discord } from './discord.ts';
import { msteams } from './msteams.ts';
import { msteamsv2 } from './msteamsv2.ts';
import { telegram } from './telegram.ts';

const DOWN: TestMessage = {
  groupLabels: { alertname: 'Down' },
  alerts: [{ labels: { alertname: 'Down', job: 'a<b' }, annotations: { summary: 's' } }],
};
const OVER: TestMessage = { ...DOWN, alerts: DOWN.alerts.map((one) => ({ ...one, isResolved: true })) };

let service: TestService;
/** What is said to the next requests, one after another; then 200. */
const next: ServiceAnswer[] = [];

beforeAll(async () => {
  service = await openTestService(() => next.shift() ?? { status: 200, body: { ok: true } });
});
afterAll(() => service.stop());
beforeEach(() => {
  next.length = 0;
  service.taken();
});

const KINDS = {
  discord: (settings: string, message: TestMessage) =>
    discord(entryOf('discord', settings), testMessage(message), testDeps()),
  msteams: (settings: string, message: TestMessage) =>
    msteams(entryOf('msteams', settings), testMessage(message), testDeps()),
  msteamsv2: (settings: string, message: TestMessage) =>
    msteamsv2(entryOf('msteamsv2', settings), testMessage(message), testDeps()),
  telegram: (settings: string, message: TestMessage) =>
    telegram(entryOf('telegram', settings), testMessage(message), testDeps({ '/chat': '-42\n' })),
} as const;

const send = (kind: keyof typeof KINDS, settings: string, message: TestMessage = DOWN): Promise<SendResult> =>
  KINDS[kind](`{ ${settings.replaceAll('URL', service.url)} }`, message);
const told = (): readonly unknown[] => service.taken().map(({ body }) => body);

const ENTRIES = {
  discord: 'webhook_url: URL/s3cret',
  msteams: 'webhook_url: URL/s3cret',
  msteamsv2: 'webhook_url: URL/s3cret',
  telegram: 'api_url: URL, bot_token: s3cret, chat_id: -42',
} as const;

describe.each(['discord', 'msteams', 'msteamsv2', 'telegram'] as const)('%s', (kind) => {
  it.each<readonly [number, boolean]>([
    [400, false],
    [401, false],
    [404, false],
    [429, true],
    [500, true],
    [502, true],
  ])('is judged by %i', async (status, isRetryable) => {
    next.push({ status, body: { message: `no s3cret` }, headers: { 'retry-after': '2' } });
    const result = await send(kind, ENTRIES[kind]);
    expect(result).toMatchObject({ ok: false, isRetryable, isUncertain: false, retryAfterMs: 2000 });
    expect(JSON.stringify(result)).not.toContain('URL/s3cret');
  });

  it('may be told twice, and then says so', async () => {
    await send(kind, ENTRIES[kind], { ...DOWN, mayBeDuplicate: true });
    expect(JSON.stringify(told())).toContain('may be a repeat');
  });

  it('keeps within the limits of the service', async () => {
    const long = `'{{ range 90 }}{{ printf "%0999d" 1 }}{{ end }}'`;
    const text = kind === 'discord' || kind === 'telegram' ? 'message' : 'text';
    expect(await send(kind, `${ENTRIES[kind]}, ${text}: ${long}`)).toEqual({ ok: true });
    expect(JSON.stringify(told()).length).toBeLessThan(kind.startsWith('ms') ? 28_000 : 6000);
  });
});

describe('Discord', () => {
  it('gets an embed', async () => {
    await send('discord', ENTRIES.discord);
    await send(
      'discord',
      `${ENTRIES.discord}, content: '{{ .Status }}', title: t, message: m, username: u, avatar_url: 'http://a'`,
      OVER,
    );
    expect(told()).toEqual([
      {
        content: '',
        embeds: [
          {
            title: '[FIRING:1] Down (a<b)',
            description: expect.stringContaining('Firing:\nDown: job=a<b'),
            color: 10_038_562,
          },
        ],
      },
      {
        content: 'resolved',
        embeds: [{ title: 't', description: 'm', color: 3_066_993 }],
        username: 'u',
        avatar_url: 'http://a',
      },
    ]);
  });

  it('says in its body when a limit is over', async () => {
    next.push({
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 64.57, global: false },
    });
    expect(await send('discord', ENTRIES.discord)).toMatchObject({ isRetryable: true, retryAfterMs: 64_570 });
  });
});

describe('Teams', () => {
  it('gets a card by a connector', async () => {
    await send('msteams', ENTRIES.msteams);
    await send('msteams', `${ENTRIES.msteams}, title: t, summary: s, text: '**{{ .Status }}**'`, OVER);
    expect(told()).toEqual([
      {
        '@context': 'http://schema.org/extensions',
        '@type': 'MessageCard',
        title: '[FIRING:1] Down (a<b)',
        summary: '[FIRING:1] Down (a<b)',
        text: expect.stringContaining('# Firing\n\n**Down** job=a<b'),
        themeColor: '8C1A1A',
      },
      {
        '@context': 'http://schema.org/extensions',
        '@type': 'MessageCard',
        title: 't',
        summary: 's',
        text: '**resolved**',
        themeColor: '2DC72D',
      },
    ]);
  });

  it('says with 200 that a connector did not deliver', async () => {
    next.push({
      status: 200,
      body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x',
    });
    expect(await send('msteams', ENTRIES.msteams)).toMatchObject({ ok: false, isRetryable: true });
  });

  it('gets a card by a workflow', async () => {
    next.push({ status: 202 });
    expect(await send('msteamsv2', ENTRIES.msteamsv2)).toEqual({ ok: true });
    expect(told()).toMatchObject([
      {
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            content: {
              type: 'AdaptiveCard',
              body: [
                { type: 'TextBlock', text: '[FIRING:1] Down (a<b)', color: 'Attention', wrap: true },
                { type: 'TextBlock', text: expect.stringContaining('# Firing'), wrap: true },
              ],
            },
          },
        ],
      },
    ]);
  });
});

describe('Telegram', () => {
  it('gets a message of a bot', async () => {
    await send('telegram', ENTRIES.telegram);
    const [request] = service.taken();
    expect([request?.path, request?.body]).toEqual([
      '/bots3cret/sendMessage',
      {
        chat_id: '-42',
        text: expect.stringContaining('<b>[FIRING:1] Down (a&lt;b)</b>\n\nFiring:\nDown: job=a&lt;b'),
        disable_web_page_preview: 'true',
        parse_mode: 'HTML',
      },
    ]);
  });

  it('is told what the file writes', async () => {
    await send(
      'telegram',
      "api_url: URL, bot_token: s3cret, chat_id_file: /chat, message_thread_id: 7, message: '{{ .CommonLabels.job }}', disable_notifications: true, parse_mode: ''",
    );
    expect(told()).toEqual([
      {
        chat_id: '-42',
        text: 'a<b',
        disable_web_page_preview: 'true',
        message_thread_id: '7',
        disable_notification: 'true',
      },
    ]);
  });

  it('gets plain text when it cannot read the markup', async () => {
    next.push({
      status: 400,
      body: {
        ok: false,
        error_code: 400,
        description: "Bad Request: can't parse entities: unclosed start tag",
      },
    });
    expect(await send('telegram', `${ENTRIES.telegram}, message: '<b>{{ .CommonLabels.job }}'`)).toEqual({
      ok: true,
      notes: ['as plain text: Telegram could not read its markup'],
    });
    expect(told()[1]).toEqual({ chat_id: '-42', text: 'a<b', disable_web_page_preview: 'true' });
  });

  it('says in its body when a limit is over', async () => {
    next.push({
      status: 429,
      body: {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests: retry after 35',
        parameters: { retry_after: 35 },
      },
    });
    expect(await send('telegram', ENTRIES.telegram)).toMatchObject({
      isRetryable: true,
      retryAfterMs: 35_000,
    });
  });
});
