import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { journalErrors } from '../../journal/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { RemoteWriteService } from '../ingest/remote-write/service.ts';
import {
  compressed,
  type TestHistogram,
  type TestSeries,
  writeRequestV1,
  writeRequestV2,
} from '../ingest/remote-write/testing/requests.ts';
import { MemorySink } from '../testing/memory_sink.ts';
import { remoteWriteApi } from './remote-write.ts';

const V1 = 'application/x-protobuf';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';
const T = 1_763_700_000_000;

let app: HttpApp | undefined;
afterEach(() => app?.close());

interface Answer {
  readonly status: number;
  readonly body: string;
  /** samples, histograms, exemplars as the Written headers say; absent headers are null. */
  readonly written: readonly (number | null)[];
  readonly headers: Record<string, unknown>;
}

async function setup(limits: Partial<ConstructorParameters<typeof RemoteWriteService>[0]['limits']> = {}) {
  const sink = new MemorySink();
  const telemetry = createTelemetry();
  const clock = new ManualClock(T);
  let breathing: (() => Promise<void>) | null = null;
  const service = new RemoteWriteService({
    clock,
    random: () => 0.5,
    sink,
    metadata: sink,
    telemetry,
    log: silentLog,
    breathe: () => breathing?.() ?? Promise.resolve(),
    limits: { maxBody: 1_000_000, maxInFlight: 4_000_000, knownBytes: 10_000_000, ...limits },
  });
  service.start();
  app = await openTestApp([remoteWriteApi(service)]);
  const http = app;
  const post = async (payload: Buffer, headers: Record<string, string>): Promise<Answer> => {
    const answer = await http.inject({
      method: 'POST',
      url: '/api/v1/write',
      payload,
      // An empty header stands for none.
      headers: Object.fromEntries(
        Object.entries({ host: 'localhost', 'content-encoding': 'snappy', ...headers }).filter(
          ([, value]) => value !== '',
        ),
      ),
    });
    const written = ['samples', 'histograms', 'exemplars'].map((kind) => {
      const header = answer.headers[`x-prometheus-remote-write-${kind}-written`];
      return header === undefined ? null : Number(header);
    });
    return { status: answer.statusCode, body: answer.body, written, headers: answer.headers };
  };
  return {
    sink,
    telemetry,
    clock,
    http,
    service,
    post,
    v1: (series: readonly TestSeries[], headers: Record<string, string> = {}) =>
      post(compressed(writeRequestV1(series)), { 'content-type': V1, ...headers }),
    v2: (series: readonly TestSeries[], headers: Record<string, string> = {}) =>
      post(compressed(writeRequestV2(series)), { 'content-type': V2, ...headers }),
    onBreathe: (act: () => Promise<void>) => {
      breathing = act;
    },
  };
}

const up = (value: number | 'stale' = 1, more: Record<string, string> = {}, timestamp = T): TestSeries => ({
  labels: { __name__: 'up', ...more },
  samples: [{ value, timestamp }],
});
const NONE = [null, null, null];

