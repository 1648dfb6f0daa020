import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Top } from './top.ts';

it('is the head of the sorted list, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ name: fc.string(), figure: fc.nat(5) }), { selector: ({ name }) => name }),
      fc.integer({ min: 1, max: 5 }),
      (entries, most) => {
        const top = new Top<{ name: string; figure: number }>(most, ({ figure }) => figure);
        for (const entry of entries) if (top.wants(entry.figure)) top.add(entry);
        const sorted = entries.toSorted((a, b) => b.figure - a.figure || (a.name < b.name ? -1 : 1));
        expect(top.list()).toEqual(sorted.slice(0, most));
      },
    ),
  );
});
