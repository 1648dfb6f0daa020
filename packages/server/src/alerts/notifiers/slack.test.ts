import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../outbox/send-result.ts';
import { entryOf, type TestMessage, testMessage } from '../testing/message.ts';
import {
  openTestService,
  type ServiceAnswer,
  type ServiceRequest,
  type TestService,
  testDeps,
} from '../testing/service.ts';
import { slack } from './slack.ts';

interface Posted {
  readonly channel: string;
  readonly attachments: readonly {
    readonly title?: string;
    readonly footer: string;
    readonly color?: string;
  }[];
  readonly thread_ts?: string;
  readonly ts?: string;
}

const DOWN: TestMessage = {
  groupLabels: { alertname: 'Down' },
  alerts: [{ labels: { alertname: 'Down', job: 'api' }, annotations: { summary: 'it is down' } }],
};
const OVER: TestMessage = { ...DOWN, alerts: DOWN.alerts.map((one) => ({ ...one, isResolved: true })) };

let service: TestService;
/** Messages of the channel, by the time that names them. */
const messages = new Map<string, Posted>();
/** What is said to the next request instead of what Slack would. */
let next: ServiceAnswer | null = null;

/** Slack as its documentation has it: incoming webhooks, `chat.postMessage`, `chat.update`. */
function answer({ path, headers, body }: ServiceRequest): ServiceAnswer {
  if (next !== null) {
    const said = next;
    next = null;
    return said;
  }
  if (path.startsWith('/services/'))
    return path === '/services/T/B/X' ? { status: 200, body: 'ok' } : { status: 403, body: 'invalid_token' };
  const no = (error: string): ServiceAnswer => ({ status: 200, body: { ok: false, error } });
  if (headers.authorization === undefined) return no('not_authed');
  if (headers.authorization !== 'Bearer xoxb-token') return no('invalid_auth');
  const posted = body as Posted; // oxlint-disable-line typescript/no-unsafe-type-assertion -- ours
  if (path === '/api/chat.postMessage') {
    if (posted.channel !== '#ops' && posted.channel !== 'C1') return no('channel_not_found');
    const ts = `1700000000.00000${messages.size}`;
    messages.set(ts, posted);
    return { status: 200, body: { ok: true, channel: 'C1', ts, message: {} } };
  }
  if (posted.channel !== 'C1') return no('channel_not_found');
  if (posted.ts === undefined || !messages.has(posted.ts)) return no('message_not_found');
  messages.set(posted.ts, posted);
  return { status: 200, body: { ok: true, channel: 'C1', ts: posted.ts } };
}

beforeAll(async () => {
  service = await openTestService(answer);
});
afterAll(() => service.stop());
beforeEach(() => {
  messages.clear();
  service.taken();
  next = null;
});

async function send(settings: string, message: TestMessage = DOWN): Promise<SendResult> {
  const entry = entryOf('slack', settings.replaceAll('URL', service.url));
  return await slack(entry, testMessage(message), testDeps({ '/token': 'xoxb-token\n' }));
}

const HOOK = '{ api_url: URL/services/T/B/X, channel: "#ops" }';

