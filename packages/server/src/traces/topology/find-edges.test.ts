import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, quantileOf } from './durations.ts';
import { type EdgeSpan, EdgeSpans } from './edge-spans.ts';
import { findEdges } from './find-edges.ts';
import { CallMeasures } from './minute-calls.ts';
import { peerOf } from './peer.ts';

/** With ids of few digits. */
interface TestSpan extends EdgeSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
}

const words = (hex: string, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i === 0 && hex !== '' ? Number.parseInt(hex, 16) : 0));

function columnsOf(spans: readonly TestSpan[]): EdgeSpans {
  const columns = new EdgeSpans();
  for (const { traceId, spanId, parentId, ...rest } of spans) {
    const ids = Uint32Array.from([...words(traceId, 4), ...words(spanId, 2)]);
    columns.add(rest, ids, 0, Uint32Array.from(words(parentId, 2)), 0);
  }
  return columns;
}

const base = { traceId: 'a', parentId: '', failed: false, duration: 1000, at: 5 * 60_000, peer: null };
const span = (service: string, spanId: string, kind: number, more: Partial<TestSpan> = {}): TestSpan => ({
  ...base,
  service,
  spanId,
  kind,
  ...more,
});
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

async function edges(spans: readonly TestSpan[], openFrom = 6 * 60_000): Promise<string[]> {
  const within = { from: 5 * 60_000, to: 6 * 60_000, openFrom };
  const found = (await findEdges(columnsOf(spans), within, () => Promise.resolve())).edges.get(5);
  return [...(found?.values() ?? [])]
    .map(({ caller, callee, type, calls }) => `${caller} > ${type} ${callee} ${calls}`)
    .sort();
}

describe('edges between services', () => {
  it('join a call with its called side by trace and parent, in any order, a repeat once', async () => {
    const spans = [
      span('b', '3', SERVER, { parentId: '2' }),
      span('a', '1', SERVER),
      span('a', '2', CLIENT, { parentId: '1', peer: { type: 'external', name: 'b.local' } }),
    ];
    expect(await edges([...spans, ...spans])).toEqual([' > service a 1', 'a > service b 1']);
    expect(await edges(spans.map((one) => ({ ...one, traceId: one.spanId })))).toEqual([
      ' > service a 1',
      ' > service b 1',
      'a > external b.local 1',
    ]);
  });

  it('take the two sides of a span that Zipkin shares for a call (ZK-1)', async () => {
    expect(
      await edges([
        span('a', '1', CLIENT),
        span('b', '1', SERVER),
        span('b', '2', 1, { parentId: '1' }),
        span('c', '3', SERVER, { parentId: '1' }),
      ]),
    ).toEqual(['a > service b 1', 'b > service c 1']);
  });

  it('know calls of a service to itself, and spans nested within a request', async () => {
    expect(
      await edges([
        span('a', '1', SERVER),
        span('a', '2', SERVER, { parentId: '1' }),
        span('a', '3', CLIENT, { parentId: '2' }),
        span('a', '4', SERVER, { parentId: '3' }),
      ]),
    ).toEqual([' > service a 1', 'a > service a 1']);
  });

  it('lead to a queue until a consumer is there', async () => {
    const send = span('a', '1', PRODUCER, { peer: { type: 'messaging', name: 'kafka' } });
    expect(await edges([send])).toEqual(['a > messaging kafka 1']);
    expect(await edges([send, span('b', '2', CONSUMER, { parentId: '1' })])).toEqual(['a > service b 1']);
  });

  it('do not lead outside while the called side may still come', async () => {
    const client = span('a', '1', CLIENT, { peer: { type: 'external', name: 'b.local' } });
    const query = span('a', '2', CLIENT, { peer: { type: 'database', name: 'sqlite' } });
    const server = span('b', '3', SERVER, { parentId: '1' });
    const asked = 'a > database sqlite 1';
    expect(await edges([client, query], client.at)).toEqual([asked]);
    expect(await edges([client, query, server], client.at)).toEqual([asked, 'a > service b 1']);
    expect(await edges([client], client.at + 1)).toEqual(['a > external b.local 1']);
  });

  it('count in the minute of the called side, and survive spans that are their own parents', async () => {
    const client = span('a', '1', CLIENT, { at: 4 * 60_000, peer: { type: 'external', name: 'x' } });
    const server = span('b', '2', SERVER, { parentId: '1' });
    expect(await edges([client, server])).toEqual(['a > service b 1']);
    expect(await edges([client, { ...server, at: 6 * 60_000 }])).toEqual([]);
    expect(await edges([span('a', '1', SERVER, { parentId: '1' })])).toEqual([]);
  });
});

