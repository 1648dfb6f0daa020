import { expect, it } from 'vitest';
import { ParsedTexts } from './parsed.ts';
import { formatExpr } from './printer.ts';

it('parses a text once, as the parser does, and what is wrong each time', () => {
  const texts = new ParsedTexts({});
  const first = texts.parse('sum(rate(x[5m]))');
  expect(formatExpr(first)).toBe('sum(rate(x[5m]))');
  expect(texts.parse('sum(rate(x[5m]))')).toBe(first);
  expect(() => texts.parse('sum(')).toThrow();
  expect(() => texts.parse('sum(')).toThrow();
});

it('forgets the text that was not asked for longest, and keeps no long ones', () => {
  const texts = new ParsedTexts({});
  const often = texts.parse('often');
  const rare = texts.parse('rare');
  for (let i = 0; i < 127; i++) {
    texts.parse(`x${i}`);
    expect(texts.parse('often')).toBe(often);
  }
  expect(texts.parse('rare')).not.toBe(rare);
  const long = `x{a="${'b'.repeat(5000)}"}`;
  expect(texts.parse(long)).not.toBe(texts.parse(long));
});
