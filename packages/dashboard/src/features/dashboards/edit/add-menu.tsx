import { Button, Menu } from '@mantine/core';
import type { PanelType } from '../model.ts';
import styles from './edit.module.css';

const ADDABLE: readonly { readonly type: PanelType; readonly label: string }[] = [
  { type: 'timeseries', label: 'Time series' },
  { type: 'stat', label: 'Figure' },
  { type: 'gauge', label: 'Gauge' },
  { type: 'bar', label: 'Bars' },
  { type: 'table', label: 'Table' },
  { type: 'heatmap', label: 'Heatmap' },
  { type: 'statetimeline', label: 'State timeline' },
  { type: 'text', label: 'Text' },
  { type: 'row', label: 'Row' },
];

export function AddMenu({ onAdd }: { readonly onAdd: (type: PanelType) => void }) {
  return (
    <div className={styles['add']}>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button size="xs" variant="default">
            Add a panel
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ADDABLE.map(({ type, label }) => (
            <Menu.Item key={type} onClick={() => onAdd(type)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <span className={styles['hint']}>
        Drag a panel by its handle or its corner, or focus the handle and use the arrow keys (Shift sizes).
      </span>
    </div>
  );
}
