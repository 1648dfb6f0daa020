import { parseGoFloat } from '@pharos/gotemplate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StageError } from '../errors.ts';
import { runStages } from '../testing/run-stages.ts';
import { formatByteSize, parseByteSize } from '../text/byte-size.ts';
import { formatQueryDuration, parseGoDuration, parseQueryDuration } from '../text/go-duration.ts';
import { compileIp } from '../text/ip.ts';
import { compileRe2, compileSearch } from '../text/search.ts';
import { followJsonPath, parseJsonPath } from './json-path.ts';
import { JsonReader } from './json-reader.ts';
import { LogfmtReader } from './logfmt.ts';

const JSON_PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\u00',
  ':',
  ',',
  '1',
  '-',
  '.5e',
  'true',
  'nul',
  ' ',
  'a',
  '"k":',
  '{"a":',
  '\ud800',
];

describe('JSON', () => {
  it('reads what JSON.parse reads', () => {
    const reader = new JsonReader();
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        reader.reset(text);
        expect(reader.skip(), reader.problem).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (record) => {
        reader.reset(JSON.stringify(record));
        const read = new Map<string, string>();
        expect(reader.kind()).toBe('object');
        expect(
          reader.object((key) => {
            const value = reader.string();
            if (value !== undefined) read.set(key, value);
            return value !== undefined;
          }),
        ).toBe(true);
        expect(Object.fromEntries(read)).toEqual(record);
      }),
    );
  });

  it('follows paths to what JSON.parse finds there', () => {
    const reader = new JsonReader();
    const text = '{"a":[{"b":"x"},{"b":{"c":[1,2]}}],"d e":null}';
    const at = (path: string): string | undefined => {
      reader.reset(text);
      return followJsonPath(reader, parseJsonPath(path));
    };
    expect([at('a[0].b'), at('a[1].b.c'), at('["d e"]'), at('a[9]'), at('a.b'), at('a[1].b.c[1]')]).toEqual([
      'x',
      '[1,2]',
      '',
      undefined,
      undefined,
      '2',
    ]);
  });

  it('ends on any text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...JSON_PIECES), { maxLength: 30 }), (parts) => {
        const line = parts.join('');
        for (const stages of ['| json', '| json x="a[0].b"', '| unpack'])
          expect(runStages(stages, line).kept).toBe(true);
        expect(runStages('| json', `{${line}`).kept).toBe(true);
      }),
      { numRuns: 400 },
    );
    for (const line of [
      '{"a":'.repeat(100_000),
      '['.repeat(100_000),
      `{"a":"${'\\'.repeat(100_001)}`,
      `{${'"a":1,'.repeat(50_000)}`,
    ])
      expect(runStages('| json', line).kept).toBe(true);
  });
});

describe('logfmt', () => {
  it('reads back pairs', () => {
    const reader = new LogfmtReader();
    const key = fc.stringMatching(/^[a-z_.]{1,8}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.string()), { maxLength: 6 }), (pairs) => {
        reader.reset(pairs.map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(' '));
        for (const [k, v] of pairs) {
          expect(reader.next(), reader.problem).toBe(true);
          expect([reader.key, reader.value]).toEqual([k, v]);
        }
        expect(reader.next()).toBe(false);
        expect(reader.problem).toBe('');
      }),
    );
  });

  it('ends on any text, each step going on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '=', '"', '\\', ' ', '\t', '\ufffd', 'ü', '\u0000'), { maxLength: 30 }),
        (parts) => {
          for (const stages of [
            '| logfmt',
            '| logfmt --strict --keep-empty',
            '| logfmt a',
            '| pattern `<x> "<y>"`',
            '| decolorize',
          ])
            expect(runStages(stages, parts.join('')).kept).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    expect(runStages('| logfmt', '"='.repeat(100_000)).kept).toBe(true);
  });
});

describe('numbers, durations and sizes', () => {
  it.each([
    ['1.5', 1.5],
    ['-.5e3', -500],
    ['+Inf', Number.POSITIVE_INFINITY],
    ['-infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    ['0x1.8p1', 3],
    ['1_000.5', 1000.5],
  ])('float %s', (text, value) => {
    expect(parseGoFloat(text)).toEqual({ ok: true, value });
  });

  it.each(['', ' 1', '1 ', '0x10', '1__0', '_1', '1_', 'x', '1e', '--1', '0x1p'])('no float %j', (text) => {
    expect(parseGoFloat(text)).toEqual({
      ok: false,
      reason: `strconv.ParseFloat: parsing "${text}": invalid syntax`,
    });
  });

  it('floats are what JavaScript prints', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        // The text of -0 has no sign.
        expect(parseGoFloat(String(value))).toEqual({ ok: true, value: value + 0 });
      }),
    );
    expect(parseGoFloat('1e999')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('value out of range'),
    });
  });

  it.each([
    ['1h30m', 5.4e12],
    ['1.5s', 1.5e9],
    ['-2us', -2000],
    ['3µs', 3000],
    ['0', 0],
    ['0.1s', 1e8],
    ['.5ms', 5e5],
  ])('duration %s', (text, ns) => {
    expect(parseGoDuration(text)).toEqual({ ok: true, value: ns });
  });

  it.each([
    ['90', 'time: missing unit in duration "90"'],
    ['x', 'time: invalid duration "x"'],
    ['', 'time: invalid duration ""'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1h.m', 'time: invalid duration "1h.m"'],
    ['9999999h', 'time: invalid duration "9999999h"'],
  ])('no duration %j', (text, reason) => {
    expect(parseGoDuration(text)).toEqual({ ok: false, reason });
  });

  it('durations and sizes of a query read back as they are printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), (ns) => {
        expect(parseQueryDuration(formatQueryDuration(Math.abs(ns)))).toEqual({
          ok: true,
          value: Math.abs(ns),
        });
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
        expect(parseByteSize(formatByteSize(bytes))).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  it.each([
    ['3MB', 3e6],
    ['1.5 kib', 1536],
    ['1,000b', 1000],
    ['42', 42],
    ['1EiB', 2 ** 60],
  ])('size %s', (text, bytes) => {
    expect(parseByteSize(text)).toEqual({ ok: true, value: bytes });
  });

  it('says what is no size', () => {
    expect(parseByteSize('3XB')).toEqual({ ok: false, reason: 'unhandled size name: xb' });
    expect(parseByteSize('99EiB')).toEqual({ ok: false, reason: 'too large: 99EiB' });
  });
});