it('calls are measured by minute and edge, with the trace of the slowest; those from outside are not', async () => {
  const measures = new CallMeasures();
  const ms = (count: number) => count * 1e6;
  const spans = columnsOf([
    span('a', '1', SERVER),
    span('a', '2', CLIENT, { parentId: '1', peer: { type: 'database', name: 'sqlite' }, duration: ms(3) }),
    span('b', '3', SERVER, { parentId: '1', duration: ms(9000), failed: true }),
    span('b', '4', SERVER, { parentId: '1', duration: ms(30_000) }),
    span('b', '5', SERVER, { parentId: '1', duration: ms(4), at: 7 * 60_000 }),
  ]);
  await findEdges(
    spans,
    { from: 5 * 60_000, to: 6 * 60_000, openFrom: 0 },
    () => Promise.resolve(),
    measures,
  );
  const found = [...measures.minutes()];
  expect(found.map(({ minute }) => minute)).toEqual([5]);
  const [toB, toStore] = found[0]?.edges ?? [];
  expect([toB?.edge, toStore?.edge]).toEqual([
    { caller: 'a', callee: 'b', type: 'service' },
    { caller: 'a', callee: 'sqlite', type: 'database' },
  ]);
  expect(toB?.calls).toMatchObject({ failed: 1, sum: 39, slowest: { seconds: 30 } });
  expect(toB?.calls.slowest?.traceId).toBe(`0a${'0'.repeat(30)}`);
  expect([...(toB?.calls.counts ?? [])].flatMap((n, place) => (n > 0 ? [place] : []))).toEqual([14, 16]);
});

describe('spans as columns', () => {
  it('are found by trace and span id like in a map, however many', () => {
    const id = fc.integer({ min: 1, max: 12 });
    const one = fc.record({ trace: id, span: id, parent: fc.nat(12), kind: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), fc.nat(3000), (some, more) => {
        const all = [
          ...some,
          ...Array.from({ length: more }, (_, i) => ({ ...NOBODY, span: i + 13 })),
          ...some,
        ];
        const known = new Map<string, typeof some>();
        const kept: typeof some = [];
        const columns = new EdgeSpans();
        for (const each of all) {
          const key = `${each.trace} ${each.span}`;
          const sides = known.get(key) ?? [];
          const isNew = sides.every(({ kind }) => kind !== each.kind);
          if (isNew) {
            known.set(key, [...sides, each]);
            kept.push(each);
          }
          const ids = Uint32Array.of(0, each.trace, 0, 7, each.span, 0);
          const parts = {
            kind: each.kind,
            service: 's',
            failed: false,
            duration: 1,
            at: each.trace,
            peer: null,
          };
          expect(columns.add(parts, ids, 0, Uint32Array.of(each.parent, 0), 0)).toBe(isNew);
        }
        expect(columns.rows).toBe(kept.length);
        for (const [row, each] of kept.slice(0, 100).entries()) {
          const kinds = (rows: readonly number[]) => rows.map((other) => columns.kinds[other]);
          const expected = (span: number) =>
            (known.get(`${each.trace} ${span}`) ?? []).map(({ kind }) => kind);
          expect(kinds(columns.sharing(row))).toEqual(expected(each.span));
          expect(kinds(columns.parentsOf(row))).toEqual(expected(each.parent));
        }
      }),
      { numRuns: 10 },
    );
  });
});

const NOBODY = { trace: 99, span: 0, parent: 0, kind: 1 };

describe('the peer of a call', () => {
  it.each([
    [{ 'db.system.name': 'sqlite', 'db.namespace': 'order', 'server.address': 'h' }, 'database sqlite/order'],
    [{ 'db.system': 'mysql', 'net.peer.name': 'db1' }, 'database mysql/db1'],
    [{ 'db.system.name': 'redis' }, 'database redis'],
    [{ 'messaging.system': 'kafka', 'server.address': 'k' }, 'messaging kafka'],
    [{ 'server.address': 'api.example.com' }, 'external api.example.com'],
    [{ 'peer.service': 'payments', 'server.address': 'h' }, 'external payments'],
    [{ 'http.route': '/' }, null],
  ])('of %j is %s', (attributes, expected) => {
    const peer = peerOf(new Map(Object.entries(attributes)));
    expect(peer === null ? null : `${peer.type} ${peer.name}`).toBe(expected);
  });
});

it('quantiles of durations are off by a bucket at most', () => {
  expect(quantileOf(new Map(), 0.5)).toBeNull();
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 1 }),
      fc.constantFrom(0.5, 0.95, 1),
      (values, q) => {
        const counts = new Map<number, number>();
        for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)] ?? 0;
        const found = quantileOf(counts, q) ?? -1;
        expect(found + 1).toBeGreaterThanOrEqual((exact + 1) / 2 ** 0.2501);
        expect(found + 1).toBeLessThanOrEqual((exact + 1) * 2 ** 0.2501);
      },
    ),
  );
});
