import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextStore, contextHeaders } from './context.ts';
import { acceptId, newSpanId, newTraceId } from './ids.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const VALID = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('acceptId', () => {
  it.each([
    'a',
    'req-1',
    '550e8400-e29b-41d4-a716-446655440000',
    '1-67891233-abcdef012345678912345678',
    'A'.repeat(128),
    'x=1/2:3@4+5',
  ])('takes %s', (id) => expect(acceptId(id)).toBe(id));

  it.each([
    '',
    ' ',
    'a b',
    'a\nb',
    'a\r\nx: y',
    '{"a":1}',
    '<script>',
    '-a',
    'ü',
    'A'.repeat(129),
    '\u0000',
    'a,b',
  ])('refuses %j', (id) => expect(acceptId(id)).toBeUndefined());

  it('never lets through what could break a header or a log line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const id = acceptId(text);
        if (id !== undefined) expect(id).toMatch(/^[\w.:/+=@-]{1,128}$/);
      }),
    );
  });
});

describe('traceparent', () => {
  it('reads and writes the header', () => {
    const trace = parseTraceparent(VALID, 'vendor=1');
    expect(trace).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      sampled: true,
      traceState: 'vendor=1',
    });
    expect(trace && formatTraceparent(trace)).toBe(VALID);
  });

  it('takes later versions with more fields, as the recommendation demands', () => {
    expect(parseTraceparent(`cc${VALID.slice(2)}-what-the-future-brings`)?.sampled).toBe(true);
    expect(parseTraceparent(`cc${VALID.slice(2)}`)?.sampled).toBe(true);
  });

  it.each([
    '',
    `${VALID}-more`,
    `ff${VALID.slice(2)}`,
    VALID.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
    VALID.slice(0, -1),
    '__proto__',
  ])('refuses %j', (header) => expect(parseTraceparent(header)).toBeUndefined());

  it('writes what it reads, for every header', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
        (header) => {
          const trace = parseTraceparent(header);
          if (trace === undefined) return;
          expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
        },
      ),
    );
  });

  it('makes valid ids', () => {
    for (let i = 0; i < 100; i++) {
      expect(newTraceId()).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(newSpanId()).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    }
    expect(newTraceId()).not.toBe(newTraceId());
  });
});

describe('ContextStore', () => {
  const store = (startTraces: boolean, sampler: number): ContextStore =>
    new ContextStore({ startTraces, sampler, random: () => 0.5 });

  it('starts a trace once, sampled by ratio, or none at all', () => {
    const context = store(true, 0.6).fromHeaders({});
    expect(context.trace).toBe(context.trace);
    expect(context.trace?.sampled).toBe(true);
    expect(store(true, 0.5).fromHeaders({}).trace?.sampled).toBe(false);
    expect(store(false, 1).fromHeaders({}).trace).toBeUndefined();
    expect(store(false, 1).fromHeaders({ traceparent: VALID }).trace?.sampled).toBe(true);
  });

  it('hands the context on, the correlation id apart from the request id', () => {
    const context = store(false, 1).fromHeaders({
      'x-request-id': 'r',
      'x-correlation-id': 'c',
      traceparent: VALID,
      tracestate: 'a=b',
    });
    expect(contextHeaders(context)).toEqual([
      ['x-request-id', 'r'],
      ['x-correlation-id', 'c'],
      ['traceparent', VALID],
      ['tracestate', 'a=b'],
    ]);
  });

  it('keeps contexts of concurrent work apart, and lets work leave them', async () => {
    const contexts = store(false, 1);
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        contexts.run(contexts.fromHeaders({ 'x-request-id': id }), async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return [contexts.get()?.requestId, contexts.exit(() => contexts.get())];
        }),
      ),
    );
    expect(seen).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['c', undefined],
    ]);
    expect(contexts.get()).toBeUndefined();
  });

  it('tracks nothing once it is closed', async () => {
    const contexts = store(false, 1);
    await contexts.run(contexts.fromHeaders({ 'x-request-id': 'a' }), async () => {
      expect(contexts.get()?.requestId).toBe('a');
      contexts.close();
      await new Promise((resolve) => setImmediate(resolve));
      expect(contexts.get()).toBeUndefined();
    });
  });
});
