import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SendResult } from '../outbox/send-result.ts';
import { entryOf, type TestMessage, testMessage } from '../testing/message.ts';
import {
  openTestService,
  type ServiceAnswer,
  type ServiceRequest,
  type TestService,
  testDeps,
} from '../testing/service.ts';
import { pagerduty } from './pagerduty.ts';

const DOWN: TestMessage = {
  groupLabels: { alertname: 'Down' },
  alerts: [{ labels: { alertname: 'Down', severity: 'critical' }, annotations: { summary: 's' } }],
};
const OVER: TestMessage = { ...DOWN, alerts: DOWN.alerts.map((one) => ({ ...one, isResolved: true })) };
const KEY = createHash('sha256').update('{}:{alertname="Down"}').digest('hex');

let service: TestService;
/** Incidents that are open, by their key. */
const open = new Set<unknown>();
let next: ServiceAnswer | null = null;

/** Events v2 as its documentation has it: what is accepted, and why not. */
function answer({ body, headers }: ServiceRequest): ServiceAnswer {
  if (next !== null) {
    const said = next;
    next = null;
    return said;
  }
  const event = body as Readonly<Record<string, unknown>>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- ours
  if (Number(headers['content-length']) > 524_288) return { status: 413 };
  if (event['routing_key'] !== 'r0uting')
    return {
      status: 400,
      body: { status: 'invalid event', message: 'Event object is invalid', errors: ['bad key'] },
    };
  if (event['event_action'] === 'trigger') open.add(event['dedup_key']);
  else open.delete(event['dedup_key']);
  return {
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: event['dedup_key'] },
  };
}

beforeAll(async () => {
  service = await openTestService(answer);
});
afterAll(() => service.stop());
beforeEach(() => {
  open.clear();
  service.taken();
});

async function send(settings: string, message: TestMessage = DOWN): Promise<SendResult> {
  const entry = entryOf('pagerduty', settings.replaceAll('URL', service.url));
  return await pagerduty(entry, testMessage(message), testDeps({ '/key': 'r0uting\n' }));
}

const V2 = 'routing_key: r0uting, url: URL/v2/enqueue';

it('opens an incident with the first alert, and closes it with the last', async () => {
  expect(await send(`{ ${V2} }`)).toEqual({ ok: true });
  expect(open).toEqual(new Set([KEY]));
  expect(await send(`{ ${V2} }`, OVER)).toEqual({ ok: true });
  expect(open).toEqual(new Set());
  const text = 'Down: severity=critical\n  summary: s\n';
  expect(service.taken()[0]?.body).toEqual({
    routing_key: 'r0uting',
    dedup_key: KEY,
    event_action: 'trigger',
    payload: {
      summary: '[FIRING:1] Down (critical)',
      source: 'Pharos',
      severity: 'error',
      custom_details: {
        firing: expect.stringContaining(text),
        resolved: '',
        num_firing: '1',
        num_resolved: '0',
      },
    },
    client: 'Pharos',
    client_url: 'http://pharos.example/alerts?receiver=team',
  });
});

it('tells all that the file writes', async () => {
  await send(`{ routing_key_file: /key, url: URL/v2/enqueue, client: c, client_url: 'http://c', description: '{{ .Status }}', source: s,
    severity: '{{ .CommonLabels.severity }}', class: cl, component: co, group: g, details: { own: '{{ .CommonAnnotations.summary }}', firing: '' },
    images: [ { src: 'http://i', alt: a, href: 'http://h' }, { src: '{{ .CommonLabels.none }}' } ],
    links: [ { href: 'http://l', text: '{{ .Receiver }}' }, { href: '' } ] }`);
  expect(service.taken()[0]?.body).toMatchObject({
    payload: {
      summary: 'firing',
      source: 's',
      severity: 'critical',
      class: 'cl',
      component: 'co',
      group: 'g',
      custom_details: { own: 's', firing: '', num_firing: '1' },
    },
    client: 'c',
    client_url: 'http://c',
    images: [{ src: 'http://i', alt: 'a', href: 'http://h' }],
    links: [{ href: 'http://l', text: 'team' }],
  });
});

it('leaves out details that are too long, and of summaries the end', async () => {
  const settings = `{ ${V2}, description: '${'d'.repeat(2000)}', details: { a: LONG, b: LONG } }`.replaceAll(
    'LONG',
    `'{{ range 300 }}{{ printf "%0999d" 1 }}{{ end }}'`,
  );
  expect(await send(settings)).toEqual({
    ok: true,
    notes: ['without details: the event was longer than 512000 bytes'],
  });
  const [request] = service.taken();
  expect(request?.body).toMatchObject({
    payload: {
      summary: `${'d'.repeat(1023)}…`,
      custom_details: { error: expect.stringContaining('512 KB') },
    },
  });
});

it('speaks Events v1 with a service key', async () => {
  next = { status: 200, body: { status: 'success' } };
  await send('{ service_key: s3rvice, url: URL/create_event.json }');
  next = { status: 200, body: { status: 'success' } };
  await send('{ service_key: s3rvice, url: URL/create_event.json }', OVER);
  const [trigger, resolve] = service.taken().map(({ body }) => body);
  expect(trigger).toMatchObject({
    service_key: 's3rvice',
    event_type: 'trigger',
    incident_key: KEY,
    description: '[FIRING:1] Down (critical)',
    client: 'Pharos',
    details: { num_firing: '1' },
  });
  expect(resolve).toMatchObject({ event_type: 'resolve', incident_key: KEY });
  expect(Object.keys(resolve ?? {})).not.toContain('client');
});

it.each<readonly [string, string, ServiceAnswer | null, Partial<Extract<SendResult, { ok: false }>>]>([
  [
    'a limit',
    V2,
    { status: 429, headers: { 'retry-after': '9' } },
    { isRetryable: true, retryAfterMs: 9000 },
  ],
  ['trouble of its own', V2, { status: 500 }, { isRetryable: true }],
  ['an event it cannot read', 'routing_key: wr0ng, url: URL/', null, { isRetryable: false }],
  ['a limit of v1', 'service_key: s3rvice, url: URL/', { status: 403 }, { isRetryable: true }],
])('says %s', async (_what, settings, said, expected) => {
  next = said;
  const result = await send(`{ ${settings} }`);
  expect(result).toMatchObject({ ok: false, ...expected });
  expect(JSON.stringify(result)).not.toMatch(/wr0ng|s3rvice|r0uting/);
});