describe('what is taken', () => {
  const bodies: Record<'v1' | 'v2', readonly [string, string][]> = {
    v1: [
      ['the 1.0 type', V1],
      ['the 1.0 type by name', 'application/x-protobuf;proto=prometheus.WriteRequest'],
      ['a quoted message name and blanks', 'application/x-protobuf; proto="prometheus.WriteRequest"'],
      ['no type', ''],
    ],
    v2: [
      ['the 2.0 type', V2],
      ['capital letters', 'Application/X-Protobuf; proto=io.prometheus.write.v2.Request'],
    ],
  };
  for (const version of ['v1', 'v2'] as const)
    it.each(bodies[version])(`${version}: %s`, async (_name, type) => {
      const server = await setup();
      const answer = await server[version]([up()], { 'content-type': type });
      expect(answer).toMatchObject({ status: 204, body: '' });
      // A 1.0 answer has no Written headers, a 2.0 answer always has (RW-3).
      expect(answer.written).toEqual(version === 'v1' ? NONE : [1, 0, 0]);
      expect(server.sink.lines()).toEqual([`up 1@${T}`]);
    });

  it('no encoding named, as old senders do', async () => {
    const { v1 } = await setup();
    expect((await v1([up()], { 'content-encoding': '' })).status).toBe(204);
  });

  it.each([
    ['application/json', 'snappy'],
    ['image/png', 'snappy'],
    ['application/x-protobuf;proto=io.prometheus.write.v3.Request', 'snappy'],
    ['application/x-protobuf;proto', 'snappy'],
    [V2, 'gzip'],
    [V2, 'deflate'],
    [V1, 'zstd'],
  ])('not %s in %s: 415 (RW-2)', async (type, encoding) => {
    const { post, sink } = await setup();
    const body = encoding === 'gzip' ? gzipSync('x') : compressed(writeRequestV2([up()]));
    const answer = await post(body, { 'content-type': type, 'content-encoding': encoding });
    expect(answer.status).toBe(415);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body).toMatch(/^[^\n]+\n$/);
    expect(sink.lines()).toEqual([]);
  });

  it.each(['GET', 'PUT', 'DELETE'] as const)(
    'not %s: 405, so that a probe gets no number (RW-2, RW-8)',
    async (method) => {
      const { http } = await setup();
      const answer = await http.inject({
        method,
        url: '/api/v1/write?get_vm_proto_version=1',
        headers: { host: 'localhost' },
      });
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST']);
    },
  );

  it.each([
    ['no snappy', Buffer.from('0 is no block'), 400],
    ['an empty body', Buffer.alloc(0), 400],
    ['no protobuf', compressed(Buffer.from('no protobuf at all')), 400],
    ['a bomb', Buffer.from('808080800800', 'hex'), 413],
  ])('not %s', async (_name, body, status) => {
    const { post } = await setup();
    for (const type of [V1, V2]) expect((await post(body, { 'content-type': type })).status).toBe(status);
  });

  it('nothing of a body that breaks off', async () => {
    const { post, sink } = await setup();
    const half = writeRequestV1([up(), up(2, { a: 'b' })]).subarray(0, -3);
    expect((await post(compressed(half), { 'content-type': V1 })).status).toBe(400);
    expect(sink.lines()).toEqual([]);
  });

  it('an empty request and one of metadata alone (RW-5)', async () => {
    const { post, v2, sink } = await setup();
    expect((await post(compressed(writeRequestV1([])), { 'content-type': V1 })).status).toBe(204);
    const metadata = writeRequestV1([], [{ family: 'm', type: 1, help: 'M.', unit: 'bytes' }]);
    expect((await post(compressed(metadata), { 'content-type': V1 })).status).toBe(204);
    expect(sink.metadata.get('default/m')).toEqual({ type: 'counter', help: 'M.', unit: 'bytes' });
    expect((await v2([])).written).toEqual([0, 0, 0]);
  });

  it('for the tenant of the credentials', async () => {
    const { v1, sink } = await setup();
    await v1([up()], BLUE);
    expect(sink.samples.map(({ tenant }) => tenant)).toEqual(['blue']);
  });
});

