import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEnvelope } from './envelope.ts';
import { fromSentry } from './event.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const types = (text: string) => parseEnvelope(bytes(text))?.items.map(({ type }) => type);

describe('envelopes', () => {
  it('reads items with and without a length, and empty lines between them', () => {
    const envelope = parseEnvelope(
      bytes(
        '{"event_id":"a"}\n{"type":"attachment","length":10}\n\xef\xbb\r\n{}\n\n\r\n{"type":"event"}\r\n{"message":"x"}\n{"type":"session","length":0}\n\n'.replace(
          '\xef\xbb\r\n{}\n\n',
          '0123456789\n',
        ),
      ),
    );
    expect(envelope?.problem).toBeNull();
    expect(envelope?.items.map(({ type, payload }) => [type, Buffer.from(payload).toString()])).toEqual([
      ['attachment', '0123456789'],
      ['event', '{"message":"x"}'],
      ['session', ''],
    ]);
  });

  it('keeps what came before a fault, and names the fault', () => {
    const envelope = parseEnvelope(bytes('{}\n{"type":"event"}\n{}\n{"type":"event","length":99}\n{}'));
    expect(envelope?.items.length).toBe(1);
    expect(envelope?.problem).toContain('length 99');
    expect(parseEnvelope(bytes('{}\nnope\n'))?.problem).toContain('item 1');
    expect(parseEnvelope(bytes('nope'))).toBeNull();
    expect(types('{}')).toEqual([]);
  });

  it('gives back any items it was written with', () => {
    const item = fc.record({
      type: fc.constantFrom('event', 'session', 'x'),
      payload: fc.uint8Array({ maxLength: 50 }),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), (items) => {
        const parts = items.flatMap(({ type, payload }) => [
          bytes(`${JSON.stringify({ type, length: payload.length })}\n`),
          payload,
          bytes('\n'),
        ]);
        const read = parseEnvelope(Buffer.concat([bytes('{}\n'), ...parts]));
        expect(read?.items.map(({ type, payload }) => ({ type, payload: Uint8Array.from(payload) }))).toEqual(
          items,
        );
      }),
    );
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        (body) => void parseEnvelope(Buffer.concat([bytes('{}\n{"type":"event"'), body])),
      ),
    );
  });
});

const origin = {
  id: 'f'.repeat(32),
  now: 1_760_000_000_000,
  serviceOf: (named: string) => named || 'project-1',
};

describe('events of Sentry', () => {
  it('are ours: the outermost error and the throw first, ids, user, release, tags', () => {
    const event = fromSentry(
      {
        event_id: 'FC6D8C0C-43FC-4630-AD85-0EE518F1B9D0',
        timestamp: 1_750_000_000.5,
        level: 'fatal',
        release: 'shop@1.2.3',
        environment: 'staging',
        transaction: 'GET /orders/:id',
        server_name: 'web-1',
        tags: { service: 'order', request_id: 'r-1', 'api-key': 'k-123' },
        user: { id: 7, email: 'a@b.c' },
        contexts: { trace: { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) } },
        exception: {
          values: [
            { type: 'Error', value: 'socket hang up' },
            {
              type: 'TimeoutError',
              value: 'late',
              stacktrace: {
                frames: [
                  { function: 'outer', filename: '/app/node_modules/x/i.js', lineno: 1, in_app: true },
                  {
                    function: 'inner',
                    filename: '/app/src/a.js',
                    lineno: 5,
                    colno: 3,
                    context_line: 'throw x',
                    pre_context: ['a'],
                    post_context: [],
                  },
                ],
              },
            },
          ],
        },
        breadcrumbs: [{ timestamp: 1_750_000_000, category: 'console', message: 'hi' }],
        extra: { password: 'x', cart: { token: 'y', items: 3 } },
      },
      origin,
    );
    expect(event).toMatchObject({
      id: 'fc6d8c0c43fc4630ad850ee518f1b9d0',
      time: 1_750_000_000_500,
      service: 'order',
      type: 'timeout',
      severity: 'critical',
      release: 'shop@1.2.3',
      user: '7',
      traceId: 'a'.repeat(32),
      requestId: 'r-1',
      instance: 'web-1',
    });
    expect(event.exceptions.map(({ name }) => name)).toEqual(['TimeoutError', 'Error']);
    expect(event.exceptions[0]?.frames.map((frame) => [frame.function, frame.inApp])).toEqual([
      ['inner', true],
      ['outer', false],
    ]);
    expect(JSON.stringify(event.context)).not.toMatch(/"x"|\\"y\\"/);
    expect(event.tags).toContainEqual(['api-key', '***']);
    expect(event.breadcrumbs[0]?.message).toBe('hi');
  });

  it('are taken whatever their fields are, `__proto__` too', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"exception":1},"tags":{"__proto__":"x"},"exception":{"values":[{"__proto__":{}}]}}',
    );
    expect(fromSentry(hostile, origin).exceptions.length).toBe(1);
    expect(Object.hasOwn(Object.prototype, 'exception')).toBe(false);
    const key = fc.constantFrom(
      'exception',
      'values',
      'stacktrace',
      'frames',
      'tags',
      'user',
      'contexts',
      'trace',
      'breadcrumbs',
      'timestamp',
      'message',
      'logentry',
      'fingerprint',
      'debug_meta',
      'images',
      'level',
      'request',
      '__proto__',
      'constructor',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
      ),
    }));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (entries) => {
        const event = fromSentry(Object.fromEntries(entries), origin);
        expect(event.id).toMatch(/^[0-9a-f]{32}$/);
        expect(JSON.stringify(event).length).toBeLessThan(500_000);
      }),
    );
  });
});
