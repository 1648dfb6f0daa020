import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_LIST, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, flushTables, type MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { tracesSection } from '../config.ts';
import { readEvents, readLinks } from '../events.ts';
import { SpanDoors } from '../ingest/doors.ts';
import { OtlpTracesService } from '../ingest/otlp/service.ts';
import { spansTable, tracesTables } from '../tables.ts';
import { attribute, type JsonSpan, type JsonTraceRequest, traceProtobuf } from '../testing/otlp-json.ts';
import { conditionsOf } from './engine-conditions.ts';
import { isFailed, type TraceQuery } from './query.ts';
import type { SpanOutline, StoredSpan, StoredTrace } from './span.ts';
import { createTracesStore, type TracesStore } from './store.ts';

const NOW = 1_700_000_000_000;
const MS = 1_000_000n;

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(tracesTables);
});
afterAll(() => engine.close());

async function open(journal: MemoryJournal, config: object = {}) {
  const store = await createTracesStore({
    engine: engine.engine,
    journal,
    clock: new ManualClock(NOW),
    names: createServiceNames(new Map()),
    telemetry: createTelemetry(),
    log: silentLog,
    config: tracesSection.schema.parse(config),
    breathe: () => Promise.resolve(),
  });
  await store.service.start?.(new AbortController().signal);
  const doors = new SpanDoors({
    sink: store.sink,
    telemetry: store.telemetry,
    breathe: () => Promise.resolve(),
  });
  return { store, otlp: new OtlpTracesService(doors) };
}

const trace = (n: number): string => n.toString(16).padStart(32, '0');
const span = (n: number): string => n.toString(16).padStart(16, '0');
const nanos = (ms: number, more = 0n): string => String(BigInt(ms) * MS + more);

function requestOf(service: string, spans: readonly JsonSpan[]): JsonTraceRequest {
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [attribute('service.name', service), attribute('host.name', `h-${service}`)],
        },
        scopeSpans: [{ scope: { name: 'lib', version: '1.2' }, spans }],
      },
    ],
  };
}

const query = (tenant: string, extra: Partial<TraceQuery> = {}): TraceQuery => ({
  tenant,
  from: 0n,
  to: BigInt(NOW + 1000) * MS,
  limit: 100,
  ...extra,
});

function shape({ traceId, spans, sources }: StoredTrace) {
  return {
    traceId,
    spans: spans.map(({ source, events, links, traceId: _id, ...rest }) => ({
      ...rest,
      source: sources.get(source),
      events: readEvents(events),
      links: readLinks(links),
    })),
  };
}

function outlineOf(span: StoredSpan): SpanOutline {
  const { spanId, parentId, start, duration, kind, service, name } = span;
  return { spanId, parentId, start, duration, kind, service, name, failed: isFailed(span) };
}