describe('samples', () => {
  it.each([
    1,
    0,
    -0,
    1.5e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    'stale',
  ] as const)('keep the value %s in both versions (RW-6)', async (value) => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      expect((await server[version]([up(value)])).status).toBe(204);
      const [sample] = server.sink.samples;
      expect(sample?.stale).toBe(value === 'stale');
      if (value !== 'stale') expect(Object.is(sample?.value, value)).toBe(true);
    }
  });

  it.each([
    ['blanks', { __name__: 'resource cpu usage', 'job name': 'a b' }],
    ['dots', { __name__: 'resource.cpu.usage', 'job.name': 'x' }],
    ['line breaks', { __name__: 'up', job: 'a\nb\n' }],
    ['other scripts', { __name__: 'up', region: '🌍', город: 'Москва' }],
    ['a text of 300 bytes', { __name__: 'up', x: 'y'.repeat(300) }],
  ])('keep labels with %s', async (_name, labels) => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      expect((await server[version]([{ labels, samples: [{ value: 1, timestamp: T }] }])).status).toBe(204);
      expect(Object.fromEntries(server.sink.samples[0]?.labels.toMap() ?? [])).toEqual(labels);
    }
  });

  it('are sorted by label, and an empty value is no label', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      const labels = [
        ['z', '1'],
        ['__name__', 'up'],
        ['empty', ''],
        ['a', '2'],
      ] as const;
      await server[version]([{ labels, samples: [{ value: 1, timestamp: T }] }]);
      expect(server.sink.lines()).toEqual([`up{a="2", z="1"} 1@${T}`]);
    }
  });

  it('carry their start, 2.0 per sample and per series', async () => {
    const { v2, sink } = await setup();
    await v2([{ labels: { __name__: 'c' }, samples: [{ value: 1, timestamp: T, start: T - 5 }] }]);
    expect(sink.samples[0]?.start).toBe(T - 5);
  });

  it('are found again by the bytes of their labels, also after the store forgot the series', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      const series = (t: number): TestSeries[] => [
        up(1, { i: 'a' }, t),
        up(2, { i: 'b' }, t),
        up(3, { i: 'c' }, t),
      ];
      await server[version](series(T));
      await server[version](series(T + 1));
      await server[version](series(T + 2).toReversed());
      expect(server.sink.resolved).toBe(3);
      server.sink.evictAll();
      expect((await server[version](series(T + 3))).status).toBe(204);
      await server[version](series(T + 4));
      expect(server.sink.resolved).toBe(6);
      expect(
        server.sink
          .lines()
          .map((line) => line.replace(/@.*/, ''))
          .toSorted(),
      ).toEqual(
        ['a', 'b', 'c'].flatMap((i, at) => Array.from({ length: 5 }, () => `up{i="${i}"} ${at + 1}`)),
      );
    }
  });

  it('are found as well without room to remember them', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup({ knownBytes: 0 });
      await server[version]([up(1, { i: 'a' }), up(2, { i: 'b' })]);
      await server[version]([up(3, { i: 'b' }, T + 1)]);
      expect(server.sink.lines()).toEqual([`up{i="a"} 1@${T}`, `up{i="b"} 2@${T}`, `up{i="b"} 3@${T + 1}`]);
      expect(await server.telemetry.expose()).toMatch(/pharos_remote_write_unknown_for_lack_of_room [1-9]/);
    }
  });

  it('are remembered while they are seen, and forgotten after', async () => {
    const { v1, v2, clock, telemetry } = await setup();
    const known = async (): Promise<string | undefined> =>
      /pharos_remote_write_known_series (\d+)/.exec(await telemetry.expose())?.[1];
    await v1([up(1), up(1, { a: 'b' })]);
    await v2([up(1, { a: 'b' }, T + 1)]);
    expect(await known()).toBe('3');
    for (let i = 0; i < 3; i++) {
      await clock.advance(600_000);
      await v1([up(1, {}, T + 10 + i)]);
    }
    expect(await known()).toBe('1');
  });
});

