import { describe, expect, it } from 'vitest';
import { Derivation, LabelList } from './label-list.ts';
import { Labels } from './labels.ts';

const listOf = (count: number, lasting = true): LabelList =>
  new LabelList(
    Array.from({ length: count }, (_, i) => Labels.fromRecord({ i: String(i) })),
    lasting,
  );

/** Texts of a list, and how often they were made. */
function counted(): { texts: Derivation<string, readonly string[]>; made: () => number } {
  let made = 0;
  const texts = new Derivation<string, readonly string[]>(
    ({ sets }, name) => {
      made++;
      return sets.map((labels) => labels.get(name));
    },
    (name) => name,
  );
  return { texts, made: () => made };
}

describe('what is derived from a list of label sets', () => {
  it('is computed once per list and parameter', () => {
    const { texts, made } = counted();
    const [one, other] = [listOf(2), listOf(3)];
    for (const _ of [1, 2, 3]) {
      expect(texts.of(one, 'i')).toEqual(['0', '1']);
      expect(texts.of(one, 'none')).toEqual(['', '']);
      expect(texts.of(other, 'i')).toEqual(['0', '1', '2']);
    }
    expect(made()).toBe(3);
  });

  it('is forgotten where many parameters come, the oldest first', () => {
    const { texts, made } = counted();
    const list = listOf(2);
    for (let i = 0; i < 9; i++) texts.of(list, `label ${i}`);
    texts.of(list, 'label 8');
    expect(made()).toBe(9);
    texts.of(list, 'label 0');
    expect(made()).toBe(10);
  });

  it('is forgotten where many lists come, those that were not asked for lately first', () => {
    const { texts, made } = counted();
    const lists = Array.from({ length: 9 }, () => listOf(20_000));
    const [first, second] = lists;
    if (first === undefined || second === undefined) return expect.fail('no lists');
    for (const list of lists) {
      texts.of(list, 'i');
      texts.of(first, 'i');
    }
    expect(made()).toBe(9);
    expect(texts.of(first, 'i')).toHaveLength(20_000);
    expect(made()).toBe(9);
    texts.of(second, 'i');
    expect(made()).toBe(10);
  });

  it('does not last where a list does not, or is too long to', () => {
    expect([listOf(2).lasting, listOf(2, false).lasting, listOf(20_001).lasting]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
