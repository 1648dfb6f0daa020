import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelsText } from './label-json.ts';

it('is JSON, for any names and values, at the first and at the next asking', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '\\', '\u0000', '\ud800', '__proto__'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (pairs) => {
      const labels = Labels.fromPairs(pairs);
      const flat: string[] = [];
      for (const _ of [1, 2, 3]) {
        flat.length = 0;
        for (const match of Object.entries(JSON.parse(labelsText(labels)) as Record<string, string>))
          flat.push(...match);
        const expected = JSON.parse(`{${asJson(labels)}}`) as Record<string, string>;
        expect(flat).toEqual(Object.entries(expected).flat());
      }
    }),
  );
});

it('forgets after so many label sets, and answers the same', () => {
  const many = Array.from({ length: 25_000 }, (_, i) => Labels.fromRecord({ a: String(i) }));
  const wrong = [...many, ...many, ...many].filter(
    (labels) => labelsText(labels) !== `{"a":"${labels.get('a')}"}`,
  );
  expect(wrong).toEqual([]);
});

function asJson({ pairs }: Labels): string {
  const parts: string[] = [];
  for (let i = 0; i < pairs.length; i += 2)
    parts.push(`${JSON.stringify(pairs[i])}:${JSON.stringify(pairs[i + 1])}`);
  return parts.join();
}
