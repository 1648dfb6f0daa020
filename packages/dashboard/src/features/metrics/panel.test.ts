import { expect, it } from 'vitest';
import { withPanel } from './panel.ts';

const queries = [{ ref: 'A', expr: 'up' }];

it('puts the panel below all others, with an id of its own', () => {
  const dashboard = { title: 'x', panels: [{ id: 7, grid: { x: 12, y: 4, w: 12, h: 9 } }] };
  const { title, panels } = withPanel(dashboard, { title: 'Up', queries, table: false });
  expect(title).toBe('x');
  expect(panels[1]).toEqual({
    id: 8,
    type: 'timeseries',
    title: 'Up',
    grid: { x: 0, y: 13, w: 12, h: 8 },
    queries: [{ ref: 'A', expr: 'up' }],
  });
});

it('asks for one instant where a table is wanted', () => {
  const { panels } = withPanel({ panels: [] }, { title: '', queries, table: true });
  expect(panels[0]).toMatchObject({ id: 1, type: 'table', queries: [{ instant: true, format: 'table' }] });
});
