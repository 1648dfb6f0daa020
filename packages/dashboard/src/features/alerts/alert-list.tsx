import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useRowList } from '../../ui/use-row-list.ts';
import { VirtualList } from '../../ui/virtual-list.tsx';
import { AlertRow, GroupRow } from './alert-row.tsx';
import styles from './alerts.module.css';
import type { Alert } from './contracts.ts';
import type { Row } from './rows.ts';

const ROW_PX = 52;

interface AlertListProps {
  readonly rows: readonly Row[];
  readonly by: string;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (alerts: readonly Alert[], chosen: boolean) => void;
  readonly turn: (value: string) => void;
  readonly open: (alert: Alert) => void;
  readonly filterBy: (matcher: string) => void;
  /** Silences what is chosen, or else these. */
  readonly silence: (alerts: readonly Alert[]) => void;
  /** Acknowledges the pages of what is chosen, or else of these. */
  readonly acknowledge: (alerts: readonly Alert[]) => void;
}

function alertsOf(row: Row | undefined): readonly Alert[] {
  if (row === undefined) return [];
  return row.kind === 'group' ? row.alerts : [row.alert];
}

/** The alerts in sight, of however many there are; the keyboard walks, chooses, acknowledges and silences them. */
export function AlertList(props: AlertListProps) {
  const { rows, by, chosen, choose, turn, open, filterBy, silence, acknowledge } = props;
  const list = useRowList({
    count: rows.length,
    heightPx: ROW_PX,
    keyOf: (index) => {
      const row = rows[index];
      return row === undefined ? index : row.kind === 'group' ? `group ${row.value}` : row.alert.fingerprint;
    },
    what: 'alert',
    open: (index) => {
      const row = rows[index];
      if (row?.kind === 'group') turn(row.value);
      else if (row !== undefined) open(row.alert);
    },
  });
  const at = alertsOf(rows[list.selected]);
  useHotkeys([
    {
      keys: 'x',
      label: 'Choose the alert, or let it go',
      group: 'Lists',
      run: () => choose(at, !at.every(({ fingerprint }) => chosen.has(fingerprint))),
    },
    { keys: 's', label: 'Silence what is chosen', group: 'Lists', run: () => silence(at) },
    { keys: 'a', label: 'Acknowledge what is chosen', group: 'Lists', run: () => acknowledge(at) },
  ]);
  return (
    <VirtualList list={list} className={styles['list']} label="Alerts, the most urgent first">
      {(index) => {
        const row = rows[index];
        if (row === undefined) return null;
        return row.kind === 'group' ? (
          <GroupRow row={row} by={by} chosen={chosen} choose={choose} turn={turn} />
        ) : (
          <AlertRow
            alert={row.alert}
            grouped={row.grouped}
            chosen={chosen.has(row.alert.fingerprint)}
            choose={choose}
            filterBy={filterBy}
          />
        );
      }}
    </VirtualList>
  );
}
