import { Button, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useTimeRange } from '../../time/use-range.ts';
import { copyText } from '../../ui/copy.ts';
import { IconHistory, IconList, IconPlus, IconShare } from '../../ui/icons.ts';
import { AddToDashboard } from './add-to-dashboard.tsx';
import styles from './explorer.module.css';
import { GraphResults } from './graph-results.tsx';
import { HistoryModal } from './history-modal.tsx';
import { MetricBrowser } from './metric-browser.tsx';
import { QueryList } from './query-list.tsx';
import { letterOf } from './search.ts';
import { Start } from './start.tsx';
import { TableView } from './table-view.tsx';
import { useExplorer } from './use-explorer.ts';
import { useInstantResults, useRangeResults } from './use-results.ts';
import { ViewBar } from './view-bar.tsx';

export function ExplorerPage() {
  const explorer = useExplorer();
  const { search, active } = explorer;
  const [range] = useTimeRange();
  const table = search.view === 'table';
  const graphs = useRangeResults(active, range, !table);
  const tables = useInstantResults(active, range, table);
  const [opened, setOpened] = useState<'history' | 'metrics' | 'dashboard' | null>(null);
  const close = (): void => setOpened(null);
  useHotkeys([
    { keys: 'e', label: 'Run the queries', group: 'Page', run: explorer.run },
    { keys: 'm', label: 'Browse the metrics', group: 'Page', run: () => setOpened('metrics') },
  ]);
  return (
    <>
      <div className={styles['head']}>
        <h1>Explore metrics</h1>
        <div className={styles['actions']}>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconList size={14} />}
            onClick={() => setOpened('metrics')}
          >
            Metrics
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconHistory size={14} />}
            onClick={() => setOpened('history')}
          >
            History
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            disabled={active.length === 0}
            onClick={() => setOpened('dashboard')}
          >
            Add to a dashboard
          </Button>
          <Tooltip label="Copies a link to these queries and this time range" openDelay={400}>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconShare size={14} />}
              onClick={() => copyText(window.location.href, 'The link')}
            >
              Share
            </Button>
          </Tooltip>
        </div>
      </div>
      <QueryList explorer={explorer} results={table ? tables : graphs} range={range} table={table} />
      <ViewBar
        search={search}
        show={explorer.show}
        run={explorer.run}
        add={explorer.addEmpty}
        full={explorer.full}
      />
      {active.length === 0 && <Start run={explorer.replace} browse={() => setOpened('metrics')} />}
      {active.length > 0 && !table && (
        <GraphResults active={active} results={graphs} range={range} search={search} />
      )}
      {table &&
        active.map(({ index }, at) => (
          <TableView
            key={index}
            letter={letterOf(index)}
            vector={tables[at]?.data?.vector}
            loading={tables[at]?.isLoading === true}
          />
        ))}
      <HistoryModal
        opened={opened === 'history'}
        close={close}
        choose={(queries) => {
          close();
          explorer.replace(queries);
        }}
      />
      <AddToDashboard
        opened={opened === 'dashboard'}
        close={close}
        queries={active.map(({ index, text }) => ({ ref: letterOf(index), expr: text }))}
        table={table}
      />
      <MetricBrowser
        opened={opened === 'metrics'}
        close={close}
        use={(query) => {
          close();
          explorer.add(query);
        }}
      />
    </>
  );
}
