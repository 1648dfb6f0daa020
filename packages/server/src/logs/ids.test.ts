import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idField, idsInText, type LineIds, takeId } from './ids.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function inText(line: string): LineIds {
  const ids: LineIds = { trace: '', span: '', request: '' };
  idsInText(ids, Buffer.from(line));
  return ids;
}

describe('ids in a line', () => {
  it.each([
    [`{"trace_id":"${TRACE}","span_id":"${SPAN}","request_id":"r-1"}`, TRACE, SPAN, 'r-1'],
    [`level=info traceID=${TRACE.toUpperCase()} spanId=${SPAN} requestId="abc.def"`, TRACE, SPAN, 'abc.def'],
    [`{"msg":"{\\"traceId\\":\\"${TRACE}\\"}"}`, TRACE, '', ''],
    ['a trace of the span, as requested', '', '', ''],
    ['trace_id=0000000000000000 span_id=zz request_id=', '', '', ''],
    [`no trace: 1 then trace.id = ${TRACE}`, TRACE, '', ''],
  ])('%s', (line, trace, span, request) => expect(inText(line)).toEqual({ trace, span, request }));

  it('are looked for in bounded time, whatever the text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        idsInText({ trace: '', span: '', request: '' }, Buffer.from(bytes));
      }),
    );
    expect(inText('race'.repeat(100_000)).trace).toBe('');
  });

  it('are found wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20 }),
        fc.constantFrom('traceId', 'trace_id', 'TraceID', 'a.trace.id'),
        (before, name) => {
          fc.pre(!/race/.test(before));
          expect(inText(`${before} ${name}=${TRACE} x`).trace).toBe(TRACE);
        },
      ),
    );
  });

  it('come from named values, the first one', () => {
    expect(
      ['trace_id', 'TraceId', 'span.id', 'X-Request-Id', 'user_id', 'x'.repeat(500)].map(idField),
    ).toEqual(['trace', 'trace', 'span', 'request', null, null]);
    const ids: LineIds = { trace: '', span: '', request: '' };
    takeId(ids, 'trace', 'not hex');
    takeId(ids, 'trace', TRACE);
    takeId(ids, 'trace', SPAN);
    expect(ids.trace).toBe(TRACE);
  });
});