describe('bad label sets', () => {
  const good = up(1, { i: 'good' });
  const bad: readonly [string, TestSeries['labels'], RegExp][] = [
    ['no metric name', { job: 'x' }, /has no metric name/],
    ['an empty metric name', { __name__: '' }, /has no metric name/],
    ['no labels', {}, /has no metric name/],
    [
      'a label twice',
      [
        ['__name__', 'up'],
        ['a', '1'],
        ['a', '2'],
      ],
      /has the label "a" twice/,
    ],
    [
      'a label without a name',
      [
        ['__name__', 'up'],
        ['', 'x'],
      ],
      /a label without a name/,
    ],
    ['70 KB of labels', { __name__: 'up', x: 'y'.repeat(70_000) }, /bytes of labels, expected at most 65536/],
  ];

  it.each(bad)('%s: 1.0 passes over the series in silence', async (_name, labels) => {
    const { v1, sink, telemetry } = await setup();
    const answer = await v1([{ labels, samples: [{ value: 1, timestamp: T }] }, good]);
    expect([answer.status, answer.written]).toEqual([204, NONE]);
    expect(sink.lines()).toEqual([`up{i="good"} 1@${T}`]);
    expect(await telemetry.expose()).toContain('pharos_remote_write_invalid_series_total{version="1.0"} 1');
  });

  it.each(bad)('%s: 2.0 refuses the series and keeps the others', async (_name, labels, text) => {
    const { v2, sink } = await setup();
    const answer = await v2([{ labels, samples: [{ value: 1, timestamp: T }] }, good]);
    expect([answer.status, answer.written]).toEqual([400, [1, 0, 0]]);
    expect(answer.body).toMatch(text);
    expect(answer.body.length).toBeLessThan(1024);
    expect(sink.lines()).toEqual([`up{i="good"} 1@${T}`]);
  });

  it('not UTF-8', async () => {
    const broken = (body: Uint8Array): Buffer => {
      const bytes = Buffer.from(body);
      bytes[bytes.indexOf('broken')] = 0xff;
      return compressed(bytes);
    };
    const series = [up(1, { x: 'broken' }), good];
    const { post, sink } = await setup();
    expect((await post(broken(writeRequestV1(series)), { 'content-type': V1 })).status).toBe(204);
    const answer = await post(broken(writeRequestV2([...series, up(1, { more: '1' })])), {
      'content-type': V2,
    });
    expect([answer.status, answer.written]).toEqual([400, [2, 0, 0]]);
    expect(answer.body).toContain('is not valid UTF-8');
    expect(sink.samples.every(({ labels }) => !labels.has('x'))).toBe(true);
  });

  it('2.0: a series without samples (RW-4), and one with symbols that are not there', async () => {
    const { v2, post } = await setup();
    const exemplars = [{ labels: { trace_id: 'a' }, value: 1, timestamp: T }];
    const answer = await v2([{ labels: { __name__: 'lonely' }, exemplars }, good]);
    expect([answer.status, answer.written]).toEqual([400, [1, 0, 0]]);
    expect(answer.body).toContain('the series lonely has neither samples nor histograms');
    const dangling = Buffer.from(writeRequestV2([up()]));
    dangling[dangling.indexOf(Buffer.from([0x0a, 0x02, 0x01, 0x02])) + 3] = 9;
    const second = await post(compressed(dangling), { 'content-type': V2 });
    expect([second.status, second.written]).toEqual([400, [0, 0, 0]]);
    expect(second.body).toContain('symbols that are not there');
  });

  it('beyond the limit of series: the others are kept, 400 says so', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      server.sink.maxSeries = 1;
      const answer = await server[version]([good, up(2), up(3, { i: 'third' })]);
      expect(answer.status).toBe(400);
      expect(answer.body).toContain('the limit of series is reached: up was not stored; ');
      expect(server.sink.lines()).toEqual([`up{i="good"} 1@${T}`]);
    }
  });
});

describe('samples the store does not take (RW-4)', () => {
  it('1.0: another value at a time already taken rolls the whole request back', async () => {
    const { v1, sink } = await setup();
    await v1([up(1)]);
    const answer = await v1([up(1, { other: 'series' }), up(2)]);
    expect([answer.status, answer.written]).toEqual([400, NONE]);
    expect(answer.body).toBe(
      'sample of up at 2025-11-21T04:40:00.000Z: another value is stored for that time\n',
    );
    expect(sink.lines()).toEqual([`up 1@${T}`]);
  });

  it('2.0: the good ones stay and are counted', async () => {
    const { v2, sink } = await setup();
    await v2([up(1)]);
    const answer = await v2([up(1, { other: 'series' }), up(2), up(7, {}, T + 1)]);
    expect([answer.status, answer.written]).toEqual([400, [2, 0, 0]]);
    expect(answer.body).toContain('sample of up at');
    expect(sink.lines()).toEqual([`up 1@${T}`, `up{other="series"} 1@${T}`, `up 7@${T + 1}`]);
  });

  it('the same sample again is accepted and counted as written (RW-3)', async () => {
    const { v1, v2, sink } = await setup();
    await v1([up(1)]);
    expect((await v1([up(1)])).status).toBe(204);
    expect((await v2([up(1)])).written).toEqual([1, 0, 0]);
    expect(sink.lines()).toHaveLength(1);
  });
});

describe('overload', () => {
  it('is 503 with Retry-After when the journal is full, nothing counted as written', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      server.sink.failWith = journalErrors.make('full', 'the journal is full', { retryAfterSeconds: 5 });
      const answer = await server[version]([up()]);
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
      expect(answer.written).toEqual(version === 'v1' ? NONE : [0, 0, 0]);
    }
  });

  it('is 503 with Retry-After when too much is under way: 429 would make Prometheus drop it (RW-1)', async () => {
    const { v1, service, onBreathe } = await setup({ maxInFlight: 1000 });
    let release = (): void => {};
    onBreathe(() => new Promise((resolve) => (release = resolve)));
    // More series than one slice holds, so that the first request waits in its middle.
    const large = compressed(writeRequestV1(Array.from({ length: 400 }, (_, i) => up(1, { i: `${i}` }))));
    const first = service.write('default', '1.0', large);
    const answer = await v1([up(1)]);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    release();
    expect((await first).problem).toBe('');
    expect((await v1([up(1)])).status).toBe(204);
  });
});

