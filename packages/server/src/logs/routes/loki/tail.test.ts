import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { Labels } from '@pharos/promql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Engine, engineErrors } from '../../../engine/index.ts';
import { LOOPBACK_NAMES } from '../../../http/gate.ts';
import { Sockets } from '../../../http/sockets.ts';
import { openTestApp } from '../../../http/testing/test-app.ts';
import type { HttpApp } from '../../../http/types.ts';
import { createMemoryJournal } from '../../../journal/testing/index.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { silentLog } from '../../../kernel/log.ts';
import { createServiceNames } from '../../../kernel/names.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { logsSection } from '../../config.ts';
import { createLogsStore, type LogsStore } from '../../store/store.ts';
import { timeOfNanos } from '../../time.ts';
import { lokiQueryApi } from './api.ts';

const NOW = 1_767_225_600_000;
const ns = (ms: number): string => String(BigInt(NOW + ms) * 1_000_000n);

/** Tailing needs no engine: what is new is in memory. */
const GONE = engineErrors.make('gone', 'no engine in this test');
const engine: Engine = {
  query: () => Promise.reject(GONE),
  execute: () => Promise.reject(GONE),
  insert: () => Promise.reject(GONE),
  state: () => 'down',
  onState: () => () => {},
};

const clock = new ManualClock(NOW);
let app: HttpApp;
let store: LogsStore;
let sockets: Sockets;
let base = '';
const telemetry = createTelemetry();
/** What labels of streams are answered with, instead of them. */
let fault: Error | undefined;

beforeAll(async () => {
  store = await createLogsStore({
    engine,
    journal: createMemoryJournal(),
    clock,
    names: createServiceNames(new Map()),
    telemetry,
    log: silentLog,
    config: logsSection.schema.parse({}),
    breathe: () => Promise.resolve(),
  });
  const config = logsSection.schema.parse({ query: { max_tails: 2 } });
  const build = { version: '1', runtime: 'v20' };
  const { reader, follow } = store;
  const followed: typeof follow = {
    subscribe: follow.subscribe,
    labelsOf: (...stream) => {
      if (fault !== undefined) throw fault;
      return follow.labelsOf(...stream);
    },
  };
  const api = lokiQueryApi({
    store: { reader, follow: followed, telemetry: store.telemetry },
    clock,
    config,
    build,
    breathe: () => Promise.resolve(),
  });
  app = await openTestApp([api]);
  app.post('/echo', (request) => ({ got: request.body }));
  sockets = new Sockets({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: { authenticate: () => Promise.resolve(null) },
    log: silentLog,
    routes: api.sockets ?? [],
    secure: false,
  });
  sockets.attach(app.server);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  base = `127.0.0.1:${port}`;
});
afterAll(async () => {
  sockets.close();
  await app.close();
});

async function push(ms: number, line: string, labels: Record<string, string> = { app: 'a' }): Promise<void> {
  const appender = store.sink.appender('default');
  const ref = appender.stream(Labels.fromRecord(labels));
  if (typeof ref !== 'number') throw new Error(ref.message);
  const bytes = Buffer.from(line);
  appender.append(ref, {
    time: timeOfNanos(BigInt(ns(ms))),
    bytes,
    start: 0,
    end: bytes.length,
    metadata: ['k', 'v'],
  });
  await appender.commit();
}

const urlOf = (params: Record<string, string>): string =>
  `ws://${base}/loki/api/v1/tail?${new URLSearchParams(params).toString()}`;

function open(params: Record<string, string>, headers: Record<string, string> = {}) {
  const socket = new WebSocket(urlOf(params), { headers });
  const frames: unknown[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString('utf8'))));
  return { socket, frames };
}

/** How opening is refused. */
async function refusal(
  params: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<string> {
  const socket = new WebSocket(urlOf(params), { headers });
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; setEncoding(e: string): void } & AsyncIterable<string>,
  ];
  response.setEncoding('utf8');
  let body = '';
  for await (const part of response) body += part;
  return `${response.statusCode} ${body.trim()}`;
}

