import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { QueryError } from '../errors.ts';
import { Labels } from '../labels.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import type { Expr } from './ast.ts';
import { parseExpr, parseSelector } from './parser.ts';
import { formatExpr } from './printer.ts';

const ALL = {
  experimentalFunctions: true,
  durationExpressions: true,
  extendedRangeSelectors: true,
  fillModifiers: true,
} as const;

/** Pieces that make nearly valid queries, hostile ones among them. */
const FRAGMENTS = [
  ...'foo sum by ( ) { } [ ] [5m] [5m:1m] offset 5m -5m @ start() end() rate( topk(1, , = =~ != !~ == bool on'.split(
    ' ',
  ),
  ...'ignoring(a) group_left "x" \'y\' `z` __proto__ constructor {__proto__="a"} 1 0x1f 1_000 1e3 Inf NaN'.split(
    ' ',
  ),
  ...'- + * ^ </ >/ and or unless atan2 fill( anchored smoothed \\ "\\xff" \u{1f600} \u0000 : a:b'.split(' '),
  'by (__proto__)',
  '# c\n',
  '\n',
  ' ',
];

function outcome(parse: () => unknown): 'parsed' | 'refused' {
  try {
    parse();
    return 'parsed';
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({
      kind: 'bad_data',
      message: expect.stringMatching(/^\d+:\d+: parse error: ./),
    });
    return 'refused';
  }
}

describe('parser under hostile text', () => {
  it('throws nothing but a QueryError with a position', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 })),
        (text) => {
          outcome(() => parseExpr(text, ALL));
          outcome(() => parseSelector(text));
        },
      ),
      { numRuns: 600 },
    );
  });

  it('survives nearly valid text', () => {
    let parsed = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 12 }), (parts) => {
        if (outcome(() => parseExpr(parts.join(' '), ALL)) === 'parsed') parsed++;
        outcome(() => parseExpr(parts.join(''), ALL));
      }),
      { numRuns: 1500 },
    );
    expect(parsed).toBeGreaterThan(0);
  });

  it('neither hangs nor overflows on deep or long input', () => {
    for (const text of [
      '('.repeat(50_000),
      '-'.repeat(50_000),
      `${'sum('.repeat(5000)}x`,
      'a+'.repeat(50_000),
      '{a="'.repeat(9999),
    ])
      expect(outcome(() => parseExpr(text, ALL))).toBe('refused');
    expect(outcome(() => parseExpr(`x[${'('.repeat(20_000)}5m`, ALL))).toBe('refused');
    for (const text of [
      `1${'+1'.repeat(50_000)}`,
      `x${'[5m:1m]'.repeat(50_000)}`,
      `1${' ^ 1'.repeat(50_000)}`,
    ])
      expect(outcome(() => parseExpr(text, ALL))).toBe('refused');
  });
});

const name = fc.constantFrom('foo', 'a:b', 'sum', 'offset', 'start', '');
const label = fc.constantFrom('job', '__proto__', 'a.b', 'on', 'ü');
const value = fc.constantFrom('x', '', 'a"b', '\\', '\n', 'ü');
const matcher = fc
  .tuple(
    label,
    fc.constantFrom('=', '!=', '=~', '!~'),
    value.filter((text) => !text.includes('\\')),
  )
  .map(([l, op, v]) => `${JSON.stringify(l)}${op}${JSON.stringify(v)}`);
const selector = fc
  .tuple(name, fc.array(matcher, { maxLength: 2 }))
  .map(([n, matchers]) => `${n}{${[...matchers, ...(n === '' ? ['z="1"'] : [])].join(',')}}`);
const modifiers = fc.constantFrom(
  '',
  ' offset 5m',
  ' offset -1h30m',
  ' @ 12.5',
  ' @ start() offset 1w',
  ' @ end()',
);
const duration = fc.constantFrom('5m', '1h30m', '300', '1.5', '1d', '(1m + 30s)', 'step() * 2', '2 ^ 3');
const grouping = fc
  .array(label, { maxLength: 2 })
  .map((labels) => `(${labels.map((l) => JSON.stringify(l)).join(', ')})`);

const { query } = fc.letrec<{ query: string; vector: string; range: string; scalar: string }>((tie) => ({
  query: tie('vector'),
  scalar: fc.oneof(
    fc.constantFrom('1', '-2.5', '1e9', '0x1f', 'Inf', 'NaN', '5m', 'pi()', 'time()'),
    tie('vector').map((v) => `scalar(${v})`),
    fc
      .tuple(tie('scalar'), fc.constantFrom('+', '^', '== bool', '%'), tie('scalar'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
  ),
  range: fc.oneof(
    fc.tuple(selector, duration, modifiers).map(([s, d, m]) => `${s}[${d}]${m}`),
    fc
      .tuple(tie('vector'), duration, fc.constantFrom('', '1m'), modifiers)
      .map(([v, d, step, m]) => `(${v})[${d}:${step}]${m}`),
  ),
  vector: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(selector, modifiers).map(([s, m]) => s + m),
    tie('range').map((r) => `rate(${r})`),
    tie('vector').map((v) => `-${v}`),
    tie('vector').map((v) => `(${v})`),
    fc
      .tuple(fc.constantFrom('sum', 'MAX'), fc.constantFrom('by', 'without'), grouping, tie('vector'))
      .map(([a, b, g, v]) => `${a} ${b} ${g} (${v})`),
    fc.tuple(tie('scalar'), tie('vector')).map(([s, v]) => `topk(${s}, ${v})`),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom('+', '^', 'atan2', '> bool', '<=', '</', '>/'),
        fc.constantFrom('', 'on', 'ignoring'),
        grouping,
        tie('vector'),
      )
      .map(([a, op, on, g, b]) => `${a} ${op} ${on === '' ? '' : `${on} ${g} group_left ()`} ${b}`),
    fc
      .tuple(tie('vector'), fc.constantFrom('and', 'or', 'unless'), tie('vector'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie('vector'), fc.constantFrom('*', '/'), tie('scalar')).map(([a, op, b]) => `${a} ${op} ${b}`),
  ),
}));

/** A tree without positions and functions, for comparison. */
function shape(expr: Expr): unknown {
  return JSON.parse(JSON.stringify(expr, (key, inner: unknown) => (key === 'span' ? undefined : inner)));
}

it('what is as deep as allowed is also resolved, evaluated and printed', async () => {
  const query = `x${' + x'.repeat(998)}`;
  const storage = new MemoryStorage();
  storage.add(Labels.fromRecord({ __name__: 'x' }), [[0, 1]]);
  const result = await createQueryEngine().range({
    query,
    queryable: storage,
    start: 0,
    end: 60_000,
    step: 60_000,
  });
  expect(result.series[0]?.values[1]).toBe(999);
  expect(formatExpr(parseExpr(query))).toBe(query);
});

describe('printer', () => {
  it('prints what parses to the same tree, and prints that the same again', () => {
    fc.assert(
      fc.property(query, (text) => {
        // Precedence may regroup a generated text into something ill-typed.
        fc.pre(outcome(() => parseExpr(text, ALL)) === 'parsed');
        const first = parseExpr(text, ALL);
        const printed = formatExpr(first);
        const second = parseExpr(printed, ALL);
        expect(shape(second)).toEqual(shape(first));
        expect(formatExpr(second)).toBe(printed);
      }),
      { numRuns: 600 },
    );
  });
});