it('reads hostile values in time that grows with their length', () => {
  const n = 100_000;
  for (const value of [
    `${'1'.repeat(n)}x`,
    `0x${'f'.repeat(n)}`,
    `${'1.'.repeat(n)}x`,
    '1s'.repeat(n / 10),
    `${'1_'.repeat(n)}x`,
    '\n'.repeat(n),
  ]) {
    const line = `v="${value}"`;
    for (const stages of [
      '| logfmt | v > 1',
      '| logfmt | v > 1s',
      '| logfmt | v > 1MB',
      '| logfmt | v = ip("10.0.0.0/8")',
      '| logfmt | label_format a=`{{ .v | b64dec }}`, b=`{{ int .v }}{{ float64 .v }}{{ .v | trim | trunc 5 }}`',
      '| logfmt | label_format a=`{{ toDate "2006-01-02" .v }}{{ .v | title | trunc 3 }}`',
      '| pattern `<a>"<b>"` | decolorize',
      '| regexp `v="(?P<x>[^"]*)"` | json',
    ])
      expect(runStages(stages, line).line.length).toBeGreaterThan(0);
  }
});

describe('addresses', () => {
  it.each([
    ['10.0.0.1', 'x 10.0.0.1 y', true],
    ['10.0.0.1', '10.0.0.10', false],
    ['10.0.0.0/8', '[10.255.0.1]:443', true],
    ['0.0.0.0/0', '1.2.3.4.5', false],
    ['192.168.1.1-192.168.1.9', '192.168.1.9', true],
    ['2001:db8::/32', 'from 2001:db8::1, port 5', true],
    ['::1', 'at [::1]:80', true],
    ['::ffff:0:0/96', '::ffff:10.0.0.1', true],
    ['::1', 'time 10:11:12', false],
    ['fe80::1', 'fe80::1: gone', true],
  ])('%s in %j is %s', (pattern, line, inside) => {
    expect(compileIp(pattern)(line)).toBe(inside);
  });

  it.each([
    '',
    'x',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4/33',
    '::1/129',
    '10.0.0.9-10.0.0.1',
    '1.2.3.4-::1',
    '1::2::3',
    '01.2.3.4',
    '1.2.3.4/8/8',
  ])('refuses %j', (pattern) => {
    expect(() => compileIp(pattern)).toThrow(StageError);
  });

  it('looks through long lines in little time', () => {
    for (const line of ['a'.repeat(300_000), '1.'.repeat(150_000), ':'.repeat(300_000), 'f:'.repeat(150_000)])
      for (const pattern of ['10.0.0.0/8', '::1']) expect(compileIp(pattern)(line)).toBe(false);
  });
});

describe('searching', () => {
  it('finds what RE2 finds, by whatever way', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      'ab',
      '.',
      '.*',
      '.+',
      '|',
      '(a|b)',
      '(?:c)',
      '[ab]',
      'x?',
      'y+',
      'z{2}',
      '\\d',
      '\\.',
      '^',
      '$',
      '(?i)',
      '(?i)ab',
      ' ',
      'ü',
      '-',
      '[^a]b',
      '\\x41',
    );
    const line = fc.array(
      fc.constantFrom('a', 'b', 'B', 'A', 'c', 'x', 'y', 'zz', '1', '.', '\n', ' ', 'ü', '-', '\u017f', 'K'),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        fc.array(line, { maxLength: 6 }),
        (parts, lines) => {
          const pattern = parts.join('');
          let wanted: ReturnType<typeof compileRe2>;
          try {
            wanted = compileRe2(pattern);
          } catch (error) {
            expect(error).toBeInstanceOf(StageError);
            expect(() => compileSearch(pattern)).toThrow(StageError);
            return;
          }
          const test = compileSearch(pattern);
          for (const one of lines)
            expect(test(one.join('')), `${pattern} on ${JSON.stringify(one.join(''))}`).toBe(
              wanted.test(one.join('')),
            );
        },
      ),
      { numRuns: 700 },
    );
  });
});