it('sends what was there and what comes, pings, and says goodbye (LQ-7)', async () => {
  await push(-1000, 'before');
  const { socket, frames } = open(
    { query: '{app="a"} != "no"' },
    { 'x-loki-response-encoding-flags': 'categorize-labels' },
  );
  const pinged = once(socket, 'ping');
  await expect.poll(() => frames.length).toBe(1);
  const stream = { app: 'a', service_name: 'a' };
  const third = { structuredMetadata: { detected_level: 'unknown', k: 'v' } };
  expect(frames[0]).toEqual({
    streams: [{ stream, values: [[ns(-1000), 'before', third]] }],
    encodingFlags: ['categorize-labels'],
  });
  await push(2, 'second');
  await push(1, 'first');
  await push(3, 'no');
  await push(4, 'other', { app: 'b' });
  await clock.advance(1000);
  await expect.poll(() => frames.length).toBe(2);
  expect(frames[1]).toMatchObject({
    streams: [
      {
        stream,
        values: [
          [ns(1), 'first', third],
          [ns(2), 'second', third],
        ],
      },
    ],
  });
  await pinged;
  // A browser cannot send the header.
  const plain = open({ query: '{app="a"} != "no"', limit: '1', encoding_flags: 'categorize-labels' });
  await expect.poll(() => plain.frames.length).toBe(1);
  expect(plain.frames[0]).toMatchObject({ streams: [{ stream, values: [[ns(2), 'second', third]] }] });
  const closed = Promise.all([socket, plain.socket].map((one) => once(one, 'close')));
  sockets.close();
  await closed;
});

it('closes with the reason where its query fails over a line, and others go on', async () => {
  const { socket } = open({ query: '{app="a"}', start: ns(1000) });
  await once(socket, 'open');
  fault = new RangeError('NaN cannot be converted to a BigInt because it is not an integer');
  const closed = once(socket, 'close');
  await push(20, 'a line');
  const [code, reason] = (await closed) as [number, Buffer];
  fault = undefined;
  expect([code, reason.toString('utf8')]).toEqual([
    1011,
    'NaN cannot be converted to a BigInt because it is not an integer',
  ]);
  expect(await telemetry.expose()).toContain('pharos_logs_tails_failed_total 1\n');
  const other = open({ query: '{app="a"}', start: ns(5000) });
  await once(other.socket, 'open');
  await push(21, 'another line');
  await clock.advance(1000);
  await expect.poll(() => other.frames.length).toBe(1);
  const ended = once(other.socket, 'close');
  other.socket.close();
  await ended;
});

it('refuses before it opens, as any request is refused', async () => {
  expect(await refusal({ query: '{app=' })).toMatch(/^400 parse error/);
  expect(await refusal({ query: 'rate({app="a"}[1m])' })).toMatch(/^400 /);
  expect(await refusal({})).toBe('400 query: is missing, expected a LogQL expression');
  expect(await refusal({ query: '{app="a"}', delay_for: '9' })).toBe(
    '400 delay_for: "9", expected 0 to 5 seconds',
  );
  expect(await refusal({ query: '{app="a"}' }, { origin: 'http://evil.example' })).toMatch(/^403 /);
  const both = [open({ query: '{app="a"}' }), open({ query: '{app="a"}' })];
  await Promise.all(both.map(({ socket }) => once(socket, 'open')));
  expect(await refusal({ query: '{app="a"}' })).toBe('429 2 queries are tailed, at most 2 may be');
  const closed = both.map(({ socket }) => once(socket, 'close'));
  for (const { socket } of both) socket.close();
  await Promise.all(closed);
  const { statusCode } = await app.inject({ url: '/loki/api/v1/tail', headers: { host: 'localhost' } });
  expect(statusCode).toBe(400);
});

it('ignores offers of other protocols, bodies and all', async () => {
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST /echo HTTP/1.1\r\nHost: ${base}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":`,
  );
  socket.write('1}');
  let text = '';
  socket.on('data', (data) => (text += data.toString('utf8')));
  await expect.poll(() => text).toContain('{"got":{"a":1}}');
  expect(text).toMatch(/^HTTP\/1.1 200/);
  socket.destroy();
});

it('forgets a handshake that opens nothing', async () => {
  const { port } = app.server.address() as AddressInfo;
  for (let i = 0; i < 3; i++) {
    const socket = connect(port, '127.0.0.1');
    // Without a Sec-WebSocket-Key (RFC 6455, 4.2.1).
    socket.write(
      `GET /loki/api/v1/tail?query=%7Ba%3D%22b%22%7D HTTP/1.1\r\nHost: ${base}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('utf8')).toMatch(/^HTTP\/1.1 400 /);
    socket.destroy();
  }
  const { socket } = open({ query: '{app="a"}' });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  socket.close();
  await closed;
});

it('reads all of a query, question marks and all', async () => {
  const socket = new WebSocket(`ws://${base}/loki/api/v1/tail?query=%7Bapp%3D~%22a?b%22%7D&delay_for=9`);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number } & AsyncIterable<Buffer>,
  ];
  let body = '';
  for await (const part of response) body += part.toString('utf8');
  expect(body).toContain('delay_for');
});
