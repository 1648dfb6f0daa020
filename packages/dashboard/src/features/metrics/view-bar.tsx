import { Button, SegmentedControl, Select, Switch } from '@mantine/core';
import { IconPlayerPlay, IconPlus } from '../../ui/icons.ts';
import styles from './explorer.module.css';
import { DEFAULT_TOP, type ExplorerSearch, TOPS } from './search.ts';

export interface ViewBarProps {
  readonly search: ExplorerSearch;
  readonly show: (next: Partial<ExplorerSearch>) => void;
  readonly run: () => void;
  readonly add: () => void;
  readonly full: boolean;
}

/** Running, and how the answers are shown. */
export function ViewBar({ search, show, run, add, full }: ViewBarProps) {
  const table = search.view === 'table';
  return (
    <div className={styles['bar']}>
      <Button size="xs" leftSection={<IconPlayerPlay size={14} />} onClick={run}>
        Run
      </Button>
      <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} disabled={full} onClick={add}>
        Add a query
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="View"
        value={table ? 'table' : 'graph'}
        onChange={(view) => show({ view: view === 'table' ? 'table' : undefined })}
        data={[
          { value: 'graph', label: 'Graph' },
          { value: 'table', label: 'Table' },
        ]}
      />
      {!table && (
        <>
          <Switch
            size="xs"
            label="Stacked"
            checked={search.stack === true}
            onChange={(event) => show({ stack: event.currentTarget.checked || undefined })}
          />
          <Switch
            size="xs"
            label="Exemplars"
            checked={search.ex === true}
            onChange={(event) => show({ ex: event.currentTarget.checked || undefined })}
          />
          <Select
            size="xs"
            w={{ base: 190, sm: 148 }}
            aria-label="Series drawn at most"
            allowDeselect={false}
            value={String(search.top ?? DEFAULT_TOP)}
            data={TOPS.map((top) => ({ value: String(top), label: `Draw ${top} series` }))}
            onChange={(top) => show({ top: top === String(DEFAULT_TOP) ? undefined : Number(top) })}
          />
        </>
      )}
    </div>
  );
}