describe('spans', () => {
  let journal: MemoryJournal;
  let tenant: string;
  let tenants = 0;
  beforeEach(() => {
    journal = createMemoryJournal();
    tenant = `t${tenants++}`;
  });

  const full: JsonSpan = {
    traceId: 'aabbccddeeff00112233445566778899',
    spanId: '0102030405060708',
    parentSpanId: 'f1f2f3f4f5f6f7f8',
    traceState: 'a=b',
    name: 'GET /x',
    kind: 2,
    startTimeUnixNano: nanos(NOW, 123_456n),
    endTimeUnixNano: nanos(NOW + 5, 123_457n),
    attributes: [
      attribute('http.route', '/x/ü'),
      attribute('http.status_code', 503),
      { key: 'big', value: { intValue: '9007199254740991' } },
      attribute('ratio', 0.25),
      attribute('cached', true),
      { key: 'raw', value: { bytesValue: 'AAH/' } },
      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '2' }] } } },
      { key: '__proto__', value: { kvlistValue: { values: [attribute('k', 'v')] } } },
    ],
    events: [
      {
        timeUnixNano: nanos(NOW, 200n),
        name: 'exception',
        attributes: [attribute('exception.type', 'E'), attribute('n', 7)],
      },
    ],
    links: [{ traceId: trace(9), spanId: span(9), attributes: [attribute('why', 'because')] }],
    status: { code: 2, message: 'boom' },
    flags: 257,
  };

  it('are read back as they were sent, from protobuf and JSON, memory, engine and after a restart', async () => {
    const seen = [];
    for (const encoding of ['protobuf', 'json'] as const) {
      const own = createMemoryJournal();
      const of = `${tenant}-${encoding}`;
      const request = requestOf('cart-service', [full]);
      const body = encoding === 'json' ? Buffer.from(JSON.stringify(request)) : traceProtobuf(request);
      const first = await open(own);
      expect(await first.otlp.export(of, encoding, body)).toEqual({ rejected: 0, message: '' });
      const read = async (store: TracesStore) => {
        const { traces, warnings } = await store.reader.traces(of, [full.traceId]);
        expect(warnings).toEqual([]);
        const one = await store.reader.span(of, full.traceId, full.spanId);
        expect(one.spans).toEqual(traces[0]?.spans);
        expect(await store.reader.outline(of, full.traceId)).toEqual({
          spans: traces[0]?.spans.map(outlineOf),
          warnings: [],
        });
        expect((await store.reader.span(of, full.traceId, span(3))).spans).toEqual([]);
        return traces.map(shape);
      };
      seen.push(await read(first.store));
      seen.push(await read((await open(own)).store));
      await flushTables(engine.engine, own, tracesTables);
      seen.push(await read((await open(own)).store));
      expect(await first.store.reader.services(of)).toEqual(['cart']);
      expect(await (await open(own)).store.reader.operations(of, 'cart')).toEqual([
        { service: 'cart', name: 'GET /x', kind: 2 },
      ]);
    }
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
    expect(seen[0]).toEqual([
      {
        traceId: full.traceId,
        spans: [
          {
            spanId: '0102030405060708',
            parentId: 'f1f2f3f4f5f6f7f8',
            start: BigInt(full.startTimeUnixNano),
            duration: 5_000_001,
            kind: 2,
            status: 2,
            service: 'cart',
            name: 'GET /x',
            statusMessage: 'boom',
            traceState: 'a=b',
            flags: 257,
            attributes: [
              { key: 'http.route', type: 's', value: '/x/ü' },
              { key: 'http.status_code', type: 'i', value: '503' },
              { key: 'big', type: 'i', value: '9007199254740991' },
              { key: 'ratio', type: 'd', value: '0.25' },
              { key: 'cached', type: 'b', value: 'true' },
              { key: 'raw', type: 'x', value: 'AAH/' },
              { key: 'list', type: 'j', value: '["a",2]' },
              { key: '__proto__', type: 'j', value: '{"k":"v"}' },
            ],
            events: [
              {
                time: BigInt(NOW) * MS + 200n,
                name: 'exception',
                attributes: [
                  { key: 'exception.type', type: 's', value: 'E' },
                  { key: 'n', type: 'i', value: '7' },
                ],
              },
            ],
            links: [
              {
                traceId: trace(9),
                spanId: span(9),
                traceState: '',
                flags: 0,
                attributes: [{ key: 'why', type: 's', value: 'because' }],
              },
            ],
            source: {
              resource: [
                { key: 'service.name', type: 's', value: 'cart-service' },
                { key: 'host.name', type: 's', value: 'h-cart-service' },
              ],
              scopeName: 'lib',
              scopeVersion: '1.2',
              scope: [],
              schemaUrl: '',
            },
          },
        ],
      },
    ]);
  });

  it('are stored once, however often they are sent: in one request, at once, later, after a flush and a restart', async () => {
    const body = traceProtobuf(requestOf('a', [full, full]));
    const { store, otlp } = await open(journal);
    await Promise.all([otlp.export(tenant, 'protobuf', body), otlp.export(tenant, 'protobuf', body)]);
    await otlp.export(tenant, 'protobuf', body);
    const count = async (of: TracesStore) =>
      (await of.reader.traces(tenant, [full.traceId])).traces[0]?.spans.length;
    expect(await count(store)).toBe(1);
    await (await open(journal)).otlp.export(tenant, 'protobuf', body);
    await flushTables(engine.engine, journal, tracesTables);
    const again = await open(journal);
    await again.otlp.export(tenant, 'protobuf', body);
    expect(journal.appended).toHaveLength(1);
    expect(await count(again.store)).toBe(1);
    // The other side of a span that Zipkin shares is another span.
    await again.otlp.export(tenant, 'protobuf', traceProtobuf(requestOf('a', [{ ...full, kind: 3 }])));
    expect(await count(again.store)).toBe(2);
  });

  it('are stored once over a restart also where they began hours or days ago', async () => {
    const body = traceProtobuf(
      requestOf(
        'late',
        Array.from({ length: 20 }, (_, i) => {
          const start = NOW - 2 * 3_600_000 - (i % 3) * 86_400_000;
          return {
            ...full,
            spanId: span(i + 1),
            startTimeUnixNano: nanos(start),
            endTimeUnixNano: nanos(start + 5),
          };
        }),
      ),
    );
    await (await open(journal)).otlp.export(tenant, 'protobuf', body);
    await flushTables(engine.engine, journal, tracesTables);
    const after = createMemoryJournal();
    await (await open(after)).otlp.export(tenant, 'protobuf', body);
    expect(after.appended).toHaveLength(0);
  });

  it('are refused one by one, counted, the rest kept; a refused journal stores nothing and the repeat is taken', async () => {
    const { store, otlp } = await open(journal, { max_attributes: 2, max_span: 2000 });
    const good = { ...full, attributes: [], events: [], links: [] };
    const outcome = await otlp.export(
      tenant,
      'json',
      Buffer.from(
        JSON.stringify(
          requestOf('a', [
            good,
            { ...good, traceId: '0'.repeat(32) },
            { ...good, spanId: '0'.repeat(16) },
            { ...good, spanId: 'xyz' },
            { ...good, startTimeUnixNano: '1' },
            { ...good, startTimeUnixNano: nanos(NOW + 86_400_000) },
            { ...full },
            { ...good, spanId: span(77), name: 'n'.repeat(3000) },
          ]),
        ),
      ),
    );
    expect(outcome.rejected).toBe(7);
    expect(outcome.message).toContain('traceId of span "GET /x" is all zeros');
    expect((await store.reader.traces(tenant, [full.traceId])).traces[0]?.spans).toHaveLength(1);
    await expect(
      otlp.export(tenant, 'protobuf', traceProtobuf(requestOf('a', [{ ...good, spanId: span(0) }]))),
    ).rejects.toMatchObject({ code: 'otlp.refused' });
    journal.failWith('full');
    const late = traceProtobuf(requestOf('a', [{ ...good, spanId: span(5) }]));
    await expect(otlp.export(tenant, 'protobuf', late)).rejects.toMatchObject({ code: 'journal.full' });
    journal.failWith(null);
    await otlp.export(tenant, 'protobuf', late);
    expect((await store.reader.traces(tenant, [full.traceId])).traces[0]?.spans).toHaveLength(2);
  });

  it('are answered as whole traces while they fit, the newest first, over memory and engine', async () => {
    const { store, otlp } = await open(journal, { max_trace_spans: 6 });
    const send = (n: number, ids: readonly number[], ms: number) =>
      otlp.export(
        tenant,
        'protobuf',
        traceProtobuf(
          requestOf(
            'a',
            ids.map((id) => ({
              traceId: trace(n),
              spanId: span(id),
              name: 'x',
              startTimeUnixNano: nanos(NOW - 1000 + ms + id),
              endTimeUnixNano: nanos(NOW - 1000 + ms + id),
            })),
          ),
        ),
      );
    const found = async () => {
      const { traces, warnings } = await store.reader.search(query(tenant));
      return [traces.map(({ traceId, spans }) => [traceId, spans.length]), warnings.length];
    };
    await send(1, [1, 2], 0);
    await send(2, [1, 2], 100);
    await send(3, [1], 200);
    await flushTables(engine.engine, journal, tracesTables);
    await send(3, [2], 200);
    expect(await found()).toEqual([
      [
        [trace(3), 2],
        [trace(2), 2],
        [trace(1), 2],
      ],
      0,
    ]);
    await send(2, [3], 100);
    expect(await found()).toEqual([
      [
        [trace(3), 2],
        [trace(2), 3],
      ],
      1,
    ]);
  });

  it('are read though they are too large for one answer of the engine', async () => {
    const { store, otlp } = await open(journal);
    const large = 'x'.repeat(900_000);
    for (let at = 0; at < 80; at += 20) {
      const spans = Array.from({ length: 20 }, (_, i) => ({
        ...full,
        spanId: span(at + i + 1),
        // Some at one time, which a page may end within.
        startTimeUnixNano: nanos(NOW, BigInt(Math.floor((at + i) / 7))),
        attributes: [attribute('large', large), attribute('n', at + i)],
      }));
      await otlp.export(tenant, 'protobuf', traceProtobuf(requestOf('a', spans)));
      await flushTables(engine.engine, journal, tracesTables);
    }
    const wanted = Array.from({ length: 80 }, (_, i) => span(i + 1));
    const { traces, warnings } = await store.reader.traces(tenant, [full.traceId]);
    expect([traces[0]?.spans.map(({ spanId }) => spanId), warnings]).toEqual([wanted, []]);
    expect(traces[0]?.spans.every(({ attributes }) => attributes[0]?.value === large)).toBe(true);
    const { spans } = await store.reader.spans(query(tenant, { limit: 5000 }));
    expect(spans.map(({ spanId }) => spanId)).toEqual(wanted.toReversed());
  });

  it('are answered as far as there is memory for them, whole traces where there are several', async () => {
    const { store, otlp } = await open(journal, { query: { memory: '100KB' } });
    const send = (n: number, count: number) =>
      otlp.export(
        tenant,
        'protobuf',
        traceProtobuf(
          requestOf(
            'a',
            Array.from({ length: count }, (_, i) => ({
              traceId: trace(n),
              spanId: span(i + 1),
              name: 'x',
              startTimeUnixNano: nanos(NOW - 1000 + n * 10 + i),
              endTimeUnixNano: nanos(NOW - 1000 + n * 10 + i),
              attributes: [attribute('large', 'x'.repeat(9000))],
            })),
          ),
        ),
      );
    for (let n = 1; n <= 5; n++) await send(n, 3);
    const found = async () => {
      const memory = store.memory.open();
      const { traces, warnings } = await store.reader.search(query(tenant), { memory });
      memory.release();
      return [traces.map(({ traceId, spans }) => [traceId, spans.length]), warnings.length];
    };
    const newest = [
      [
        [trace(5), 3],
        [trace(4), 3],
        [trace(3), 3],
      ],
      1,
    ];
    expect(await found()).toEqual(newest);
    await flushTables(engine.engine, journal, tracesTables);
    expect(await found()).toEqual(newest);
    await send(6, 12);
    expect(await found()).toEqual([[[trace(6), 10]], 2]);
    expect(store.memory.held).toBe(0);
    const other = store.memory.open();
    other.take(50_000);
    await expect(store.reader.search(query(tenant), { memory: store.memory.open() })).rejects.toMatchObject({
      code: 'traces.tooManyQueries',
      retryAfterSeconds: 1,
    });
  });

  it('are not read for what lasts long where no span of the service does', async () => {
    const { otlp } = await open(journal);
    for (const [service, ms] of [
      ['quick', 10],
      ['slow', 100],
    ] as const) {
      const endTimeUnixNano = nanos(NOW + ms, 123_456n);
      const one = { ...full, spanId: span(ms), endTimeUnixNano };
      await otlp.export(tenant, 'protobuf', traceProtobuf(requestOf(service, [one])));
    }
    await flushTables(engine.engine, journal, tracesTables);
    const blocksRead = async (service: string, ms: number) => {
      const asked = query(tenant, { services: [service], minDuration: ms * 1e6 });
      const conditions = await conditionsOf(engine.engine, asked);
      const plan = await engine.engine.query(
        sql`EXPLAIN ESTIMATE SELECT span_id FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND ${conditions(asked)}`,
        { purpose: 'test.plan', tenant, limits: 'lookup' },
      );
      return [...plan.bigints('marks')].reduce((sum, marks) => sum + marks, 0n);
    };
    expect(await blocksRead('slow', 100)).toBeGreaterThan(0n);
    expect(await blocksRead('quick', 10)).toBeGreaterThan(0n);
    expect(await blocksRead('quick', 50)).toBe(0n);
  });

  it('are found by what more resources say than a statement has room for', async () => {
    const { store, otlp } = await open(journal);
    const pods = (from: number, count: number, ms: number) =>
      otlp.export(
        tenant,
        'protobuf',
        traceProtobuf({
          resourceSpans: Array.from({ length: count }, (_, i) => ({
            resource: {
              attributes: [
                attribute('service.name', 'web'),
                attribute('k8s.pod.name', `p${from + i}`),
                attribute('deployment.environment', 'prod'),
              ],
            },
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: trace(from + i),
                    spanId: span(1),
                    name: 'x',
                    startTimeUnixNano: nanos(NOW - ms),
                    endTimeUnixNano: nanos(NOW - ms + 5),
                  },
                ],
              },
            ],
          })),
        }),
      );
    const DAY_MS = 86_400_000;
    await pods(1, MAX_LIST, DAY_MS);
    await pods(MAX_LIST + 1, 2, 0);
    await flushTables(engine.engine, journal, tracesTables);
    const attributes = [['deployment.environment', 'prod']] as const;
    const all = query(tenant, { attributes, limit: MAX_LIST + 10 });
    expect((await store.reader.search(all)).traces).toHaveLength(MAX_LIST + 2);
    for (const services of [[], ['web']])
      expect(
        (
          await store.reader.search({
            ...all,
            limit: 3,
            ...(services.length > 0 && { services, minDuration: 5e6 }),
          })
        ).traces,
      ).toHaveLength(3);
    expect((await store.reader.points(all)).traces).toBeGreaterThan(MAX_LIST / 2);
    expect((await store.reader.summaries({ ...all, limit: 5 }, 'slowest')).traces).toHaveLength(5);
    expect((await store.reader.spans({ ...all, limit: 7 })).spans).toHaveLength(7);
    const none = query(tenant, { attributes: [['deployment.environment', 'test']] });
    expect((await store.reader.search(none)).traces).toEqual([]);
    // Resources of other days do not count.
    const today = query(tenant, { attributes, from: BigInt(NOW - 1000) * MS });
    expect((await store.reader.search(today)).traces).toHaveLength(2);
    expect((await conditionsOf(engine.engine, today))(today).text).not.toContain('SELECT');
    expect((await conditionsOf(engine.engine, all))(all).text).toContain('SELECT');
  });

  it('are found by any filter as a plain model finds them, over memory and engine', async () => {
    const { store, otlp } = await open(journal);
    const services = ['a', 'b'];
    const spans = Array.from({ length: 60 }, (_, i) => ({
      service: services[i % 2] ?? '',
      traceId: trace(1 + (i % 17)),
      spanId: span(i + 1),
      name: `op${i % 3}`,
      kind: 1 + (i % 5),
      startTimeUnixNano: nanos(NOW - i * 1000),
      endTimeUnixNano: nanos(NOW - i * 1000 + (i % 7) * 10),
      attributes: [
        attribute('n', i % 4),
        ...(i % 3 === 0 ? [attribute('http.route', i % 2 === 0 ? '' : '/x')] : []),
        ...(i % 11 === 0 ? [attribute('error', true)] : []),
        // As one text the two are alike.
        ...(i % 5 === 0 ? [attribute('a=b', 'c')] : []),
        ...(i % 7 === 0 ? [attribute('a', 'b=c')] : []),
      ],
      status: { code: i % 9 === 0 ? 2 : 0 },
    }));
    const send = async (some: typeof spans) => {
      for (const service of services)
        await otlp.export(
          tenant,
          'protobuf',
          traceProtobuf(
            requestOf(
              service,
              some.filter((one) => one.service === service),
            ),
          ),
        );
    };
    await send(spans.slice(30));
    await flushTables(engine.engine, journal, tracesTables);
    await send(spans.slice(0, 30));
    const opt = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
    const filters = fc.record({
      service: opt(fc.constantFrom(...services)),
      operation: opt(fc.constantFrom('op0', 'op1', 'none')),
      minDuration: opt(fc.constantFrom(0, 2 ** 21, 20e6, 20e6 + 1, 50e6)),
      maxDuration: opt(fc.constantFrom(30e6, 60e6)),
      failed: opt(fc.boolean()),
      tag: opt(
        fc.constantFrom<readonly [string, string]>(
          ['n', '2'],
          ['host.name', 'h-b'],
          ['span.kind', 'client'],
          ['error', 'true'],
          ['error', 'false'],
          ['otel.status_code', 'ERROR'],
          ['otel.scope.name', 'lib'],
          ['http.route', '/x'],
          ['http.route', ''],
          ['a=b', 'c'],
          ['a', 'b=c'],
          ['x', 'y'],
        ),
      ),
      limit: fc.integer({ min: 1, max: 20 }),
      seconds: fc.integer({ min: 0, max: 60 }),
    });
    type Filters = typeof filters extends fc.Arbitrary<infer Value> ? Value : never;
    type Sent = (typeof spans)[number];
    const isFailed = (one: Sent): boolean =>
      one.status.code === 2 || one.attributes.some(({ key }) => key === 'error');
    const hasTag = (one: Sent, tag: Filters['tag']): boolean => {
      if (tag === undefined) return true;
      const [key, value] = tag;
      if (key === 'n') return one.attributes[0]?.value.intValue === value;
      if (key === 'http.route' || key === 'a=b' || key === 'a')
        return one.attributes.some((own) => own.key === key && own.value.stringValue === value);
      if (key === 'host.name') return one.service === 'b';
      if (key === 'span.kind') return one.kind === 3;
      if (key === 'error') return isFailed(one) === (value === 'true');
      if (key === 'otel.status_code') return one.status.code === 2;
      return key === 'otel.scope.name';
    };
    const fits = (
      one: Sent,
      { service, operation, minDuration, maxDuration, failed, tag }: Filters,
    ): boolean => {
      const duration = Number(BigInt(one.endTimeUnixNano) - BigInt(one.startTimeUnixNano));
      if (service !== undefined && one.service !== service) return false;
      if (operation !== undefined && one.name !== operation) return false;
      if (duration < (minDuration ?? 0) || duration > (maxDuration ?? Number.POSITIVE_INFINITY)) return false;
      return (failed === undefined || isFailed(one) === failed) && hasTag(one, tag);
    };
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const { service, operation, minDuration, maxDuration, failed, tag, limit, seconds } = filter;
        const from = BigInt(NOW - seconds * 1000) * MS;
        const matching = spans.filter((one) => BigInt(one.startTimeUnixNano) >= from && fits(one, filter));
        const wanted = [...new Set(matching.map((one) => one.traceId))].slice(0, limit);
        const asked = query(tenant, {
          from,
          limit,
          ...(service !== undefined && { services: [service] }),
          ...(operation !== undefined && { operation }),
          ...(minDuration !== undefined && { minDuration }),
          ...(maxDuration !== undefined && { maxDuration }),
          ...(failed !== undefined && { failed }),
          ...(tag !== undefined && { attributes: [tag] }),
        });
        const { traces } = await store.reader.search(asked);
        expect(traces.map(({ traceId }) => traceId)).toEqual(wanted);
        for (const { traceId, spans: found } of traces)
          expect(found).toHaveLength(spans.filter((one) => one.traceId === traceId).length);
        const summaries = (await store.reader.summaries(asked, 'newest')).traces;
        expect(summaries.map(({ traceId, spans: n, errors }) => [traceId, n, errors])).toEqual(
          wanted.map((traceId) => {
            const own = spans.filter((one) => one.traceId === traceId);
            return [traceId, own.length, own.filter(isFailed).length];
          }),
        );
        const longest = new Map<string, number>();
        for (const { traceId, startTimeUnixNano, endTimeUnixNano } of matching) {
          const duration = Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano));
          longest.set(traceId, Math.max(duration, longest.get(traceId) ?? 0));
        }
        const slowest = (await store.reader.summaries(asked, 'slowest')).traces;
        expect(slowest.map(({ traceId }) => longest.get(traceId))).toEqual(
          [...longest.values()].sort((a, b) => b - a).slice(0, limit),
        );
        const { points, every } = await store.reader.points({ ...asked, limit: 1000 });
        expect(every).toBe(1);
        expect(new Map(points.map(({ traceId, duration }) => [traceId, duration]))).toEqual(longest);
        const thin = await store.reader.points({ ...asked, limit: 2 });
        // Of a trace that is half in memory the half there may be all that a thin sample has.
        for (const { traceId, duration } of thin.points)
          expect(duration).toBeLessThanOrEqual(longest.get(traceId) ?? -1);
        expect(new Set(thin.points.map(({ traceId }) => traceId)).size).toBe(thin.points.length);
        const few = await store.reader.spans(asked);
        expect(few.spans.map(({ spanId }) => spanId)).toEqual(
          matching.slice(0, limit).map(({ spanId }) => spanId),
        );
      }),
      { numRuns: 25 },
    );
  });
});
