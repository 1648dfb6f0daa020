import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, quantileOf } from './durations.ts';
import { type EdgeSpan, findEdges } from './find-edges.ts';
import { peerOf } from './peer.ts';

const base = { traceId: 'a', parentId: '', failed: false, duration: 1000, at: 5 * 60_000, peer: null };
const span = (service: string, spanId: string, kind: number, more: Partial<EdgeSpan> = {}): EdgeSpan => ({
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

function edges(spans: readonly EdgeSpan[]): string[] {
  const found = findEdges(spans, 5 * 60_000, 6 * 60_000).edges.get(5);
  return [...(found?.values() ?? [])]
    .map(({ caller, callee, type, calls }) => `${caller} > ${type} ${callee} ${calls}`)
    .sort();
}

describe('edges between services', () => {
  it('join a call with its called side by trace and parent, in any order, a repeat once', () => {
    const spans = [
      span('b', '3', SERVER, { parentId: '2' }),
      span('a', '1', SERVER),
      span('a', '2', CLIENT, { parentId: '1', peer: { type: 'external', name: 'b.local' } }),
    ];
    expect(edges([...spans, ...spans])).toEqual([' > service a 1', 'a > service b 1']);
    expect(edges(spans.map((one) => ({ ...one, traceId: one.spanId })))).toEqual([
      ' > service a 1',
      ' > service b 1',
      'a > external b.local 1',
    ]);
  });

  it('take the two sides of a span that Zipkin shares for a call (ZK-1)', () => {
    expect(
      edges([
        span('a', '1', CLIENT),
        span('b', '1', SERVER),
        span('b', '2', 1, { parentId: '1' }),
        span('c', '3', SERVER, { parentId: '1' }),
      ]),
    ).toEqual(['a > service b 1', 'b > service c 1']);
  });

  it('know calls of a service to itself, and spans nested within a request', () => {
    expect(
      edges([
        span('a', '1', SERVER),
        span('a', '2', SERVER, { parentId: '1' }),
        span('a', '3', CLIENT, { parentId: '2' }),
        span('a', '4', SERVER, { parentId: '3' }),
      ]),
    ).toEqual([' > service a 1', 'a > service a 1']);
  });

  it('lead to a queue until a consumer is there', () => {
    const send = span('a', '1', PRODUCER, { peer: { type: 'messaging', name: 'kafka' } });
    expect(edges([send])).toEqual(['a > messaging kafka 1']);
    expect(edges([send, span('b', '2', CONSUMER, { parentId: '1' })])).toEqual(['a > service b 1']);
  });

  it('count in the minute of the called side, and survive spans that are their own parents', () => {
    const client = span('a', '1', CLIENT, { at: 4 * 60_000, peer: { type: 'external', name: 'x' } });
    const server = span('b', '2', SERVER, { parentId: '1' });
    expect(edges([client, server])).toEqual(['a > service b 1']);
    expect(edges([client, { ...server, at: 6 * 60_000 }])).toEqual([]);
    expect(edges([span('a', '1', SERVER, { parentId: '1' })])).toEqual([]);
  });
});

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
