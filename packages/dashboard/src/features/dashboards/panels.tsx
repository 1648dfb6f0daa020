import { ActionIcon, Button, Menu } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { TimeRange } from '../../time/range.ts';
import type { Marker } from '../../ui/chart/plot.ts';
import type { Zone } from '../../ui/format.ts';
import { IconDots } from '../../ui/icons.ts';
import styles from './dashboards.module.css';
import { Grid, RowHead } from './grid/grid.tsx';
import { fold, type Place } from './grid/layout.ts';
import { type Shown, unfold } from './grid/repeat.ts';
import type { Panel } from './model.ts';
import { type PanelAction, PanelView } from './panel/panel-view.tsx';
import { fillText, type Values } from './vars/interpolate.ts';

export interface PanelsProps {
  readonly panels: readonly Panel[];
  readonly values: Values;
  readonly ready: boolean;
  readonly range: TimeRange;
  readonly zone: Zone;
  readonly refresh: string;
  readonly markers: readonly Marker[];
  readonly editing: boolean;
  /** The key of the panel that fills the page. */
  readonly viewed: string | undefined;
  readonly onView: (key: string | undefined) => void;
  readonly onPlace: (id: number, place: Place) => void;
  readonly onEdit: (id: number) => void;
  readonly onRemove: (id: number) => void;
  readonly onDuplicate: (id: number) => void;
}

/** All panels on their grid, folded and repeated; or one of them alone. */
export function Panels(props: PanelsProps) {
  const { panels, values, editing, viewed, onView } = props;
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const tiles = useMemo(() => {
    // While panels are moved each stands once, where it is kept.
    const shown: readonly Shown[] = editing
      ? panels.map((panel) => ({ id: panel.id, key: String(panel.id), panel, values, isCopy: false }))
      : unfold(panels, values);
    const all = shown.map((one) => ({
      ...one,
      title: fillText(one.panel.title, one.values),
      grid: one.panel.grid,
      movable: !one.isCopy,
      isRow: one.panel.type === 'row',
      collapsed:
        one.panel.type === 'row' &&
        !editing &&
        (folds.get(one.key) ?? one.panel.options['collapsed'] === true),
    }));
    return editing ? all : fold(all);
  }, [panels, values, editing, folds]);
  const alone =
    viewed === undefined || editing ? undefined : unfold(panels, values).find(({ key }) => key === viewed);
  useEffect(() => {
    if (alone === undefined) return;
    const leave = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) onView(undefined);
    };
    window.addEventListener('keydown', leave);
    return () => window.removeEventListener('keydown', leave);
  }, [alone === undefined, onView]);
  const { ready, range, zone, refresh, markers } = props;
  const common = { ready, range, zone, refresh, markers };
  if (alone !== undefined) {
    return (
      <div className={styles['alone']}>
        <Button size="xs" variant="default" onClick={() => onView(undefined)}>
          Back to the dashboard (Esc)
        </Button>
        <div>
          <PanelView panel={alone.panel} values={alone.values} actions={[]} {...common} />
        </div>
      </div>
    );
  }
  return (
    <Grid tiles={tiles} editing={editing} onPlace={props.onPlace}>
      {(tile, handle) => {
        const edits: readonly PanelAction[] = editing
          ? [
              { label: 'Edit', run: () => props.onEdit(tile.panel.id) },
              { label: 'Duplicate', run: () => props.onDuplicate(tile.panel.id) },
              { label: 'Remove', run: () => props.onRemove(tile.panel.id) },
            ]
          : [];
        if (tile.isRow)
          return (
            <RowHead
              title={tile.title}
              collapsed={tile.collapsed}
              onToggle={() => setFolds(new Map([...folds, [tile.key, !tile.collapsed]]))}
              handle={handle}
              actions={edits.length === 0 ? null : <RowMenu title={tile.title} actions={edits} />}
            />
          );
        const looks: readonly PanelAction[] = editing
          ? []
          : [{ label: 'Full screen', run: () => onView(tile.key) }];
        return (
          <div className={styles['panelHost']} style={{ minHeight: Math.max(40, tile.grid.h * 38 - 8) }}>
            <PanelView
              panel={tile.panel}
              values={tile.values}
              actions={[...looks, ...edits]}
              handle={handle}
              {...common}
            />
          </div>
        );
      }}
    </Grid>
  );
}

function RowMenu({ title, actions }: { readonly title: string; readonly actions: readonly PanelAction[] }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Actions of the row ${title}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ label, run }) => (
          <Menu.Item key={label} onClick={run}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
