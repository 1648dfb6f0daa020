import { gzipSync } from 'node:zlib';
import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../engine/index.ts';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { PharosError } from '../../kernel/errors.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../kernel/wire/snappy.ts';
import { logsSection } from '../config.ts';
import { linesApi } from '../routes/lines.ts';
import { logsApi } from '../routes/logs.ts';
import { lokiPushApi } from '../routes/loki-push.ts';
import { createLogsStore } from '../store/store.ts';
import { LogDoors } from './service.ts';

const NOW = 1_700_000_000_000;
const NS = `${NOW}000000`;
const names = createServiceNames(new Map());

/** The engine is away: what is answered comes from memory. */
const away: Engine = {
  query: () => Promise.reject(new Error('not asked')),
  execute: () => Promise.reject(new Error('not asked')),
  insert: () => Promise.reject(new Error('not asked')),
  state: () => 'down',
  onState: () => () => {},
};

async function setup(config: object = {}) {
  const clock = new ManualClock(NOW);
  const telemetry = createTelemetry();
  const journal = createMemoryJournal();
  const breathe = (): Promise<void> => Promise.resolve();
  const store = await createLogsStore({
    engine: away,
    journal,
    clock,
    names,
    telemetry,
    log: silentLog,
    config: logsSection.schema.parse(config),
    breathe,
  });
  const doors = new LogDoors({ sink: store.sink, clock, telemetry: store.telemetry, breathe });
  const app = await openTestApp([
    lokiPushApi(doors),
    linesApi(doors),
    logsApi({ store, clock, names, maxEntries: 5000 }),
  ]);
  return { app, doors, store, journal, telemetry };
}

interface Answer {
  readonly total: number;
  readonly next: string | null;
  readonly services: string[];
  readonly warnings: string[];
  readonly logs: {
    readonly timestamp: string;
    readonly message: string;
    readonly level: string;
    readonly service: string;
    readonly trace_id: string;
    readonly request_id: string;
    readonly labels: Record<string, string>;
    readonly metadata: Record<string, string>;
  }[];
}

