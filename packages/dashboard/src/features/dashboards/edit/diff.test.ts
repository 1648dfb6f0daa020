import { describe, expect, it } from 'vitest';
import { differences } from './diff.ts';

describe('differences of versions', () => {
  it('name the panel and the setting, whatever the order', () => {
    const before = {
      title: 'A',
      panels: [
        { id: 1, title: 'CPU', grid: { x: 0 } },
        { id: 2, title: 'Gone' },
      ],
    };
    const after = {
      title: 'B',
      panels: [
        { id: 3, title: 'New' },
        { id: 1, title: 'CPU', grid: { x: 4 } },
      ],
    };
    expect(
      differences(before, after).map(({ kind, path, before: b, after: a }) => [kind, path, b, a]),
    ).toEqual([
      ['changed', 'title', 'A', 'B'],
      ['changed', 'panels › CPU (1) › grid › x', '0', '4'],
      ['removed', 'panels › Gone (2)', '{"id":2,"title":"Gone"}', ''],
      ['added', 'panels › New (3)', '', '{"id":3,"title":"New"}'],
    ]);
    expect(differences(before, structuredClone(before))).toEqual([]);
  });
});
