import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { egressErrors } from '../../egress/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import type { SendResult } from '../outbox/send-result.ts';
import { entryOf, START, testMessage } from '../testing/message.ts';
import type { HttpDoor } from './http.ts';
import { webhook } from './webhook.ts';

type Request = Parameters<HttpDoor['send']>[0];

const MESSAGE = {
  receiver: 'team',
  groupLabels: { alertname: 'Down' },
  alerts: ['1', '2'].map((i) => ({ labels: { alertname: 'Down', i } })),
};

/** One attempt at a door that gives one answer. */
async function send(
  settings: string,
  answer: { status: number; headers?: Record<string, string>; body?: string } | Error = { status: 200 },
  message: { readonly mayBeDuplicate?: boolean } = {},
  leftMs = 0,
): Promise<{ readonly request: Request | undefined; readonly result: SendResult }> {
  let request: Request | undefined;
  const result = await webhook(entryOf('webhook', settings), testMessage({ ...MESSAGE, ...message }), {
    clock: new ManualClock(START),
    leftMs,
    http: {
      send: (asked) => {
        request = asked;
        if (answer instanceof Error) return Promise.reject(answer);
        const { status, headers = {}, body = '' } = answer;
        return Promise.resolve({ status, headers, body: Buffer.from(body) });
      },
      connect: () => Promise.reject(new Error('no network')),
      readText: (path) =>
        path === '/secret' ? Promise.resolve(' s3cret\n') : Promise.reject(new Error('ENOENT')),
    },
  });
  return { request, result };
}

const URL_ONLY = "{ url: 'http://h/x' }";

it('tells no password that a server repeats as it was sent', async () => {
  const sent = btoa('u:geheim');
  const { result } = await send(
    "{ url: 'http://h/x', http_config: { basic_auth: { username: u, password: geheim } } }",
    { status: 401, body: `who is Basic ${sent}?` },
  );
  expect(result).toMatchObject({ ok: false, reason: 'it answered 401: who is Basic <secret>?' });
  const inUrl = await send("{ url: 'http://u:g%21heim@h/x' }", {
    status: 401,
    body: `not ${btoa('u:g!heim')}, nor g!heim`,
  });
  expect(inUrl.result).toMatchObject({ reason: 'it answered 401: not <secret>, nor <secret>' });
});

