import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cardRule } from './card.ts';

it('looks at every line in which there may be a card number', () => {
  const part = fc.oneof(
    fc.constantFrom('4', '0', ' ', '-', 'a', '"', '4111 1111 1111 1111', '411111111111111'),
    fc.string({ unit: fc.constantFrom('7', '-'), maxLength: 30 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const line = parts.join('');
      expect(cardRule.mayMatch?.(Buffer.from(line))).toBe(/(?:\d[ -]*){13}/.test(line));
    }),
  );
});
