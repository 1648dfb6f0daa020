import { expect, it } from 'vitest';
import { clearHistory, type HistoryStorage, readHistory, remember } from './history.ts';

function memory(): HistoryStorage & { text: string | null } {
  return {
    text: null,
    getItem() {
      return this.text;
    },
    setItem(_key, value) {
      this.text = value;
    },
  };
}

it('keeps the newest first, each set of queries once, at most a hundred', () => {
  const storage = memory();
  for (let index = 0; index < 150; index++) remember(storage, [`q${index}`], index);
  remember(storage, ['q120', ''], 500);
  const list = readHistory(storage);
  expect(list).toHaveLength(100);
  expect(list[0]).toEqual({ q: ['q120'], at: 500 });
  expect(list.filter(({ q }) => q[0] === 'q120')).toHaveLength(1);
  clearHistory(storage);
  expect(readHistory(storage)).toEqual([]);
});

it('survives what it cannot read or write', () => {
  const broken: HistoryStorage = {
    getItem: () => '{"not":"a list"}',
    setItem: () => {
      throw new Error('full');
    },
  };
  expect(readHistory(broken)).toEqual([]);
  expect(() => remember(broken, ['up'], 1)).not.toThrow();
  expect(readHistory({ ...broken, getItem: () => 'no JSON' })).toEqual([]);
});

it('does not remember nothing', () => {
  const storage = memory();
  remember(storage, ['', '  '], 1);
  expect(storage.text).toBeNull();
});
