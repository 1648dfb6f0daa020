/** A query as a panel keeps it. */
export interface PanelQuery {
  readonly ref: string;
  readonly expr: string;
}

interface Placed {
  readonly id: number;
  readonly grid: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

export interface NewPanel {
  readonly title: string;
  readonly queries: readonly PanelQuery[];
  readonly table: boolean;
}

const WIDTH = 12;
const HEIGHT = 8;

/** The dashboard with one panel more, below all others. */
export function withPanel<T extends { readonly panels: readonly Placed[] }>(
  dashboard: T,
  { title, queries, table }: NewPanel,
) {
  const id = Math.max(0, ...dashboard.panels.map((panel) => panel.id)) + 1;
  const y = Math.max(0, ...dashboard.panels.map(({ grid }) => grid.y + grid.h));
  const panel = {
    id,
    type: table ? 'table' : 'timeseries',
    title,
    grid: { x: 0, y, w: WIDTH, h: HEIGHT },
    queries: queries.map(({ ref, expr }) => ({
      ref,
      expr,
      ...(table ? { instant: true, format: 'table' } : {}),
    })),
  };
  return { ...dashboard, panels: [...dashboard.panels, panel] };
}
