import { describe, expect, it } from 'vitest';
import { matching, validateListSearch } from './list.ts';
import type { Summary } from './model.ts';

const entry = (title: string, more: Partial<Summary> = {}): Summary => ({
  uid: title,
  title,
  description: '',
  folder: '',
  tags: [],
  version: 1,
  savedAt: 0,
  savedBy: '',
  builtIn: false,
  starred: false,
  panels: 1,
  ...more,
});
const all = [
  entry('CPU', { tags: ['node'], folder: 'Infra' }),
  entry('Orders', { starred: true }),
  entry('Disk', { folder: 'Infra' }),
];
const titles = (search: Record<string, unknown>) =>
  matching(all, validateListSearch(search)).map(({ title }) => title);

describe('the list of dashboards', () => {
  it('puts favourites first and finds by words, tag, folder and star', () => {
    expect(titles({})).toEqual(['Orders', 'CPU', 'Disk']);
    expect(titles({ q: 'infra c' })).toEqual(['CPU']);
    expect(titles({ tag: 'node' })).toEqual(['CPU']);
    expect(titles({ folder: 'Infra', q: 7 })).toEqual(['CPU', 'Disk']);
    expect(titles({ starred: true })).toEqual(['Orders']);
  });
});