describe('native histograms (RW-7)', () => {
  const integer: TestHistogram = {
    timestamp: T,
    schema: 2,
    count: 17,
    sum: 20.5,
    zeroThreshold: 0.001,
    zeroCount: 2,
    positiveSpans: [
      [-1, 2],
      [3, 1],
    ],
    positive: [3, 1, -2],
    negativeSpans: [[0, 2]],
    negative: [2, 2],
    resetHint: 2,
  };
  const histogram = (sent: TestHistogram, name = 'h'): TestSeries => ({
    labels: { __name__: name },
    histograms: [sent],
  });

  it('integer deltas run across the spans and become absolute counts', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      const answer = await server[version]([histogram(integer)]);
      expect([answer.status, answer.written]).toEqual([204, version === 'v1' ? NONE : [0, 1, 0]]);
      expect(server.sink.samples[0]?.histogram).toEqual({
        schema: 2,
        count: 17,
        sum: 20.5,
        zeroThreshold: 0.001,
        zeroCount: 2,
        positiveSpans: Int32Array.of(-1, 2, 3, 1),
        positiveBuckets: Float64Array.of(3, 4, 2),
        negativeSpans: Int32Array.of(0, 2),
        negativeBuckets: Float64Array.of(2, 4),
        customValues: new Float64Array(0),
        resetHint: 'not_reset',
      });
    }
  });

  it('floats are absolute; custom buckets bring their bounds; a start may come along', async () => {
    const { v2, sink } = await setup();
    const float: TestHistogram = {
      timestamp: T,
      float: true,
      count: 2.5,
      sum: 3,
      positiveSpans: [[0, 2]],
      positive: [0.5, 2],
      resetHint: 3,
      start: T - 9,
    };
    const custom: TestHistogram = {
      timestamp: T,
      schema: -53,
      count: 6,
      sum: 9,
      positiveSpans: [[0, 3]],
      positive: [1, 1, 1],
      customValues: [0.1, 1],
    };
    expect((await v2([histogram(float), histogram(custom, 'nhcb')])).written).toEqual([0, 2, 0]);
    expect(sink.samples[0]).toMatchObject({
      start: T - 9,
      histogram: { positiveBuckets: Float64Array.of(0.5, 2), count: 2.5, resetHint: 'gauge' },
    });
    expect(sink.samples[1]?.histogram).toMatchObject({
      schema: -53,
      positiveBuckets: Float64Array.of(1, 2, 3),
      customValues: Float64Array.of(0.1, 1),
    });
  });

  it('a finer schema than 8 is reduced to it', async () => {
    const { v1, sink } = await setup();
    const fine: TestHistogram = {
      timestamp: T,
      schema: 9,
      count: 10,
      sum: 1,
      positiveSpans: [[1, 4]],
      positive: [1, 1, 1, 1],
    };
    expect((await v1([histogram(fine)])).status).toBe(204);
    // Buckets 1..4 of schema 9 are 1, 1, 2, 2 of schema 8.
    expect(sink.samples[0]?.histogram).toMatchObject({
      schema: 8,
      positiveSpans: Int32Array.of(1, 2),
      positiveBuckets: Float64Array.of(3, 7),
    });
  });

  it('a stale one is a staleness marker', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      const answer = await server[version]([histogram({ timestamp: T, sum: 'stale' })]);
      expect([answer.status, answer.written]).toEqual([204, version === 'v1' ? NONE : [0, 1, 0]]);
      expect(server.sink.lines()).toEqual([`h stale@${T}`]);
    }
  });

  it.each<[string, Partial<TestHistogram>, string]>([
    ['a count its buckets do not have', { count: 18 }, 'the buckets hold 17 observations, the count says 18'],
    ['buckets without spans', { positiveSpans: [] }, 'positive spans hold 0 buckets, but 3 were sent'],
    ['a schema that is none', { schema: -7 }, 'schema -7, expected -4 to 8 or -53'],
    ['a bucket below nothing', { positive: [3, -5, 1] }, 'a positive bucket has count -2'],
    [
      'a span that goes back',
      {
        positiveSpans: [
          [0, 2],
          [-1, 1],
        ],
      },
      'positive span 2 has offset -1',
    ],
    ['bounds without custom buckets', { customValues: [1] }, 'custom bounds with schema 2'],
    [
      'custom buckets with a zero bucket',
      { schema: -53, negativeSpans: [], negative: [] },
      'custom buckets with a zero bucket',
    ],
  ])('%s: refused in both versions', async (_name, change, text) => {
    const wrong = { ...integer, ...change };
    const { v1, v2, sink } = await setup();
    const first = await v1([up(1), histogram(wrong)]);
    expect([first.status, first.written]).toEqual([400, NONE]);
    expect(first.body).toContain(`histogram of h: ${text}`);
    expect(sink.lines()).toEqual([]);
    const second = await v2([up(1), histogram(wrong)]);
    expect([second.status, second.written]).toEqual([400, [1, 0, 0]]);
    expect(second.body).toContain(text);
  });

  it('NaN observations count but stand in no bucket', async () => {
    const { v1 } = await setup();
    expect((await v1([histogram({ ...integer, count: 19, sum: Number.NaN })])).status).toBe(204);
    expect((await v1([histogram({ ...integer, count: 16, sum: Number.NaN, timestamp: T + 1 })])).status).toBe(
      400,
    );
  });
});