describe('what is posted', () => {
  it("is Alertmanager's body, with the delivery's id", async () => {
    const { request, result } = await send(URL_ONLY);
    expect(result).toEqual({ ok: true });
    expect(request).toMatchObject({
      url: 'http://h/x',
      headers: { 'content-type': 'application/json', 'x-pharos-delivery': 'd-1' },
      timeoutMs: 10_000,
      redirects: 10,
    });
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      version: '4',
      groupKey: '{}:{alertname="Down"}',
      status: 'firing',
      alerts: [{ labels: { i: '1' } }, { labels: { i: '2' } }],
    });
    expect(Object.keys(request?.headers ?? {})).not.toContain('x-pharos-possible-duplicate');
  });

  it('says that it may have come before', async () => {
    const { request } = await send(URL_ONLY, { status: 200 }, { mayBeDuplicate: true });
    expect(request?.headers['x-pharos-possible-duplicate']).toBe('true');
  });

  it('is signed where there is a secret', async () => {
    const { request } = await send("{ url: 'http://h/x', signing_secret: geheim }");
    const seconds = START / 1000;
    const hmac = createHmac('sha256', 'geheim').update(`${seconds}.${request?.body}`).digest('hex');
    expect(request?.headers['x-pharos-signature']).toBe(`t=${seconds},v1=${hmac}`);
  });

  it.each([
    ['basic_auth: { username: u, password: p }', { authorization: `Basic ${btoa('u:p')}` }],
    ['basic_auth: { username: u, password_file: /secret }', { authorization: `Basic ${btoa('u:s3cret')}` }],
    ['authorization: { credentials: t }', { authorization: 'Bearer t' }],
    ['authorization: { type: Token, credentials_file: /secret }', { authorization: 'Token s3cret' }],
    ['bearer_token: t', { authorization: 'Bearer t' }],
    [
      'http_headers: { X-Team: { values: [a], secrets: [b], files: [/secret] } }',
      { 'x-team': ['a', 'b', 's3cret'] },
    ],
  ])('has what http_config says: %s', async (settings, headers) => {
    const { request } = await send(`{ url: 'http://h/x', http_config: { ${settings} } }`);
    expect(request?.headers).toMatchObject(headers);
  });

  it('follows no redirect where it may not, and verifies no certificate where it need not', async () => {
    const { request } = await send(
      "{ url: 'https://h/x', timeout: 2s, http_config: { follow_redirects: false, tls_config: { insecure_skip_verify: true, server_name: n } } }",
    );
    expect(request).toMatchObject({ redirects: 0, timeoutMs: 2000, tls: { verify: false, serverName: 'n' } });
  });

  it.each([
    ['2s', 300_000, 2000],
    ['30s', 300_000, 30_000],
    // The group's next flush tells what is true then; whoever comes late has the time of an attempt all the same.
    ['30s', 20_000, 20_000],
    ['30s', -1000, 10_000],
    ['0s', 300_000, 10_000],
  ])('has the time that its timeout says: %s with %s ms left', async (timeout, left, expected) => {
    const { request } = await send(`{ url: 'http://h/x', timeout: ${timeout} }`, { status: 200 }, {}, left);
    expect(request?.timeoutMs).toBe(expected);
  });

  it('goes to an address that is a template', async () => {
    const url = "{ url: 'http://h/{{ .Status }}/{{ .GroupLabels.alertname | toLower }}' }";
    expect((await send(url)).request?.url).toBe('http://h/firing/down');
  });

  it('refuses an address that fails to be one', async () => {
    await expect(send("{ url: 'http://h/{{ .Nope }}' }")).rejects.toThrow(
      'its address: template: :1:12: executing "" at <.Nope>: can\'t evaluate field Nope in type *template.Data',
    );
  });

  it('tells no secret, whatever the other side says', async () => {
    const settings = "{ url: 'http://h/tok3n', http_config: { authorization: { credentials: geheim } } }";
    const { result } = await send(settings, { status: 400, body: 'no http://h/tok3n with geheim' });
    expect(result).toEqual(refusal('it answered 400: no <secret> with <secret>', false));
  });

  it.each([
    ['the path alone', 'Cannot POST /services/tok3n?sig=geheim', 'Cannot POST <secret>'],
    ['what is asked there', 'unknown signature geheim', 'unknown signature <secret>'],
    ['where its words are cut', `${'x'.repeat(265)} /services/tok3n`, `${'x'.repeat(265)} <secret>`],
  ])('tells no part of a secret address: %s', async (_name, body, said) => {
    const { result } = await send("{ url: 'http://h/services/tok3n?sig=geheim' }", { status: 404, body });
    expect(result).toEqual(refusal(`it answered 404: ${said}`, false));
  });

  it('goes to the address in a file, which is read each time', async () => {
    expect((await send('{ url_file: /secret }')).request?.url).toBe('s3cret');
  });
});

describe('how an attempt ends', () => {
  it.each<readonly [string, Parameters<typeof send>[1], SendResult]>([
    ['204', { status: 204 }, { ok: true }],
    [
      '400, with its reason',
      { status: 400, body: 'no\n  such team' },
      refusal('it answered 400: no such team', false),
    ],
    ['503, later', { status: 503, headers: { 'retry-after': '7' } }, refusal('it answered 503', true, 7000)],
    [
      '429, at a date',
      { status: 429, headers: { 'retry-after': new Date(START + 5000).toUTCString() } },
      refusal('it answered 429', true, 5000),
    ],
    [
      '400, with more words than anybody reads',
      { status: 400, body: 'x'.repeat(16_000) },
      refusal(`it answered 400: ${'x'.repeat(283)}`, false),
    ],
    ['no connection', egressErrors.make('connect', 'nobody there'), refusal('nobody there', true)],
    [
      'no answer in time: it may have been taken',
      egressErrors.make('timeout', 'too slow'),
      { ...refusal('too slow', true), isUncertain: true },
    ],
  ])('%s', async (_name, answer, expected) => {
    expect((await send(URL_ONLY, answer)).result).toEqual(expected);
  });

  it.each([
    ['{ url_file: /nothing }', 'cannot read /nothing'],
    [
      "{ url: 'http://h/', http_config: { oauth2: { client_id: a, client_secret: b, token_url: 'http://t/' } } }",
      'Pharos does not speak OAuth 2 to receivers',
    ],
    [
      "{ url: 'http://h/', http_config: { proxy_url: 'http://proxy/' } }",
      'Pharos does not reach receivers through proxies',
    ],
  ])('for good, without a request: %s', async (settings, reason) => {
    const { request, result } = await send(settings);
    expect([request, result]).toEqual([undefined, refusal(reason, false)]);
  });
});

function refusal(
  reason: string,
  isRetryable: boolean,
  retryAfterMs: number | null = null,
): Extract<SendResult, { ok: false }> {
  return { ok: false, reason, isRetryable, isUncertain: false, retryAfterMs };
}
