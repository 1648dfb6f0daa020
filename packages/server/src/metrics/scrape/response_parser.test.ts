import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ResponseHead, ResponseParser } from './response_parser.ts';

interface Read {
  readonly heads: ResponseHead[];
  readonly body: string;
  readonly used: number;
  readonly done: boolean;
  readonly reusable: boolean;
}

/** Reads bytes in pieces cut at these places; `ended`: the other side then closes. */
function read(bytes: Uint8Array, cuts: readonly number[] = [], ended = false): Read {
  const heads: ResponseHead[] = [];
  const pieces: Buffer[] = [];
  const parser = new ResponseParser({
    head: (head) => heads.push(head),
    data: (from, start, end) => pieces.push(Buffer.from(from.subarray(start, end))),
  });
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let used = 0;
  let from = 0;
  for (const to of [...places, bytes.length]) {
    // A buffer longer than what was read, with noise behind it, as a socket's is.
    const piece = Buffer.concat([bytes.subarray(from, to), Buffer.from('\n\r\n0\r\n')]);
    if (!parser.done) used += parser.push(piece, to - from);
    from = to;
  }
  if (ended) parser.end();
  return {
    heads,
    body: Buffer.concat(pieces).toString('latin1'),
    used,
    done: parser.done,
    reusable: parser.reusable,
  };
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const chunked = (parts: readonly string[]): string =>
  `${parts.map((part) => `${part.length.toString(16)};x=1\r\n${part}\r\n`).join('')}0\r\ntrailer: 1\r\n\r\n`;

describe('an answer', () => {
  it.each([
    ['counted', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: a\r\nx: b\r\n\r\nhello', 'hello', true],
    [
      'in chunks',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunked(['hel', 'lo'])}`,
      'hello',
      true,
    ],
    [
      'in chunks, whatever its length says',
      `HTTP/1.1 200\r\ncontent-length: 1\r\ntransfer-encoding: Chunked\r\n\r\n${chunked(['ab'])}`,
      'ab',
      true,
    ],
    [
      'after a note',
      'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na',
      'a',
      true,
    ],
    ['with bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', 'ok', true],
    [
      'of a connection that ends with it',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na',
      'a',
      false,
    ],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', 'a', false],
    [
      'of HTTP/1.0 that goes on',
      'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na',
      'a',
      true,
    ],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
  ])('%s is read the same in any pieces, up to its end', (_, answer, body, reusable) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), fc.string({ maxLength: 5 }), (cuts, after) => {
        const result = read(text(answer + after), cuts);
        expect(result).toMatchObject({ body, used: answer.length, done: true, reusable });
      }),
    );
  });

  it('without a length goes on to the end of the connection', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), fc.string({ unit: 'binary-ascii' }), (cuts, body) => {
        const answer = text(`HTTP/1.1 200 OK\r\n\r\n${body}`);
        expect(read(answer, cuts)).toMatchObject({ body, done: false });
        expect(read(answer, cuts, true)).toMatchObject({ body, done: true, reusable: false });
      }),
    );
  });

  it('has a second carriage return at the end of its head refused, in any pieces', () => {
    const answer = text('HTTP/1.1 200 OK\r\ncontent-length: 1\n\r\r\nx');
    for (let cut = 0; cut < answer.length; cut++)
      expect(() => read(answer, [cut])).toThrow(/is not a header/);
  });

  it('has the first of repeated headers, by lower-case names', () => {
    const { heads } = read(text('HTTP/1.1 404 Not Found\r\nX-A: \t one \r\nx-a: two\r\nEmpty:\r\n\r\n'));
    expect(heads[0]?.status).toBe(404);
    expect([...(heads[0]?.headers ?? [])]).toEqual([
      ['x-a', 'one'],
      ['empty', ''],
    ]);
  });

  it.each([
    ['HTTP/2 200\r\n\r\n', /is not HTTP\/1\.1/],
    ['HTTP/1.1 20 OK\r\n\r\n', /is not HTTP\/1\.1/],
    ['SSH-2.0-OpenSSH\r\n\r\n', /is not HTTP\/1\.1/],
    ['HTTP/1.1 101 Switching\r\n\r\n', /switches protocols/],
    ['HTTP/1.1 200 OK\r\nbad header\r\n\r\n', /is not a header/],
    ['HTTP/1.1 200 OK\r\n folded: 1\r\n\r\n', /is not a header/],
    ['HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', /wrong Content-Length/],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', /wrong Content-Length/],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n', /unknown transfer coding/],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n', /is not the size of a chunk/],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n', /longer than it says/],
    [`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1'.repeat(5000)}`, /too long/],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`, /exceeds 65536 bytes/],
  ])('that is none is refused by name: %#', (answer, message) => {
    expect(() => read(text(answer))).toThrow(message);
  });

  it('that is cut short is not whole', () => {
    const whole = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunked(['abc', 'd'])}`;
    for (let length = 0; length < whole.length; length++)
      expect(() => read(text(whole.slice(0, length)), [], true)).toThrow(/closed before the end/);
  });

  it('of any bytes is read or refused, the same in any pieces', () => {
    const words = fc.constantFrom(
      'HTTP/1.1 ',
      '200',
      ' OK',
      '\r\n',
      '\n',
      '\r',
      ':',
      'content-length',
      '3',
      'transfer-encoding: chunked',
      '0',
      'abc',
      '\u0000',
    );
    const outcome = (bytes: Buffer, cuts: readonly number[]): unknown => {
      try {
        return read(bytes, cuts);
      } catch (error) {
        if (!(error instanceof Error) || error instanceof TypeError) throw error;
        return 'refused';
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(words).map((list) => text(list.join(''))),
          fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
        ),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 5 }),
        (bytes, begun, cuts) => {
          const answer = begun ? Buffer.concat([text('HTTP/1.1 200 OK\r\n'), bytes]) : bytes;
          expect(outcome(answer, cuts)).toEqual(outcome(answer, []));
        },
      ),
    );
  });
});
