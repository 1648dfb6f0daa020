import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countQuery,
  type Filters,
  filtersOf,
  NO_FILTERS,
  placeOf,
  queryOf,
  withParsed,
  withPattern,
  withTerm,
} from './query.ts';

const text = fc.string({ minLength: 1, unit: 'binary' });
const filters: fc.Arbitrary<Filters> = fc.record({
  services: fc.uniqueArray(text, { maxLength: 3 }),
  levels: fc.uniqueArray(fc.constantFrom('error', 'warn', 'info', 'unknown'), { maxLength: 3 }),
  text: fc.string({ unit: 'binary' }),
  patterns: fc.array(
    fc.record({ op: fc.constantFrom('|>' as const, '!>' as const), pattern: fc.string({ unit: 'binary' }) }),
    { maxLength: 3 },
  ),
  parser: fc.constantFrom('' as const, 'json' as const, 'logfmt' as const),
  terms: fc.array(
    fc.record({
      name: fc.constantFrom('request_id', 'env', '_x1'),
      op: fc.constantFrom('=' as const, '!=' as const),
      value: fc.string({ unit: 'binary' }),
    }),
    { maxLength: 3 },
  ),
});

describe('filters as LogQL', () => {
  it('writes services as the selector, then the text, the levels and the terms', () => {
    expect(queryOf(NO_FILTERS)).toBe('{service_name=~".+"}');
    expect(
      queryOf({
        services: ['order', 'a.b'],
        levels: ['error'],
        text: 'no "stock"',
        patterns: [{ op: '!>', pattern: 'ping <_>' }],
        parser: 'json',
        terms: [{ name: 'request_id', op: '!=', value: 'r-1' }],
      }),
    ).toBe(
      '{service_name=~"order|a\\\\.b"} |= "no \\"stock\\"" !> "ping <_>" | json | detected_level="error" | request_id!="r-1"',
    );
  });

  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(filters, (given) => {
        expect(filtersOf(queryOf(given))).toEqual(given);
      }),
    );
  });

  it.each([
    '{service_name=~"a.*"}',
    String.raw`{service_name=~"\\d|b"}`,
    '{app="order"}',
    '{service_name="a"} | json x="y"',
    '{service_name="a"} | jsonx',
    '{service_name="a"} | json | json',
    '{service_name="a"} | logfmt --strict',
    '{service_name="a"} |> `x`',
    '{service_name="a"} |~ "x"',
    '{service_name="a"} |= "x" |= "y"',
    '{service_name="a"} | n > 3',
    '{service_name="a"} | detected_level=~"err.*"',
    '{service_name="a"} | env=~"a|b"',
    String.raw`{service_name="\x41"}`,
    'sum(rate({service_name="a"}[1m]))',
    '{service_name="a"',
    '',
  ])('leaves a query that says more as it is: %s', (query) => {
    expect(filtersOf(query)).toBeNull();
  });

  it('adds a condition to filters and to any other query', () => {
    const term = { name: 'env', op: '=', value: 'x' } as const;
    expect(withTerm('{service_name="a"} | env!="x"', term)).toBe('{service_name="a"} | env="x"');
    expect(withTerm('{service_name="a"}', { name: 'service_name', op: '=', value: 'b' })).toBe(
      '{service_name="b"}',
    );
    expect(withTerm('{app="a"} | json # why', term)).toBe('{app="a"} | json # why\n| env="x"');
  });

  it('shows one pattern or leaves patterns out, and reads fields for a condition on them', () => {
    const one = withPattern('{service_name="a"}', { op: '!>', pattern: 'ping <_>' });
    expect(withPattern(one, { op: '|>', pattern: 'got <_>' })).toBe(
      '{service_name="a"} !> "ping <_>" |> "got <_>"',
    );
    expect(withPattern(one, { op: '|>', pattern: 'ping <_>' })).toBe('{service_name="a"} |> "ping <_>"');
    expect(withPattern('{app="a"} # x', { op: '!>', pattern: 'p' })).toBe('{app="a"} # x\n!> "p"');
    const term = { name: 'status', op: '=', value: '500' } as const;
    expect(withParsed('{service_name="a"}', 'json', term)).toBe('{service_name="a"} | json | status="500"');
    expect(withParsed('{app="a"}', 'logfmt', term)).toBe('{app="a"}\n| logfmt\n| status="500"');
  });

  it('counts by level, whatever the query ends with', () => {
    expect(countQuery('{a="b"} # all', 5)).toBe(
      'sum by (detected_level) (count_over_time({a="b"} # all\n[5s]))',
    );
  });
});

describe('the place of an error', () => {
  it('is told in words and as an offset, columns counted in characters', () => {
    const query = '{a="😀"}\n| jsn';
    expect(placeOf('parse error at line 2, col 3: unexpected IDENTIFIER', query)).toEqual({
      words: 'The query cannot be read at character 3 of line 2',
      reason: 'unexpected IDENTIFIER',
      at: 11,
    });
    expect(placeOf('parse error at line 1, col 7: x', '{a="😀"}')?.at).toBe(7);
    expect(placeOf('parse error at line 1, col 9: end', '{a="b"}')?.words).toBe(
      'The query cannot be read at its end',
    );
    expect(placeOf('too many series', '{a="b"}')).toBeNull();
  });
});
