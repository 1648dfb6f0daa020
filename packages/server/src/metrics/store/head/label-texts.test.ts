import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LabelIndex } from './label-index.ts';
import { namesAmong, valuesAmong } from './label-texts.ts';
import { SeriesPages } from './series-pages.ts';

it('finds the names and values of the series that count, whatever the lists look like', () => {
  const set = fc.record({
    a: fc.integer({ min: 0, max: 3 }),
    b: fc.constantFrom('', 'x', 'y'),
    chosen: fc.boolean(),
    accepted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(set, { maxLength: 80 }), fc.boolean(), (sets, all) => {
      const labels = sets.map(({ a, b }) => Labels.fromRecord({ a: String(a), b }));
      const pages = new SeriesPages();
      const index = new LabelIndex(pages);
      labels.forEach((one, low) => {
        const pairs = index.pairsOf(one);
        index.add(pages.add({ tenant: 0, key: { metric: 0, low, high: 0 }, pairs }), pairs);
      });
      const refs = Uint32Array.from(sets.flatMap(({ chosen }, i) => (chosen ? [i + 1] : [])));
      const accepts = (ref: number): boolean => sets[ref - 1]?.accepted === true;
      const among = { refs: all ? undefined : refs, accepts };
      const counted = labels.filter((_, i) => accepts(i + 1) && (all || sets[i]?.chosen === true));
      const names = new Set(counted.flatMap((one) => ['a', 'b'].filter((name) => one.has(name))));
      expect([...namesAmong(index, among)].sort()).toEqual([...names].sort());
      for (const name of ['a', 'b', 'none']) {
        const values = new Set(counted.map((one) => one.get(name)).filter((value) => value !== ''));
        expect([...valuesAmong(index, name, among)].sort()).toEqual([...values].sort());
      }
    }),
  );
});
