import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DrainTree } from './drain.ts';
import { patternText, tokensOf } from './tokens.ts';

/** Whether a pattern fits a whole line, as LogQL's `|>` says. */
function fits(pattern: string, line: string): boolean {
  const [first = '', ...rest] = pattern.split('<_>');
  if (rest.length === 0) return pattern === line;
  if (!line.startsWith(first)) return false;
  let at = first.length;
  for (const [i, literal] of rest.entries()) {
    const isLast = i === rest.length - 1;
    const found =
      isLast && literal === ''
        ? line.length
        : isLast
          ? line.length - literal.length
          : line.indexOf(literal, at);
    if (found < at || !line.startsWith(literal, found)) return false;
    at = found + literal.length;
  }
  return true;
}

function mine(lines: readonly string[], limit = 100): DrainTree {
  const tree = new DrainTree(limit);
  for (const [i, line] of lines.entries()) tree.learn(tokensOf(line), i);
  return tree;
}

const patternsOf = (tree: DrainTree): string[] => [...tree.templates()].map(({ pattern }) => pattern).sort();

describe('templates', () => {
  it('are what lines have in common', () => {
    const lines = [
      ...['anna', 'bert', 'cleo'].map((user, i) => `user ${user} logged in from 10.0.0.${i} after ${i}ms`),
      ...['cart', 'order'].map((what) => `level=error msg="cannot save ${what}: timeout" trace=${what}77`),
      'GET /api/v1/order/17 200',
      'GET /api/v1/order/18 404',
      '{"level":"info","msg":"started","port":8001}',
      '{"level":"info","msg":"started","port":8003}',
    ];
    expect(patternsOf(mine(lines))).toEqual([
      'GET <_> <_>',
      'level=error msg="cannot save <_>: timeout" trace=<_>',
      'user <_> logged in from <_> after <_>',
      '{"level":"info","msg":"started","port":<_>}',
    ]);
  });

  it('stay apart where little is the same', () => {
    expect(mine(['connection to db lost', 'connection of a closed']).size).toBe(2);
  });

  it('are bounded: the one not seen for longest goes', () => {
    const names = Array.from({ length: 50 }, (_, i) => `${'x'.repeat(i + 1)}y happened`);
    const tree = mine(names, 10);
    expect(tree.size).toBe(10);
    expect(patternsOf(tree)).toEqual(names.slice(40).sort());
  });

  it('are read back from their text', () => {
    const line = fc.array(fc.oneof(fc.string(), fc.constantFrom('a', ' ', '=', '7', '<_>', '"', 'word')), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(line, (parts) => {
        const tokens = tokensOf(parts.join(''));
        // Where a line itself says <_>, it becomes a variable, which fits it too.
        const again = tokensOf(patternText(tokens));
        expect(patternText(again)).toBe(patternText(tokens));
      }),
    );
  });

  it('fit every line they were made of', () => {
    const word = fc.constantFrom(
      'user',
      'anna',
      'bert',
      'failed',
      '17',
      '10.0.0.1',
      'x'.repeat(70),
      '/a/b',
      'ä',
    );
    const between = fc.constantFrom(' ', '  ', '=', ': ', '="', '" ', ',', '{', '}');
    const line = fc
      .array(fc.tuple(word, between), { minLength: 1, maxLength: 250 })
      .map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (lines) => {
        const tree = new DrainTree(100);
        const learned = lines.map((text, i) => [text, tree.learn(tokensOf(text), i).template] as const);
        for (const [text, template] of learned) expect(fits(template.pattern, text)).toBe(true);
      }),
    );
  });

  it('take any text, in bounded time and memory', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3000, unit: 'binary' }), (text) => {
        expect(tokensOf(text).length).toBeLessThanOrEqual(161);
      }),
    );
    expect(
      mine(
        Array.from({ length: 300 }, (_, i) => `a${' b'.repeat(i)}`),
        20,
      ).size,
    ).toBe(20);
  });
});
