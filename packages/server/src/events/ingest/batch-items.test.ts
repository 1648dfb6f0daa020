import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchItems } from './batch-items.ts';

const itemsOf = (text: string): string[] => {
  const bytes = Buffer.from(text);
  return [...batchItems(bytes)].map(({ start, end }) => bytes.toString('utf8', start, end));
};

it.each<[string, string[]]>([
  ['', []],
  ['  \n ', []],
  ['[]', []],
  [' [ ] ', []],
  ['[{"a":1}, {"b":[1,2]}]', ['{"a":1}', '{"b":[1,2]}']],
  ['[{"a":"],}"},2]', ['{"a":"],}"}', '2']],
  ['[{"a":"\\"]"},2]', ['{"a":"\\"]"}', '2']],
  ['[1,,2]', ['1', '', '2']],
  ['[1,]', ['1', '']],
  ['[1] x', ['1', 'x']],
  ['[{"a":1},{"b"', ['{"a":1}', '{"b"', '']],
  ['{"a":1}\n\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
  ['{"a":1}\nx\n{"b":2}', ['{"a":1}', 'x', '{"b":2}']],
  ['\ufeff[1,2]', ['1', '2']],
])('%j', (text, expected) => {
  expect(itemsOf(text)).toEqual(expected);
});

it('finds every item, whatever stands in it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      fc.constantFrom('', ' ', '\n '),
      (values, blank) => {
        const texts = values.map((value) => JSON.stringify(value));
        expect(itemsOf(`[${blank}${texts.join(`${blank},${blank}`)}${blank}]`)).toEqual(texts);
        const lines = texts.filter((text) => !text.startsWith('['));
        expect(itemsOf(lines.join('\n'))).toEqual(lines);
      },
    ),
  );
});
