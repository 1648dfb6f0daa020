import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLine, fromSpan } from './derived.ts';

const trace = 'a'.repeat(32);
const source = (fields: Record<string, string> = {}) => ({
  service: 'order',
  time: 5,
  traceId: trace,
  spanId: 'b'.repeat(16),
  requestId: '',
  fields: new Map(Object.entries(fields)),
});
const stack = 'TypeError: x is not a function\n    at load (/app/src/order.js:1:2)';
const line = (message: string, fields: Record<string, string> = {}) =>
  fromLine({ ...source(fields), level: 'error', message });

describe('errors that other signals tell of', () => {
  it('are one, whichever span or line of a trace told of it first', () => {
    const span = fromSpan({
      ...source(),
      span: 'GET /x',
      name: 'TypeError',
      message: 'x is not a function',
      stack,
    });
    const parent = fromSpan({
      ...source(),
      spanId: 'c'.repeat(16),
      span: 'GET /',
      name: 'TypeError',
      message: 'x is not a function',
      stack,
    });
    expect(span).toMatchObject({ origin: 'span', type: 'internal', transaction: 'GET /x', traceId: trace });
    expect(span?.exceptions[0]?.frames[0]?.function).toBe('load');
    expect([parent?.id, line(stack)?.id]).toEqual([span?.id, span?.id]);
    const without = { ...source(), traceId: '', level: 'error', message: stack };
    expect(fromLine({ ...without, time: 6 })?.id).not.toBe(fromLine(without)?.id);
  });

  it.each([
    ['a stack as text', stack, {}],
    [
      'fields of OpenTelemetry',
      'failed',
      {
        'exception.type': 'TypeError',
        'exception.message': 'x is not a function',
        'exception.stacktrace': stack,
      },
    ],
    ["pino's err", 'failed', { err_type: 'TypeError', err_message: 'x is not a function', err_stack: stack }],
    [
      'JSON',
      JSON.stringify({ level: 'error', err: { type: 'TypeError', message: 'x is not a function', stack } }),
      {},
    ],
  ])('are found in lines with %s', (_what, message, fields) => {
    expect(line(message, fields)?.exceptions).toMatchObject([
      { name: 'TypeError', message: 'x is not a function', frames: [{ function: 'load' }] },
    ]);
  });

  it('are not those without a stack, nor those the SDK sends itself', () => {
    expect(line('payment failed')).toBeNull();
    expect(line(stack, { context_error_captured: 'true', context_error_stack: stack })).toBeNull();
    expect(
      fromSpan({ ...source({ 'pharos.error.id': 'x' }), span: '', name: 'TypeError', message: '', stack }),
    ).toBeNull();
  });

  it('are read from any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(stack, '{"err":{"stack":', '{"stack":5}', '\n at '),
    );
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 4 }),
        text,
        (parts, name) => void line(parts.join(''), { 'exception.type': name, err_stack: parts.join('') }),
      ),
    );
  });
});
