import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PharosError } from '../../kernel/errors.ts';
import { isObject, type JsonObject } from '../event.ts';
import { baselineOf, eventOf } from '../testing/setup.ts';
import { evaluate } from './evaluate.ts';
import { parseExpression } from './parse.ts';

const DATA: JsonObject = {
  latency: 700,
  name: 'Checkout',
  tags: ['a', 'b'],
  nested: { list: [{ x: 1 }, { x: 2 }], 'odd key': 5 },
  ok: true,
  nothing: null,
  text: '42',
};
const value = (text: string, data = DATA) =>
  evaluate(
    parseExpression(text),
    eventOf(data, { source: 'shop', eventType: 'order', metadata: { region: 'eu' } }),
  );

describe('values', () => {
  it.each<[string, unknown]>([
    ['data.latency > 500', true],
    ['data.latency > 700', false],
    ['data.latency >= 700 and source == "shop"', true],
    ["event_type == 'order' && metadata.region != 'us'", true],
    ['not (data.latency < 500 or data.latency > 600)', false],
    ['!data.ok', false],
    ['data.tags contains "a"', true],
    ['"c" in data.tags', false],
    ['"c" not in data.tags', true],
    ['source in ["shop", "auth"]', true],
    ['"out" in lower(data.name)', true],
    ['data.name startswith "Check"', true],
    ['data.name endswith "x"', false],
    ['data.name matches "^[A-Z][a-z]+$"', true],
    ['data.nested.list[1].x', 2],
    ['data.nested.list[2].x', null],
    ['data["nested"]["odd key"] + 2 * 3', 11],
    ['(1 + 2) * -3', -9],
    ['7 % 4 - 1 / 2', 2.5],
    ['1 / 0', null],
    ['"a" + "b"', 'ab'],
    ['"a" + 1', null],
    ['data.missing', null],
    ['data.missing > 1', false],
    ['data.missing == null', true],
    ['exists(data.nothing)', false],
    ['exists(data.ok)', true],
    ['len(data.tags) + len("abc") + len(data.nested)', 7],
    ['number(data.text) + 1', 43],
    ['abs(-3) + min(4, 2) + max(1, 9)', 14],
    ['type(data.tags) + type(data.nothing)', 'listnull'],
    ['data.text > 10', false],
    ['data.ok and 1', false],
    ['data.__proto__', null],
    ['data.constructor', null],
    ['data.tags.length', null],
    ['"__proto__" in data', false],
    ['upper("é") == "É"', true],
    ['1e3 == 1000 and .5 == 0.5', true],
    ['[1, "a", null, [true]]', [1, 'a', null, [true]]],
  ])('%s', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it('an own member named __proto__ is a member', () => {
    const parsed: unknown = JSON.parse('{"__proto__": {"x": 1}}');
    expect(isObject(parsed) && value('data["__proto__"].x', parsed)).toBe(1);
  });

  it('zscore reads the history of the source', () => {
    const baseline = baselineOf([
      ...Array.from({ length: 40 }, (_, i) => ({ n: i % 2 === 0 ? 90 : 110 })),
      { n: 130 },
    ]);
    const z = evaluate(
      parseExpression('zscore("n") > 2.9 and zscore("n") < 3.1'),
      eventOf({ n: 130 }),
      baseline,
    );
    expect([z, value('zscore("n")')]).toEqual([true, null]);
  });
});

describe('what is wrong, and where', () => {
  it.each<[string, number, string]>([
    ['', 0, 'ends where a value was expected'],
    ['data.latency >', 14, 'ends where a value was expected'],
    ['data.latency = 5', 13, 'equality is written =='],
    ['dat.latency > 5', 0, 'did you mean data?'],
    ['data.latency > 5 5', 17, 'unexpected "5"'],
    ['(1', 2, 'expected ")", found the end'],
    ['"open', 0, 'without its closing quote'],
    ['"a\\q"', 2, 'unknown escape'],
    ['foo(1)', 0, 'unknown function'],
    ['len()', 0, 'takes 1 argument(s), found 0'],
    ['1 < 2 < 3', 6, 'cannot be chained'],
    ['data.name matches "("', 18, 'no RE2 pattern'],
    ['data.name matches data.x', 18, 'expected an RE2 pattern'],
    ['data[true]', 5, 'a name in quotes or a whole number'],
    ['1e999', 0, 'too large'],
    [`${'('.repeat(50)}1`, 41, 'nested more than 40 deep'],
    [Array.from({ length: 600 }, () => '1').join('+'), 0, 'at most 500 parts'],
    ['x'.repeat(4001), 4000, 'at most 4000'],
  ])('%s', (text, position, words) => {
    let error: unknown;
    try {
      parseExpression(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(PharosError);
    if (!(error instanceof PharosError)) return;
    expect(error.code).toBe('events.badExpression');
    expect(error.message).toContain(words);
    if (position > 0) expect(error.details).toEqual({ position });
  });

  it('an evaluation ends when its steps are used up', () => {
    const big = { list: Array.from({ length: 9000 }, (_, i) => i) };
    expect(() => value('1 in data.list or 2.5 in data.list or 3.5 in data.list', { ...big })).not.toThrow();
    expect(() => value('1.5 in data.list or 2.5 in data.list', { ...big })).toThrow('more than 10000 steps');
  });
});

const WORDS = [
  'data',
  '.',
  'a',
  '[',
  ']',
  '"x"',
  '0',
  '(',
  ')',
  ',',
  'and',
  'or',
  'not',
  'in',
  '==',
  '<',
  '+',
  '-',
  '*',
  '%',
  'len',
  'matches',
  'null',
  '__proto__',
  'metadata',
  'source',
  "'",
  '!',
  '&&',
];

it('any text is an expression with a value, or is refused', () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((words) => words.join(' ')),
  );
  const data = fc.dictionary(fc.constantFrom('a', 'x', '__proto__', 'constructor'), fc.jsonValue());
  fc.assert(
    fc.property(texts, data, (text, made) => {
      const parsed: unknown = JSON.parse(JSON.stringify(made));
      try {
        const got = value(text, isObject(parsed) ? parsed : {});
        expect(JSON.stringify(got)).toBeTypeOf('string');
      } catch (error) {
        expect(error).toBeInstanceOf(PharosError);
      }
    }),
    { numRuns: 300 },
  );
});

it('an integer expression has the value that JavaScript gives it', () => {
  const numbers = fc.integer({ min: -50, max: 50 }).map((n) => `(${n})`);
  const sums = fc
    .tuple(numbers, fc.array(fc.tuple(fc.constantFrom('+', '-', '*'), numbers), { maxLength: 6 }))
    .map(([first, rest]) => first + rest.map(([operator, n]) => ` ${operator} ${n}`).join(''));
  const plain = (text: string): number =>
    text
      .split(/ (?=[+-] )/)
      .map((part) => {
        const sign = part.startsWith('- ') ? -1 : 1;
        const factors = part.replace(/^[+-] /, '').split(' * ');
        return factors.reduce((product, factor) => product * Number(factor.slice(1, -1)), sign);
      })
      .reduce((sum, part) => sum + part, 0);
  fc.assert(
    fc.property(sums, (text) => {
      expect(Number(value(text)) + 0).toBe(plain(text) + 0);
    }),
  );
});
