import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SendResult } from '../outbox/send-result.ts';
import { entryOf, type TestMessage, testMessage } from '../testing/message.ts';
import { openTestService, type ServiceAnswer, type TestService, testDeps } from '../testing/service.ts';
import { opsgenie } from './opsgenie.ts';

const DOWN: TestMessage = {
  groupLabels: { alertname: 'Down' },
  alerts: [{ labels: { alertname: 'Down', team: 'core' }, annotations: { summary: 's' } }],
};
const OVER: TestMessage = { ...DOWN, alerts: DOWN.alerts.map((one) => ({ ...one, isResolved: true })) };
const ALIAS = createHash('sha256').update('{}:{alertname="Down"}').digest('hex');

let service: TestService;
let next: ServiceAnswer | null = null;

beforeAll(async () => {
  service = await openTestService(({ headers }) => {
    const said = next;
    next = null;
    if (said !== null) return said;
    return headers.authorization === 'GenieKey k3y'
      ? { status: 202, body: { result: 'Request will be processed', took: 0.1, requestId: 'r' } }
      : { status: 401, body: { message: `Key format is not valid: ${headers.authorization}` } };
  });
});
afterAll(() => service.stop());
beforeEach(() => {
  service.taken();
});

async function send(settings: string, message: TestMessage = DOWN): Promise<SendResult> {
  const entry = entryOf('opsgenie', `{ api_url: ${service.url}, ${settings} }`);
  return await opsgenie(entry, testMessage(message), testDeps({ '/key': 'k3y\n' }));
}

it('opens an alert with the first of the group, and closes it with the last', async () => {
  expect([await send('api_key: k3y'), await send('api_key_file: /key', OVER)]).toEqual([
    { ok: true },
    { ok: true },
  ]);
  const [create, close] = service.taken();
  expect([create?.method, create?.path, create?.body]).toEqual([
    'POST',
    '/v2/alerts',
    {
      alias: ALIAS,
      message: '[FIRING:1] Down (core)',
      description: expect.stringContaining('Down: team=core'),
      details: { alertname: 'Down', team: 'core' },
      source: 'http://pharos.example/alerts?receiver=team',
    },
  ]);
  expect([close?.method, close?.path, close?.body]).toEqual([
    'POST',
    `/v2/alerts/${ALIAS}/close?identifierType=alias`,
    { source: 'http://pharos.example/alerts?receiver=team' },
  ]);
});

it('tells all that the file writes', async () => {
  await send(`api_key: k3y, message: '${'é'.repeat(200)}', description: d, source: s, note: n, priority: P1, entity: e,
    tags: 'a, {{ .CommonLabels.team }},', actions: 'x,y', details: { team: own, more: '{{ .Status }}' },
    responders: [ { name: 'one, two', type: teams }, { username: u@example.org, type: user }, { id: '{{ .CommonLabels.none }}', type: team } ]`);
  expect(service.taken()[0]?.body).toEqual({
    alias: ALIAS,
    message: `${'é'.repeat(129)}…`,
    description: 'd',
    details: { alertname: 'Down', team: 'own', more: 'firing' },
    source: 's',
    responders: [
      { name: 'one', type: 'team' },
      { name: 'two', type: 'team' },
      { username: 'u@example.org', type: 'user' },
    ],
    tags: ['a', 'core'],
    note: 'n',
    priority: 'P1',
    entity: 'e',
    actions: ['x', 'y'],
  });
});

it('lets texts follow', async () => {
  await send('api_key: k3y, message: m, description: d, update_alerts: true');
  expect(
    service
      .taken()
      .map(({ method, path, body }) => [method, path, body])
      .slice(1),
  ).toEqual([
    ['PUT', `/v2/alerts/${ALIAS}/message?identifierType=alias`, { message: 'm' }],
    ['PUT', `/v2/alerts/${ALIAS}/description?identifierType=alias`, { description: 'd' }],
  ]);
});

it.each<readonly [string, string, ServiceAnswer | null, Partial<Extract<SendResult, { ok: false }>>]>([
  [
    'a limit',
    'api_key: k3y',
    { status: 429, headers: { 'x-ratelimit-state': 'THROTTLED' } },
    { isRetryable: true },
  ],
  ['trouble of its own', 'api_key: k3y', { status: 503 }, { isRetryable: true }],
  ['a body it cannot read', 'api_key: k3y', { status: 422, body: 'no' }, { isRetryable: false }],
  [
    'a wrong key, which it repeats',
    'api_key: wr0ng',
    null,
    {
      isRetryable: false,
      reason: 'it answered 401: {"message":"Key format is not valid: GenieKey <secret>"}',
    },
  ],
])('says %s', async (_what, settings, said, expected) => {
  next = said;
  expect(await send(settings)).toMatchObject({ ok: false, ...expected });
});