async function search(app: HttpApp, parameters: Record<string, string> = {}, headers = {}): Promise<Answer> {
  const url = `/api/logs?${new URLSearchParams({ window: '7d', ...parameters }).toString()}`;
  const answer = await app.inject({ url, headers: { host: 'localhost', ...headers } });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

function post(app: HttpApp, url: string, payload: string | Uint8Array, headers: Record<string, string>) {
  return app.inject({
    method: 'POST',
    url,
    payload: Buffer.from(payload),
    headers: { host: 'localhost', ...headers },
  });
}

const json = (app: HttpApp, body: unknown, headers = {}) =>
  post(app, '/loki/api/v1/push', JSON.stringify(body), { 'content-type': 'application/json', ...headers });

const LINE = 'level=warn msg="ünï \\"quoted\\"" requestId=r-9';

function protobufPush(
  labels: string,
  entries: readonly [seconds: number, nanos: number, line: string, metadata?: [string, string]][],
) {
  const writer = new ProtobufWriter().message(1, (stream) => {
    for (const [seconds, nanos, line, metadata] of entries)
      stream.message(2, (entry) => {
        entry.message(1, (time) => void time.varint(1, seconds).varint(2, nanos)).text(2, line);
        if (metadata !== undefined)
          entry.message(3, (pair) => void pair.text(1, metadata[0]).text(2, metadata[1]));
      });
    stream.text(1, labels);
  });
  return snappyEncode(writer.bytes);
}

describe('what makes a line', () => {
  const line = (request: string) =>
    JSON.stringify({
      timestamp: new Date(NOW).toISOString(),
      service: 'cart',
      message: 'request completed',
      request_id: request,
    });

  it('keeps what two requests say in one millisecond, and what one repeats once', async () => {
    const { app } = await setup();
    const body = [line('r1'), line('r2'), line('r3')].join('\n');
    expect((await post(app, '/api/logs', body, {})).json()).toMatchObject({ stored: 3, duplicates: 0 });
    expect((await post(app, '/api/logs', body, {})).json()).toMatchObject({ stored: 0, duplicates: 3 });
    const { logs } = await search(app);
    expect(logs.map(({ request_id }) => request_id).sort()).toEqual(['r1', 'r2', 'r3']);
  });
});

describe('Loki push', () => {
  it('LP-1: takes JSON, the labels before or after the values, with structured metadata', async () => {
    const { app } = await setup();
    const values = [
      [NS, LINE],
      [`${NOW}000001`, 'plain', { trace_id: '0AF7651916CD43DD8448EB211C80319C', __proto__x: 'y' }],
    ];
    const body = `{"streams":[{"values":${JSON.stringify(values)},"stream":{"job":"cart-service","env":"a"}}]}`;
    const answer = await post(app, '/loki/api/v1/push', gzipSync(body), {
      'content-type': 'application/json; charset=utf-8',
      'content-encoding': 'gzip',
    });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    const { logs, services, warnings } = await search(app);
    expect(services).toEqual(['cart']);
    expect(warnings).toEqual([
      'storage: only lines of the last moments are in this answer: the engine is not available',
    ]);
    expect(logs).toMatchObject([
      {
        timestamp: '2023-11-14T22:13:20.000000001Z',
        message: 'plain',
        level: 'unknown',
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        metadata: { __proto__x: 'y' },
      },
      {
        message: LINE,
        level: 'warn',
        request_id: 'r-9',
        // LP-4: the service's name is added.
        labels: { env: 'a', job: 'cart-service', service_name: 'cart-service' },
      },
    ]);
  });

  it('LP-1: keeps every list of a stream, before its labels and after them', async () => {
    const { app } = await setup();
    const list = (key: string, text: string) =>
      key === 'values'
        ? `"values":[["${NS}","${text}"]]`
        : `"entries":[{"ts":"${new Date(NOW).toISOString()}","line":"${text}"}]`;
    const body = `{"streams":[{${list('values', 'a')},"x":[{"values":1}],${list('entries', 'b')},${list('values', 'c')},"stream":{"app":"cart"},${list('values', 'd')}}]}`;
    const answer = await post(app, '/loki/api/v1/push', body, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(204);
    const { logs } = await search(app);
    expect(logs.map(({ message }) => message).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('LP-2: takes snappy protobuf, whose labels are a selector', async () => {
    const { app } = await setup();
    const body = protobufPush('{app="auth", env=`x`}', [
      [NOW / 1000 - 1, 5_000_001, LINE, ['k', 'v']],
      [NOW / 1000 - 2, 0, '{"level":30}'],
    ]);
    const answer = await post(app, '/loki/api/v1/push', body, { 'content-type': 'application/x-protobuf' });
    expect(answer.statusCode).toBe(204);
    const { logs } = await search(app);
    expect(logs.map(({ message, level, timestamp }) => [message, level, timestamp])).toEqual([
      [LINE, 'warn', '2023-11-14T22:13:19.005000001Z'],
      ['{"level":30}', 'info', '2023-11-14T22:13:18.000000000Z'],
    ]);
    expect(logs[0]).toMatchObject({ service: 'auth', metadata: { k: 'v' }, labels: { env: 'x' } });
  });

  it('takes the JSON of senders of before Loki 1.0', async () => {
    const { app } = await setup();
    const push = (ts: string) =>
      post(
        app,
        '/api/prom/push',
        JSON.stringify({ streams: [{ entries: [{ ts, line: LINE }], labels: '{app="old"}' }] }),
        {
          'content-type': 'application/json',
        },
      );
    expect((await push('2023-11-14T22:13:19.000000007Z')).statusCode).toBe(204);
    const { logs } = await search(app);
    expect(logs).toMatchObject([
      { timestamp: '2023-11-14T22:13:19.000000007Z', message: LINE, service: 'old' },
    ]);
    const bad = await push('now');
    expect([bad.statusCode, bad.body]).toEqual([400, expect.stringContaining('RFC 3339')]);
  });

  it('LP-3: keeps the valid entries of a push, and says what was wrong with the others', async () => {
    const { app, telemetry } = await setup({ max_line: 20 });
    const old = `${NOW - 8 * 86_400_000}000000`;
    const answer = await json(app, {
      streams: [
        {
          stream: { app: 'a' },
          values: [
            [NS, 'good'],
            [old, 'old'],
            [NS, 'x'.repeat(21)],
          ],
        },
        {
          stream: {},
          values: [
            [NS, 'nobody'],
            [NS, 'nobody either'],
          ],
        },
      ],
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body).toBe(
      'stored 1 lines, refused 4: 1 × timestamp 2023-11-06T22:13:20.000Z is older than 2023-11-07T22:13:20.000Z; 1 × the line has 21 bytes, expected at most 20; 2 × the stream has no labels, expected at least one\n',
    );
    expect((await search(app)).logs.map(({ message }) => message)).toEqual(['good']);
    expect(await telemetry.expose()).toContain('pharos_logs_refused_total{reason="line_too_long"} 1');
  });

  it('says of streams beyond the limit what senders send again', async () => {
    const { app } = await setup({ stream_limit: 1 });
    const streams = ['a', 'b'].map((name) => ({ stream: { app: name }, values: [[NS, `of ${name}`]] }));
    for (const stored of [1, 1]) {
      const answer = await json(app, { streams });
      expect([answer.statusCode, answer.headers['retry-after'], answer.body]).toEqual([
        429,
        '10',
        `stored ${stored} lines, refused 1: 1 × tenant "default" has its limit of 1 active streams\n`,
      ]);
    }
    expect((await search(app)).logs.map(({ message }) => message)).toEqual(['of a']);
  });

  it.each<[string, string | Uint8Array, string, string]>([
    [
      'a numeric time',
      '{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}',
      'application/json',
      'a timestamp at byte 43 is no text',
    ],
    [
      'no time',
      '{"streams":[{"stream":{"a":"b"},"values":[["now","x"]]}]}',
      'application/json',
      'timestamp "now", expected nanoseconds',
    ],
    [
      'half an entry',
      '{"streams":[{"stream":{"a":"b"},"values":[["1"]]}]}',
      'application/json',
      'too short, expected [timestamp, line]',
    ],
    [
      'half a body',
      '{"streams":[{"stream":{"a":"b"},"val',
      'application/json',
      'ends in the middle of a value',
    ],
    [
      'nested labels',
      '{"streams":[{"stream":{"a":{}},"values":[]}]}',
      'application/json',
      '"a" is an object, expected a text',
    ],
    ['no type', '{}', '', 'the Content-Type is missing'],
    ['what is no snappy', 'abc', 'application/x-protobuf', 'snappy:'],
    [
      'labels that are none',
      protobufPush('{a=~"b"}', [[1, 0, 'x']]),
      'application/x-protobuf',
      'stream labels "{a=~\\"b\\"}"',
    ],
  ])('answers 400 in plain text to %s, and stores nothing', async (_, body, type, message) => {
    const { app, journal } = await setup();
    const answer = await post(app, '/loki/api/v1/push', body, type === '' ? {} : { 'content-type': type });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain(message);
    expect(journal.appended).toEqual([]);
  });

  it('keeps tenants apart, and answers 503 when too much waits', async () => {
    const { app } = await setup({ pending_memory: 100 });
    const body = { streams: [{ stream: { app: 'a' }, values: [[NS, 'x'.repeat(200)]] }] };
    expect((await json(app, body, { 'x-scope-orgid': 'blue', authorization: 'Bearer x' })).statusCode).toBe(
      204,
    );
    expect((await search(app)).total).toBe(0);
    expect((await search(app, {}, { 'x-scope-orgid': 'blue', authorization: 'Bearer x' })).total).toBe(1);
    const refused = await json(app, body);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
  });

  it('fails in known ways only, whatever comes', async () => {
    const { doors } = await setup();
    const good = Buffer.from(
      JSON.stringify({ streams: [{ stream: { a: 'b' }, values: [[NS, 'x', { k: 'v' }]] }] }),
    );
    const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(edits, fc.uint8Array({ maxLength: 60 }), async (changes, raw) => {
        const damaged = Uint8Array.from(good);
        for (const [at, value] of changes) damaged[at] = value;
        const tries = [
          doors.loki('default', 'json', damaged, false),
          doors.loki('default', 'protobuf', raw, false).catch(() => null),
          doors.loki('default', 'protobuf', snappyEncode(raw), true),
          doors.lines('default', damaged, 'x'),
          doors.lines('default', raw, 'x'),
        ];
        for (const result of await Promise.allSettled(tries))
          if (result.status === 'rejected' && !(result.reason instanceof PharosError)) throw result.reason;
      }),
      { numRuns: 300 },
    );
  });
});

describe('JSON lines', () => {
  const lines = (app: HttpApp, body: string, query = '') =>
    post(app, `/api/logs${query}`, body, { 'content-type': 'application/x-ndjson' });

  it('become lines with service, level, ids and metadata; a bad one costs only itself', async () => {
    const { app } = await setup();
    const answer = await lines(
      app,
      [
        `{"timestamp":"2023-11-14T22:13:19.5Z","level":"error","service":"order-service","message":"boom","request_id":"r1","context":{"code":7,"tags":[1,2]},"username":"ann"}`,
        '',
        '{"ts":1700000000,"msg":"from pino","level":30}',
        '{"msg":"later","time":"yesterday"}',
        '[1]',
        '{"broken',
        '{"no":"message"}',
      ].join('\r\n'),
      '?service=shop',
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      stored: 3,
      duplicates: 0,
      refused: 3,
      problem: 'line 4: timestamp "yesterday", expected RFC 3339 or epoch seconds to nanoseconds',
    });
    const { logs } = await search(app);
    expect(logs.map(({ service, level, message }) => `${service} ${level} ${message}`).toSorted()).toEqual([
      'order error boom',
      'shop info from pino',
      'shop unknown {"no":"message"}',
    ]);
    const boom = logs.find(({ message }) => message === 'boom');
    expect(boom).toMatchObject({
      request_id: 'r1',
      labels: { service_name: 'order-service' },
      metadata: { level: 'error', context_code: '7', context_tags: '[1,2]', username: 'ann' },
    });
    expect(
      (await search(app, { user: 'ann', level: 'error,fatal', service: 'order', q: 'BOOM' })).total,
    ).toBe(1);
    expect((await search(app, { request_id: 'r1' })).total).toBe(1);
  });

  it('say nothing where they say null, and cannot make one long name many', async () => {
    const { app } = await setup();
    const send = (line: string) => post(app, '/api/logs', line, {});
    await send('{"timestamp":null,"time":"2023-11-14T22:13:19Z","service":null,"message":null,"msg":"here"}');
    const { logs } = await search(app);
    expect(logs).toMatchObject([{ timestamp: '2023-11-14T22:13:19.000000000Z', message: 'here' }]);
    expect(logs[0]?.metadata).toEqual({});
    const long = await send(`{"message":"x","${'k'.repeat(2000)}":{"a":1,"b":2}}`);
    expect(long.statusCode).toBe(400);
    expect(long.body).toContain('the name of a field has 2000 characters, expected at most 1024');
  });

  it('come as an array too, and are refused when nothing of them can be taken', async () => {
    const { app } = await setup();
    const good = await lines(app, ' [{"msg":"a"},7,{"msg":"b"}]');
    expect(good.json()).toMatchObject({
      stored: 2,
      refused: 1,
      problem: 'item 2: not a JSON object',
    });
    const bad = await lines(app, 'not json');
    expect(bad.statusCode).toBe(400);
    expect(bad.json()).toMatchObject({
      error: { code: 'logs.refused', message: expect.stringContaining('line 1: not a JSON object') },
    });
    expect((await lines(app, '[{"msg":"a"}')).statusCode).toBe(400);
    expect((await lines(app, '')).json()).toMatchObject({ stored: 0, refused: 0 });
  });
});

describe('search', () => {
  it('reads on by a cursor, and names a bad parameter', async () => {
    const { app, store } = await setup();
    const appender = store.sink.appender('default');
    const stream = appender.stream(Labels.fromRecord({ app: 'a' }));
    if (typeof stream !== 'number') throw new Error('refused');
    for (let i = 0; i < 25; i++) {
      const bytes = Buffer.from(`line ${i}`);
      appender.append(stream, {
        time: { ms: NOW, nanos: i % 3 },
        bytes,
        start: 0,
        end: bytes.length,
        metadata: [],
      });
    }
    await appender.commit();
    const seen = new Set<string>();
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 10; pages++) {
      const page: Answer = await search(app, { limit: '10', ...(cursor === '' ? {} : { cursor }) });
      for (const { message } of page.logs) seen.add(message);
      cursor = page.next;
    }
    expect(seen.size).toBe(25);
    for (const [parameters, message] of [
      ['cursor=x', 'cursor \\"x\\", expected the `next` of an earlier answer'],
      ['level=loud', 'level'],
      ['limit=0', 'limit'],
      ['limit=5001', 'limit 5001, expected at most 5000'],
      ['q=%21%21', 'has no word'],
      ['start=2023-11-15T00:00:00Z&end=2023-11-14T00:00:00Z', 'expected it before'],
      ['window=1y', 'is not a window'],
    ] as const) {
      const answer = await app.inject({ url: `/api/logs?${parameters}`, headers: { host: 'localhost' } });
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toContain(message);
    }
  });
});
