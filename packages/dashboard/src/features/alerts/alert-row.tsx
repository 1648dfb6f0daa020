import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { RelativeTime } from '../../ui/figures.tsx';
import { IconCheck, IconChevronDown, IconChevronRight } from '../../ui/icons.ts';
import styles from './alerts.module.css';
import type { Alert } from './contracts.ts';
import { LabelChips } from './label-chips.tsx';
import { acknowledgedBy } from './paged.ts';
import { type Row, sentenceOf } from './rows.ts';
import { loudnessOf, StateIcon, StateMark } from './state-mark.tsx';

interface AlertRowProps {
  readonly alert: Alert;
  readonly grouped: boolean;
  readonly chosen: boolean;
  readonly choose: (alerts: readonly Alert[], chosen: boolean) => void;
  readonly filterBy: (matcher: string) => void;
}

const NAMED = ['alertname', 'severity'];

/** One alert: whether it fires, what it says, since when, and its labels. */
export const AlertRow = memo(({ alert, grouped, chosen, choose, filterBy }: AlertRowProps) => {
  const name = alert.labels['alertname'] ?? 'unnamed';
  const severity = alert.labels['severity'];
  const seenBy = acknowledgedBy(alert);
  return (
    <div className={styles['alert']} data-grouped={grouped}>
      <Checkbox
        size="xs"
        aria-label={`Choose ${name}`}
        checked={chosen}
        onChange={(event) => choose([alert], event.currentTarget.checked)}
      />
      <StateMark alert={alert} />
      <div className={styles['what']}>
        <span className={styles['titleLine']}>
          <Link
            to="/alerts/$fingerprint"
            params={{ fingerprint: alert.fingerprint }}
            search={{}}
            className={styles['title']}
          >
            <b>{name}</b> {sentenceOf(alert)}
          </Link>
          {alert.state === 'folded' && <span className={styles['folded']}>{alert.folded_because}</span>}
          {seenBy !== '' && (
            <span className={styles['ack']}>
              <IconCheck size={14} aria-hidden />
              acknowledged by {seenBy}
            </span>
          )}
        </span>
        <LabelChips labels={alert.labels} without={NAMED} filterBy={filterBy} />
      </div>
      <span className={styles['severity']}>{severity}</span>
      <span className={styles['when']}>
        <RelativeTime at={alert.since} />
      </span>
    </div>
  );
});

interface GroupRowProps {
  readonly row: Extract<Row, { kind: 'group' }>;
  readonly by: string;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (alerts: readonly Alert[], chosen: boolean) => void;
  readonly turn: (value: string) => void;
}

/** "3 firing, 2 silenced" */
function statesOf(alerts: readonly Alert[]): string {
  const counts = new Map<string, number>();
  for (const { state } of alerts) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count.toLocaleString('en')} ${state}`).join(', ');
}

/** The head of a group: how many there are, and how they are. */
export function GroupRow({ row: { value, alerts, open }, by, chosen, choose, turn }: GroupRowProps) {
  const many = alerts.filter(({ fingerprint }) => chosen.has(fingerprint)).length;
  const first = alerts[0];
  const label = value === '' ? `without ${by}` : value;
  return (
    <div className={styles['group']}>
      <Checkbox
        size="xs"
        aria-label={`Choose all of ${label}`}
        checked={many === alerts.length}
        indeterminate={many > 0 && many < alerts.length}
        onChange={(event) => choose(alerts, event.currentTarget.checked)}
      />
      <button
        type="button"
        className={styles['groupButton']}
        aria-expanded={open}
        onClick={() => turn(value)}
      >
        {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
        {first !== undefined && (
          <span className={styles['state']} data-state={first.state} data-loudness={loudnessOf(first)}>
            <StateIcon state={first.state} loudness={loudnessOf(first)} />
          </span>
        )}
        <b>{label}</b>
        <span className={styles['quiet']}>{statesOf(alerts)}</span>
      </button>
    </div>
  );
}