describe('an incoming webhook', () => {
  it('gets what Alertmanager would send', async () => {
    expect(await send(HOOK)).toEqual({ ok: true });
    expect(service.taken().map(({ body }) => body)).toEqual([
      {
        channel: '#ops',
        username: 'Pharos',
        attachments: [
          {
            title: '[FIRING:1] Down (api)',
            title_link: 'http://pharos.example/alerts?receiver=team',
            text: '',
            fallback: '[FIRING:1] Down (api) | http://pharos.example/alerts?receiver=team',
            callback_id: '',
            footer: '',
            color: 'danger',
            mrkdwn_in: ['fallback', 'pretext', 'text'],
          },
        ],
      },
    ]);
  });

  it('gets all that the file writes', async () => {
    await send(`{
      api_url: URL/services/T/B/X, channel: '#{{ .CommonLabels.job }}', username: u, color: '{{ .Status }}', title: '{{ .Nope }}',
      title_link: 'http://t', pretext: p, text: '{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}', footer: f, fallback: b,
      callback_id: c, icon_emoji: ':x:', icon_url: 'http://i', image_url: 'http://m', thumb_url: 'http://h', link_names: true,
      short_fields: true, mrkdwn_in: [], fields: [ { title: t, value: '{{ .Status }}' }, { title: t, value: v, short: false } ],
      actions: [ { type: button, text: go, url: 'http://a', style: primary, name: n, value: v, confirm: { text: sure, ok_text: y } } ] }`);
    expect(service.taken()[0]?.body).toEqual({
      channel: '#api',
      username: 'u',
      icon_emoji: ':x:',
      icon_url: 'http://i',
      link_names: true,
      attachments: [
        {
          // What fails is what Pharos would say.
          title: '[FIRING:1] Down (api)',
          title_link: 'http://t',
          pretext: 'p',
          text: 'it is down',
          fallback: 'b',
          callback_id: 'c',
          fields: [
            { title: 't', value: 'firing', short: true },
            { title: 't', value: 'v', short: false },
          ],
          actions: [
            {
              type: 'button',
              text: 'go',
              url: 'http://a',
              style: 'primary',
              name: 'n',
              value: 'v',
              confirm: { text: 'sure', ok_text: 'y' },
            },
          ],
          image_url: 'http://m',
          thumb_url: 'http://h',
          footer: 'f',
          color: 'firing',
        },
      ],
    });
  });

  it('is told when a message may be a repeat, and of long titles the beginning', async () => {
    await send(HOOK.replace('}', `, title: '${'é'.repeat(2000)}' }`), { ...DOWN, mayBeDuplicate: true });
    expect(service.taken()[0]?.body).toMatchObject({
      attachments: [{ title: `${'é'.repeat(1023)}…`, footer: 'may be a repeat' }],
    });
  });

  it.each<readonly [string, ServiceAnswer, Partial<Extract<SendResult, { ok: false }>>]>([
    [
      'a limit',
      { status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' },
      { isRetryable: true, retryAfterMs: 30_000, reason: 'it answered 429: rate_limited' },
    ],
    ['trouble of its own', { status: 503 }, { isRetryable: true, reason: 'it answered 503' }],
    ['a channel that is gone', { status: 404, body: 'channel_not_found' }, { isRetryable: false }],
    ['a payload it cannot read', { status: 400, body: 'invalid_payload' }, { isRetryable: false }],
  ])('says %s', async (_what, said, expected) => {
    next = said;
    expect(await send(HOOK)).toMatchObject({ ok: false, isUncertain: false, ...expected });
  });

  it('keeps its address to itself', async () => {
    expect(await send('{ api_url: URL/services/T/B/WRONG }')).toMatchObject({
      reason: 'it answered 403: invalid_token',
      isRetryable: false,
    });
    const nobody = await send('{ api_url: "http://127.0.0.1:1/services/T/B/X" }');
    expect(nobody).toMatchObject({ ok: false, isRetryable: true, isUncertain: false });
    expect(JSON.stringify(nobody)).not.toContain('services');
  });
});

const API = 'app_token_file: /token, app_url: URL/api/chat.postMessage, channel: "#ops"';

describe('the API', () => {
  /** One message after another, each with what the one before left. */
  async function follow(settings: string, all: readonly TestMessage[]): Promise<readonly SendResult[]> {
    const results: SendResult[] = [];
    for (const message of all) {
      const last = results.at(-1);
      const memo = last?.ok === true ? last.memo : undefined;
      results.push(await send(settings, { ...message, memo }));
    }
    return results;
  }
  const shown = (): readonly (readonly [string | undefined, string | undefined])[] =>
    [...messages.values()].map(({ attachments, thread_ts: thread }) => [attachments[0]?.title, thread]);
  const REPEAT: TestMessage = {
    ...DOWN,
    alerts: [...DOWN.alerts, { labels: { alertname: 'Down', job: 'web' } }],
  };
  const FIRST = '1700000000.000000';

  it('is asked with the token of an app', async () => {
    expect(await send(`{ ${API} }`)).toEqual({ ok: true, memo: { channel: 'C1', ts: FIRST } });
    expect(service.taken()[0]?.headers.authorization).toBe('Bearer xoxb-token');
  });

  it('is known by its address, with a token of `http_config`', async () => {
    const settings =
      '{ api_url: URL/api/chat.postMessage, channel: "#ops", update_message: true, http_config: { authorization: { credentials: xoxb-token } } }';
    await follow(settings, [DOWN, OVER]);
    expect(shown()).toEqual([['[RESOLVED] Down (api)', undefined]]);
  });

  it('gets one message after another', async () => {
    await follow(`{ ${API} }`, [DOWN, REPEAT, OVER]);
    expect(shown()).toEqual([
      ['[FIRING:1] Down (api)', undefined],
      ['[FIRING:2] Down', undefined],
      ['[RESOLVED] Down (api)', undefined],
    ]);
  });

  it('has one message changed', async () => {
    const results = await follow(`{ ${API}, update_message: true }`, [DOWN, REPEAT, OVER]);
    expect(shown()).toEqual([['[RESOLVED] Down (api)', undefined]]);
    expect(results).toEqual(Array(3).fill({ ok: true, memo: { channel: 'C1', ts: FIRST } }));
    expect([...messages.values()][0]?.attachments[0]?.color).toBe('good');
  });

  it('has the first message answered', async () => {
    await follow(`{ ${API}, post_updates_to_thread: true }`, [DOWN, REPEAT, OVER]);
    expect(shown()).toEqual([
      ['[FIRING:1] Down (api)', undefined],
      ['[FIRING:2] Down', FIRST],
      ['[RESOLVED] Down (api)', FIRST],
    ]);
  });

  it('has both', async () => {
    await follow(`{ ${API}, update_message: true, post_updates_to_thread: true }`, [DOWN, OVER]);
    expect(shown()).toEqual([
      ['[RESOLVED] Down (api)', undefined],
      ['[RESOLVED] Down (api)', FIRST],
    ]);
  });

  it('gets a new message for one that is gone', async () => {
    const settings = `{ ${API}, update_message: true }`;
    const [first] = await follow(settings, [DOWN]);
    messages.clear();
    messages.set('other', { channel: 'C1', attachments: [] });
    const memo = first?.ok === true ? first.memo : undefined;
    expect(await send(settings, { ...REPEAT, memo })).toEqual({
      ok: true,
      memo: { channel: 'C1', ts: '1700000000.000001' },
    });
  });

  it.each<readonly [string, string, boolean]>([
    [`{ ${API.replace('#ops', '#nowhere')} }`, 'Slack refused it: channel_not_found', false],
    [
      `{ ${API.replace('app_token_file: /token', 'app_token: wrong')} }`,
      'Slack refused it: invalid_auth',
      false,
    ],
  ])('refuses %s', async (settings, reason, isRetryable) => {
    expect(await send(settings)).toMatchObject({ ok: false, reason, isRetryable });
  });

  it('says with 200 that it is busy', async () => {
    next = { status: 200, body: { ok: false, error: 'ratelimited' }, headers: { 'retry-after': '3' } };
    expect(await send(`{ ${API} }`)).toMatchObject({
      ok: false,
      isRetryable: true,
      retryAfterMs: 3000,
    });
  });
});