describe('exemplars', () => {
  const series = (timestamp: number, exemplars: TestSeries['exemplars'] = []): TestSeries => ({
    labels: { __name__: 'c', path: '/x' },
    samples: [{ value: 1, timestamp }],
    exemplars,
  });
  const at = (timestamp: number) => ({
    labels: { trace_id: `t${timestamp}`, user: 'ä' },
    value: 0.5,
    timestamp,
  });

  it('are stored with their series in both versions', async () => {
    for (const version of ['v1', 'v2'] as const) {
      const server = await setup();
      const answer = await server[version]([series(T, [at(T - 1), at(T)])]);
      expect([answer.status, answer.written]).toEqual([204, version === 'v1' ? NONE : [1, 0, 2]]);
      expect(
        server.sink.exemplars.map((e) => [e.series.toString(), e.labels.toString(), e.value, e.timestamp]),
      ).toEqual([
        ['c{path="/x"}', `{trace_id="t${T - 1}", user="ä"}`, 0.5, T - 1],
        ['c{path="/x"}', `{trace_id="t${T}", user="ä"}`, 0.5, T],
      ]);
    }
  });

  it('out of order: 1.0 passes over them, 2.0 refuses them and keeps the samples (RW-4)', async () => {
    const first = await setup();
    await first.v1([series(T, [at(T)])]);
    expect((await first.v1([series(T + 1, [at(T - 5)])])).status).toBe(204);
    const { v2 } = await setup();
    await v2([series(T, [at(T)])]);
    const answer = await v2([series(T + 1, [at(T - 5)])]);
    expect([answer.status, answer.written]).toEqual([400, [1, 0, 0]]);
    expect(answer.body).toContain('exemplar of c{path="/x"} at');
  });
});

describe('2.0 metadata', () => {
  it('is recorded per family, once until it changes', async () => {
    const { v2, sink } = await setup();
    const bucket = (help: string, le: string): TestSeries => ({
      labels: { __name__: 'rpc_seconds_bucket', le },
      samples: [{ value: 1, timestamp: T }],
      metadata: { type: 3, help, unit: 'seconds' },
    });
    await v2([bucket('Time.', '1'), bucket('Time.', '+Inf')]);
    expect([...sink.metadata]).toEqual([
      ['default/rpc_seconds', { type: 'histogram', help: 'Time.', unit: 'seconds' }],
    ]);
    sink.metadata.clear();
    await v2([bucket('Time.', '1')]);
    expect(sink.metadata.size).toBe(0);
    await v2([bucket('Better.', '1')]);
    expect(sink.metadata.get('default/rpc_seconds')?.help).toBe('Better.');
  });
});
