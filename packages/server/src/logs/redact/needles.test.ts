import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bitOf, NeedleSet } from './needles.ts';

it('misses no text that is there', () => {
  const text = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'b', '@', 'ä', ':') });
  fc.assert(
    fc.property(
      fc.array(fc.array(text, { maxLength: 3 }), { maxLength: 40 }),
      fc.array(text),
      (groups, line) => {
        const set = new NeedleSet(groups);
        const bytes = Buffer.from(`x${line.join('')}x`);
        const found = set.look(bytes, 1, bytes.length - 1);
        for (const [group, needles] of groups.entries())
          if (needles.some((needle) => line.join('').includes(needle)))
            expect(found & bitOf(group)).not.toBe(0);
      },
    ),
  );
});

it('finds nothing in most lines that have nothing', () => {
  const set = new NeedleSet([['password', '@'], ['://']]);
  const look = (line: string) => set.look(Buffer.from(line), 0, line.length);
  expect(look('GET /orders 200 12ms')).toBe(0);
  expect(look('the password')).toBe(bitOf(0));
  expect(look('http://x')).toBe(bitOf(1));
  expect(look('a@b ://')).toBe(bitOf(0) | bitOf(1));
});
