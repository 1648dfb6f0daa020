import type { Panel } from '../model.ts';
import type { Chosen, Values } from '../vars/interpolate.ts';
import { COLUMNS, compact } from './layout.ts';

/** A panel as it stands on the page: one of several copies has values of its own. */
export interface Shown {
  /** Its own among all that are shown. */
  readonly id: number;
  readonly key: string;
  readonly panel: Panel;
  readonly values: Values;
  readonly isCopy: boolean;
}

const MAX_COPIES = 50;

function each(variable: string, values: Values): readonly Chosen[] {
  const chosen = values.get(variable);
  if (chosen === undefined || chosen.literal === true) return [];
  return chosen.values
    .slice(0, MAX_COPIES)
    .map((value) => ({ values: [value], text: value, multi: chosen.multi }));
}

function inSections(
  panels: readonly Panel[],
): { readonly row: Panel | null; readonly panels: readonly Panel[] }[] {
  const ordered = panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  const sections: { row: Panel | null; panels: Panel[] }[] = [{ row: null, panels: [] }];
  for (const panel of ordered) {
    if (panel.type === 'row') sections.push({ row: panel, panels: [] });
    else sections.at(-1)?.panels.push(panel);
  }
  return sections;
}

function copiesOf(panel: Panel, values: Values, key: string): Shown[] {
  const { repeat } = panel;
  const copies = repeat === undefined ? [] : each(repeat.variable, values);
  if (repeat === undefined || copies.length === 0) return [{ id: 0, key, panel, values, isCopy: false }];
  const perRow = Math.max(1, Math.min(repeat.perRow, copies.length));
  const w = repeat.direction === 'vertical' ? panel.grid.w : Math.max(1, Math.floor(COLUMNS / perRow));
  return copies.map((chosen, index) => {
    const grid =
      repeat.direction === 'vertical'
        ? { ...panel.grid, y: panel.grid.y + index * panel.grid.h }
        : {
            ...panel.grid,
            w,
            x: (index % perRow) * w,
            y: panel.grid.y + Math.floor(index / perRow) * panel.grid.h,
          };
    return {
      id: 0,
      key: `${key}/${chosen.text}`,
      panel: { ...panel, grid },
      values: new Map([...values, [repeat.variable, chosen]]),
      isCopy: index > 0,
    };
  });
}

/** Every panel as often as its variable has values, rows with all that stands below them; ids are new where there are copies. */
export function unfold(panels: readonly Panel[], values: Values): readonly Shown[] {
  const shown: Shown[] = [];
  let offset = 0;
  for (const { row, panels: inside } of inSections(panels)) {
    const chosen = row?.repeat === undefined ? [] : each(row.repeat.variable, values);
    const rounds = chosen.length === 0 ? [undefined] : chosen;
    rounds.forEach((one, round) => {
      const own: Values =
        one === undefined || row?.repeat === undefined
          ? values
          : new Map([...values, [row.repeat.variable, one]]);
      const suffix = one === undefined ? '' : `@${one.text}`;
      const made = inside.flatMap((panel) => copiesOf(panel, own, `${panel.id}${suffix}`));
      const top = row?.grid.y ?? 0;
      const height = made.reduce((low, { panel }) => Math.max(low, panel.grid.y + panel.grid.h - top), 1);
      const shift = (panel: Panel): Panel => ({
        ...panel,
        grid: { ...panel.grid, y: panel.grid.y + offset },
      });
      if (row !== null)
        shown.push({ id: 0, key: `${row.id}${suffix}`, panel: shift(row), values: own, isCopy: round > 0 });
      shown.push(
        ...made.map((copy) => ({ ...copy, panel: shift(copy.panel), isCopy: copy.isCopy || round > 0 })),
      );
      const before = inside.reduce((low, { grid }) => Math.max(low, grid.y + grid.h - top), 1);
      offset += round === rounds.length - 1 ? height - before : height;
    });
  }
  const settled = compact(shown.map((one, id) => ({ ...one, id, grid: one.panel.grid })));
  return settled.map(({ grid, ...one }) => ({ ...one, panel: { ...one.panel, grid } }));
}
