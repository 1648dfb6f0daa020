import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NeedleSet } from '../logs/index.ts';
import { eventsSection } from './config.ts';
import { isObject, type JsonObject } from './event.ts';
import { Mask } from './mask.ts';

function masked(data: JsonObject, fields: readonly string[] = []): JsonObject {
  const { mask } = eventsSection.schema.parse({ mask: { fields } });
  const made = new Mask({
    names: mask.fields,
    values: mask.values,
    needles: (texts) => new NeedleSet(texts),
    masked: () => {},
  });
  const bytes = Buffer.from(JSON.stringify(data));
  return made.apply(data, made.mayHide(bytes, 0, bytes.length));
}

it.each<[JsonObject, JsonObject]>([
  [{ a: 1 }, { a: 1 }],
  [
    { password: 'x', user: 'ann' },
    { password: '[REDACTED]', user: 'ann' },
  ],
  [
    { dbPassword: 'x', 'api-key': 'y', PIN: 1234 },
    { dbPassword: '[REDACTED]', 'api-key': '[REDACTED]', PIN: '[REDACTED]' },
  ],
  [
    { password: null, has_password: true },
    { password: null, has_password: true },
  ],
  [{ deep: [{ card_number: '1' }] }, { deep: [{ card_number: '[REDACTED]' }] }],
  [{ note: 'Authorization: Bearer abcdefgh123' }, { note: 'Authorization: Bearer [REDACTED]' }],
  [{ url: 'http://u:pw@h/' }, { url: 'http://u:[REDACTED]@h/' }],
  [{ note: 'paid by 4111 1111 1111 1111' }, { note: 'paid by [REDACTED]' }],
  [{ customer_number: 'k-7' }, { customer_number: '[REDACTED]' }],
  [
    { spin: 3, tokens_used: 9, shipping: 'x' },
    { spin: 3, tokens_used: 9, shipping: 'x' },
  ],
])('%j', (data, expected) => {
  expect(masked(data, ['customerNumber'])).toEqual(expected);
});

it('keeps every name, __proto__ too, and changes nothing that need not be', () => {
  const names = fc.constantFrom('a', '__proto__', 'constructor', 'toString', 'password');
  fc.assert(
    fc.property(fc.array(fc.tuple(names, fc.jsonValue())), (entries) => {
      const parsed: unknown = JSON.parse(JSON.stringify(Object.fromEntries(entries)));
      if (!isObject(parsed)) return;
      const out = masked(parsed);
      expect(Object.keys(out)).toEqual(Object.keys(parsed));
      expect(Object.getPrototypeOf(out)).toBe(Object.prototype);
    }),
  );
});
